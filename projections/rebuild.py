"""Building a projection anew beside the live one, and putting it in its place.

The copy is folded from the log in large batches, each of them a transaction with the copy's own checkpoint, so a rebuild that was
interrupted, by whatever, goes on where it was. Nothing of the live projection is touched until the switch, which is one transaction.
"""

import time
from collections.abc import Callable
from typing import Final

from events.log import EventLog, LogUnavailable
from projections.projection import Projection
from projections.projector import Leadership, catch_up
from projections.reports import Run, reported
from projections.store import ReadModels

SUFFIX: Final = "__rebuild"
BATCH: Final = 20_000
"""Events folded in one transaction: enough for bulk inserts, few enough to hold in memory."""
SWITCHES: Final = 50
"""How often the switch is tried while readers stand in its way or the live projection runs ahead."""

Progress = Callable[[int, int], None]
"""Hears of the position reached and the head."""


class RebuildRunning(Exception):
    """Another process is rebuilding this projection."""


class SwitchFailed(Exception):
    """The copy is complete, but readers kept the switch from happening; the old tables serve on, and so may the copy later."""


async def rebuild(
    log: EventLog,
    models: ReadModels,
    projection: Projection,
    lock: Leadership,
    progress: Progress,
    *,
    fresh: bool = False,
) -> int:
    """Build the projection anew and switch to it; the position that the new tables stand at.

    Goes on with a copy that an interrupted rebuild has left, unless `fresh`. Raises RebuildRunning, SwitchFailed, LogUnavailable,
    MissingTable, and ProjectionFailed for an event that the projection cannot take in: a rebuild is strict.
    """
    if not await lock.acquire():
        raise RebuildRunning(f"{projection.name} is being rebuilt by another process")
    try:
        async with reported(models, Run.begun(projection, SUFFIX)) as run:
            return await _rebuild(log, models, projection, progress, run, fresh=fresh)
    finally:
        await lock.release()


async def _rebuild(
    log: EventLog, models: ReadModels, projection: Projection, progress: Progress, run: Run, *, fresh: bool
) -> int:
    copy = models.copy(SUFFIX)
    begun_at = await copy.checkpoint(projection)
    if fresh or begun_at > await log.head():
        await copy.discard(projection)
        begun_at = 0
    await copy.create(projection)
    start = time.monotonic()
    for _ in range(SWITCHES):
        live = await models.checkpoint(projection)
        head = await log.head()

        def report(position: int, head: int = head) -> None:
            run.rate = (position - begun_at) / max(time.monotonic() - start, 0.001)
            progress(position, head)

        await catch_up(log, copy, projection, head, batch=BATCH, progress=report)
        reached = await copy.checkpoint(projection)
        # A live checkpoint beyond the end of the log is none that could be waited for.
        if await _switch(copy, projection, live if live > head else None):
            return reached
    raise SwitchFailed(f"{projection.name} is rebuilt, but could not be switched to")


async def _switch(copy: ReadModels, projection: Projection, wrong: int | None) -> bool:
    await copy.index(projection)
    try:
        return await copy.promote(projection, wrong)
    except LogUnavailable:
        # A lock that was not had in time; a database that is gone is noticed at the next try.
        return False
