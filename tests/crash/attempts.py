"""Appends of two kinds: a full one touches all that an append can touch (two streams, a guard, a command), a plain one a single stream."""

from events.log import ANY, EXISTS, NO_STREAM, Appended, EventLog, Guard
from tests.support.sample_events import command, write

EVENTS = 3


async def prepare_for_attempts(log: EventLog) -> None:
    """Position 1: the stream that attempts are guarded by."""
    await log.append([write("start", NO_STREAM)])


async def attempt(log: EventLog, number: int, *, plain: bool = False) -> Appended:
    """The append with this number. The same number again is the same command, unless it is plain."""
    if plain:
        return await log.append([write("own", EVENTS * number, *[number] * EVENTS)])
    return await log.append(
        [write("own", 2 * number, number, number), write("shared", ANY, number)],
        guards=[Guard("start", EXISTS)],
        command=command(f"attempt-{number}"),
    )
