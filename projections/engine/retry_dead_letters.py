"""Retrying the dead letters of a projection, or dropping them."""

from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import Final

import msgspec

from events.log import EventLog, RecordedEvent
from events.registry import type_names
from projections.engine.dead_letters import DEAD_LETTERS, DeadLetter, DeadLetters
from projections.engine.folding import apply_with_dead_letters
from projections.engine.projection import Projection
from projections.engine.store import Changes, CheckpointMoved, ReadModels

AT_ONCE: Final = 500
"""Events in one transaction."""
_ATTEMPTS: Final = 20
"""How often a transaction is tried while the projection goes on at the same time."""

_COLUMNS: Final = ", ".join(DEAD_LETTERS.columns)
_LIST: Final = f"SELECT {_COLUMNS} FROM parked_events WHERE projection = $1 ORDER BY position LIMIT $2"
_KEYS: Final = "SELECT key FROM parked_events WHERE projection = $1 GROUP BY key ORDER BY min(position)"
_COUNT: Final = "SELECT count(*) FROM parked_events WHERE projection = $1 AND key = $2"
_OF_KEY: Final = f"SELECT {_COLUMNS} FROM parked_events WHERE projection = $1 AND key = $2 ORDER BY position LIMIT $3"

_Work = Callable[[Sequence[DeadLetter], DeadLetters], Awaitable[Changes]]


class Retried(msgspec.Struct, frozen=True):
    """The outcome for one key.

    Dead letters applied (or dropped), how many are left, and the error of the first.
    """

    projection: str
    key: str
    done: int
    left: int
    error: str | None = None


class MayNotDrop(Exception):
    """The rows of this projection would be wrong without its dead letters."""


async def list_dead_letters(models: ReadModels, projection: Projection, limit: int = 1_000) -> list[DeadLetter]:
    """The first dead letters, in the order of the log. Raises LogUnavailable."""
    return [DeadLetter(*row) for row in await models.fetch(_LIST, projection.name, limit)]


async def dead_letter_keys(models: ReadModels, projection: Projection) -> list[str]:
    """The keys with dead letters, the oldest first. Raises LogUnavailable."""
    return [row[0] for row in await models.fetch(_KEYS, projection.name)]


async def retry(log: EventLog, models: ReadModels, projection: Projection, key: str) -> Retried:
    """Apply the dead letters of a key in order, up to one that fails again. Safe while the projection runs.

    Raises CheckpointMoved when it is moved at every attempt, and LogUnavailable.
    """
    types = set(type_names(projection.handles))

    async def apply(found: Sequence[DeadLetter], dead_letters: DeadLetters) -> Changes:
        events = [await _read(log, event) for event in found]
        # An event whose type the projection does not handle any more is done with.
        changes, stopped = await apply_with_dead_letters(
            models, projection, [event for event in events if event.type in types], dead_letters
        )
        if stopped is not None:
            raise stopped
        return changes

    return await _retry(models, projection, key, apply)


async def drop(models: ReadModels, projection: Projection, key: str) -> Retried:
    """Drop the dead letters of a key: its rows stay as if the events had not happened, until a rebuild.

    Raises MayNotDrop, CheckpointMoved and LogUnavailable.
    """
    if not projection.may_drop:
        raise MayNotDrop(f"what {projection.name} keeps would be wrong without these events; retry them, or rebuild")

    async def ignore(_: Sequence[DeadLetter], __: DeadLetters) -> Changes:
        return Changes({})

    return await _retry(models, projection, key, ignore)


async def _retry(models: ReadModels, projection: Projection, key: str, work: _Work) -> Retried:
    done = moved = 0
    while True:
        checkpoint = await models.checkpoint(projection)
        known = await models.dead_letters(projection)
        rows = await models.fetch(_OF_KEY, projection.name, key, AT_ONCE)
        found = [DeadLetter(*row) for row in rows]
        if not found:
            return Retried(projection.name, key, done, 0)
        # All of them are counted already, so there is room for those that stay.
        dead_letters = DeadLetters(projection, known.known, {}, most=inf)
        changes = await work(found, dead_letters)
        again = {event.position for event in dead_letters.added}
        dead_letters.removed = [event.position for event in found if event.position not in again]
        try:
            await models.store(projection, checkpoint, checkpoint, changes, dead_letters)
        except CheckpointMoved:
            moved += 1
            if moved == _ATTEMPTS:
                raise
            continue
        done += len(dead_letters.removed)
        if again:
            ((left,),) = await models.fetch(_COUNT, projection.name, key)
            failed = min(dead_letters.added, key=lambda event: event.position)
            return Retried(projection.name, key, done, left, failed.error)


async def _read(log: EventLog, letter: DeadLetter) -> RecordedEvent:
    (event,) = await log.read(letter.position - 1, limit=1, until=letter.position)
    return event
