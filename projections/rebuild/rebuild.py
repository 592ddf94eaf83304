"""Rebuilds a projection beside the live one, and switches to it.

The copy is folded from the log in large batches, each stored with the copy's own checkpoint, so an interrupted rebuild goes
on where it was. Nothing of the live projection is touched until the switch, which is one transaction.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final

from events.log import EventLog, LogUnavailable
from projections.engine.projection import Projection
from projections.engine.projector import Leadership, restore
from projections.engine.run_status import Run, recorded_run
from projections.engine.store import ReadModels
from projections.rebuild.multi_fold import fold_together

SUFFIX: Final = "__rebuild"
BATCH: Final = 1_000_000
"""Events folded between two stores at most.

What is folded again after a crash, some ten seconds' worth.
"""
SWITCHES: Final = 50
"""How often the switch is tried while readers stand in its way or the live projection runs ahead."""

Progress = Callable[[int, int], None]
"""Called with the position reached and the head."""


class RebuildRunning(Exception):
    """Another process is rebuilding this projection."""


class SwitchFailed(Exception):
    """The copy is complete, but readers kept the switch from happening.

    The old tables stay, and the copy is kept.
    """


async def rebuild(
    log: EventLog,
    models: ReadModels,
    projection: Projection,
    lock: Leadership,
    progress: Progress,
    *,
    fresh: bool = False,
) -> int:
    """Rebuild one projection and switch to it; the position of the new tables. See rebuild_all."""
    return (await rebuild_all(log, models, [(projection, lock)], progress, fresh=fresh))[projection.name]


async def rebuild_all(
    log: EventLog,
    models: ReadModels,
    projections: Sequence[tuple[Projection, Leadership]],
    progress: Progress,
    *,
    fresh: bool = False,
) -> dict[str, int]:
    """Rebuild projections in one pass over the log, each with its lock, and switch to each; the positions of the new tables.

    Goes on with the copies that an interrupted rebuild has left, unless `fresh`. A rebuild is strict, and switches to no
    copy before all are built. Raises RebuildRunning, SwitchFailed, LogUnavailable, and ProjectionFailed for
    an event that a projection cannot apply.
    """
    async with AsyncExitStack() as opened:
        for projection, lock in projections:
            if not await lock.acquire():
                raise RebuildRunning(f"{projection.name} is being rebuilt by another process")
            opened.push_async_callback(lock.release)
        runs = [
            await opened.enter_async_context(recorded_run(models, Run.begun(projection, SUFFIX)))
            for projection, _ in projections
        ]
        for projection, _ in projections:
            await restore(models, projection)
        copy = models.copy(SUFFIX)
        every = [projection for projection, _ in projections]
        begun_at = min([await _prepare(log, copy, projection, fresh=fresh) for projection in every])
        start = time.monotonic()

        def report(position: int, head: int) -> None:
            for run in runs:
                run.rate = (position - begun_at) / max(time.monotonic() - start, 0.001)
            progress(position, head)

        await _fold(log, copy, every, report)
        return {projection.name: await _finish(log, models, projection, report) for projection in every}


async def _prepare(log: EventLog, copy: ReadModels, projection: Projection, *, fresh: bool) -> int:
    """Make the tables of a copy, or find those that are left.

    The position up to which it is folded.
    """
    begun_at = await copy.checkpoint(projection)
    if fresh or begun_at > await log.head():
        await copy.discard(projection)
        begun_at = 0
    await copy.create(projection)
    return begun_at


async def _fold(log: EventLog, copy: ReadModels, projections: Sequence[Projection], progress: Progress) -> int:
    """Fold up to the head of now, which it returns."""
    head = await log.head()
    await fold_together(log, copy, projections, head, BATCH, lambda position: progress(position, head))
    return head


async def _finish(log: EventLog, models: ReadModels, projection: Projection, progress: Progress) -> int:
    """Fold what has come meanwhile, and switch."""
    copy = models.copy(SUFFIX)
    for _ in range(SWITCHES):
        live = await models.checkpoint(projection)
        head = await _fold(log, copy, [projection], progress)
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
