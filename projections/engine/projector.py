"""Runs the projections of a process: reads the log, folds batches, moves checkpoints.

Any number of processes may run; one leads at a time (`Leadership`), and the compare-and-set of the checkpoint keeps two that both
believe to lead from applying an event twice.
"""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Container, Sequence
from typing import Final

import structlog

from events.log import EventLog, LogUnavailable
from events.registry import type_names
from events.timestamps import now_us
from projections.engine.dead_letters import ProjectionFailed
from projections.engine.folding import fold
from projections.engine.projection import Projection
from projections.engine.run_status import CHECKPOINTS, PAUSED, Run, RunStatusWriter, Stopped
from projections.engine.store import CheckpointMoved, ReadModels

INTERVAL_SECONDS: Final = 1.0
"""Pause between rounds.

Each projection takes part when its own interval has passed, or when it is FAR_BEHIND.
"""
FAR_BEHIND: Final = 500_000
"""Events of lag at which a projection does not wait for its interval."""
RETRY_SECONDS: Final = 2.0
RENEW_SECONDS: Final = 60.0
"""Pause before the rebuild of rows of an older version is tried again, should it have failed."""

_log = structlog.get_logger("trivia.projector")


class Leadership(ABC):
    """The right to run the projections, held by one process at a time and lost with its life."""

    @abstractmethod
    async def acquire(self) -> bool:
        """Try to take it, or check that it is still held; False when another process has it."""

    @abstractmethod
    async def release(self) -> None:
        """Give it up."""


Renew = Callable[[Projection], Awaitable[None]]
"""Rebuilds a projection in the background, unless a rebuild runs already."""


class Projector:
    """Keeps every projection's rows close behind the head of the log while `run` runs, and writes their status.

    Rows of an older version of a projection are left to `renew`.
    """

    def __init__(
        self,
        log: EventLog,
        models: ReadModels,
        projections: Sequence[Projection],
        leadership: Leadership,
        renew: Renew | None = None,
    ) -> None:
        self._log = log
        self._models = models
        self._projections = projections
        self._leadership = leadership
        self._renew = renew
        self._due: dict[str, float] = {}
        self._reached: dict[str, int] = {}
        self._renew_due: dict[str, float] = {}
        self._runs = {projection.name: Run.begun(projection) for projection in projections}
        self._status = RunStatusWriter(models, list(self._runs.values()))

    async def run(self) -> None:
        """Lead whenever no other process does, and follow the log meanwhile; until cancelled."""
        writing = asyncio.create_task(self._status.run())
        try:
            while True:
                try:
                    leads = await self._leadership.acquire()
                    self._status.leads(leads)
                    if leads:
                        await self._round()
                    await asyncio.sleep(INTERVAL_SECONDS)
                except LogUnavailable as error:
                    _log.warning("projector_unavailable", reason=str(error))
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            writing.cancel()
            with contextlib.suppress(LogUnavailable):
                await self._leadership.release()

    async def _round(self) -> None:
        # Checkpoints before the head: one that is beyond it then has never been in this log.
        found = {name: (version, position) for name, version, position in await self._models.fetch(CHECKPOINTS)}
        paused = {name for (name,) in await self._models.fetch(PAUSED)}
        head = await self._log.head()
        for projection in self._projections:
            name, now = projection.name, time.monotonic()
            is_early = now < self._due.get(name, 0) and head - self._reached[name] < FAR_BEHIND
            if is_early or name in paused:
                continue
            self._due[name], self._reached[name] = now + projection.interval, head
            await self._attempt(projection, found.get(name), head)

    async def _attempt(self, projection: Projection, found: tuple[int, int] | None, head: int) -> None:
        """Take one projection to `head`; whatever goes wrong with it must not stop the others.

        Raises LogUnavailable.
        """
        run = self._runs[projection.name]
        try:
            version, position = found or (projection.version, 0)
            if version < projection.version and self._renew is not None:
                await self._have_renewed(projection, self._renew)
                return
            check(projection, version, position, head)
            await self._fold(projection, run, position, head)
        except CheckpointMoved:
            _log.info("projection_moved_elsewhere", projection=projection.name)
        except Exception as error:  # noqa: BLE001 - whatever a projection raises must not stop the others
            # A table may be at fault, or the database; of the latter all have to wait.
            if not isinstance(error, ProjectionFailed | Stopped) and await restore(self._models, projection):
                return
            self._note(projection, run, error)

    async def _have_renewed(self, projection: Projection, renew: Renew) -> None:
        if time.monotonic() >= self._renew_due.get(projection.name, 0):
            self._renew_due[projection.name] = time.monotonic() + RENEW_SECONDS
            await renew(projection)

    async def _fold(self, projection: Projection, run: Run, position: int, head: int) -> None:
        start = time.monotonic()

        def progress(reached: int) -> None:
            run.rate = (reached - position) / max(time.monotonic() - start, 0.001)

        await catch_up(self._log, self._models, projection, head, progress=progress)
        if run.finished_at is None or run.error is not None:
            run.finished_at = run.finished_at or now_us()
            run.error = run.error_position = None
            self._status.changed = True

    def _note(self, projection: Projection, run: Run, error: Exception) -> None:
        if run.failed(error):
            self._status.changed = True
            is_foreseen = isinstance(error, ProjectionFailed | Stopped | LogUnavailable)
            _log.error(
                "projection_failed",
                projection=projection.name,
                reason=run.error,
                exc_info=None if is_foreseen else error,
            )


async def restore(models: ReadModels, *projections: Projection) -> list[str]:
    """Make the tables of projections that are missing; the projector fills them.

    Raises LogUnavailable.
    """
    made = []
    for projection in projections:
        if tables := await models.restore(projection):
            _log.warning("read_model_tables_restored", projection=projection.name, tables=tables)
            made += tables
    return made


def check(projection: Projection, version: int, position: int, head: int) -> None:
    """Raise Stopped unless rows of this version at this position can be taken further along a log that ends at `head`."""
    if version < projection.version:
        raise Stopped(
            f"its rows are of version {version}, and this software makes version {projection.version}; rebuild it"
        )
    if version > projection.version:
        raise Stopped(
            f"its rows are of version {version}, made by newer software; this one knows version {projection.version}"
        )
    if position > head:
        raise Stopped(
            f"it stands at {position}, but the log ends at {head}: this is not the log it was made from, or an older copy; rebuild it"
        )


async def catch_up(
    log: EventLog,
    models: ReadModels,
    projection: Projection,
    until: int,
    *,
    batch: int | None = None,
    progress: Callable[[int], None] | None = None,
    without: Container[int] = (),
) -> None:
    """Fold the log up to position `until`, but for the events at the positions in `without`.

    In transactions of `batch` events, or of as many as the projection says; `progress` is called with each position reached.
    Raises CheckpointMoved and LogUnavailable, and ProjectionFailed for an event that cannot become a dead letter.
    """
    types = type_names(projection.handles)
    batch = batch or projection.batch
    position = await models.checkpoint(projection)
    while position < until:
        events = await log.read(position, limit=batch, until=until, types=types)
        reached = events[-1].position if len(events) == batch else until
        await fold(models, projection, position, reached, [e for e in events if e.position not in without])
        position = reached
        if progress is not None:
            progress(position)
