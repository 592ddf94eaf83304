"""Runs the projections of a process: reads the log, folds batches, moves checkpoints.

Any number of processes may run; one leads at a time (`Leadership`), and the compare-and-set of the checkpoint keeps two that both
believe to lead from applying an event twice.
"""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Sequence
from typing import Final

import structlog

from events.log import EventLog, LogUnavailable
from projections.folding import fold
from projections.projection import Projection
from projections.store import CheckpointMoved, ReadModels

INTERVAL_SECONDS: Final = 1.0
"""Pause between rounds; each projection takes part when its own interval has passed, or when it is FAR_BEHIND."""
FAR_BEHIND: Final = 500_000
"""Events of lag at which a projection does not wait for its interval."""
RETRY_SECONDS: Final = 2.0

_log = structlog.get_logger("trivia.projector")


class Leadership(ABC):
    """The right to run the projections, held by one process at a time and lost with its life."""

    @abstractmethod
    async def acquire(self) -> bool:
        """Try to take it, or check that it is still held; False when another process has it."""

    @abstractmethod
    async def release(self) -> None:
        """Give it up."""


class Projector:
    """Keeps every projection's rows close behind the head of the log while `run` runs."""

    def __init__(
        self, log: EventLog, models: ReadModels, projections: Sequence[Projection], leadership: Leadership
    ) -> None:
        self._log = log
        self._models = models
        self._projections = projections
        self._leadership = leadership
        self._due: dict[str, float] = {}
        self._reached: dict[str, int] = {}

    async def run(self) -> None:
        """Lead whenever nobody else does, and follow the log meanwhile; until cancelled."""
        try:
            while True:
                try:
                    if await self._leadership.acquire():
                        await self._round()
                    await asyncio.sleep(INTERVAL_SECONDS)
                except LogUnavailable as error:
                    _log.warning("projector waits", reason=str(error))
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            with contextlib.suppress(LogUnavailable):
                await self._leadership.release()

    async def _round(self) -> None:
        head = await self._log.head()
        for projection in self._projections:
            name, now = projection.name, time.monotonic()
            if now < self._due.get(name, 0) and head - self._reached[name] < FAR_BEHIND:
                continue
            self._due[name], self._reached[name] = now + projection.interval, head
            try:
                await catch_up(self._log, self._models, projection, head)
            except LogUnavailable:
                raise
            except CheckpointMoved:
                _log.info("another process runs this projection", projection=projection.name)
            except Exception:  # noqa: BLE001 - whatever a projection raises is its own affair
                # One projection that fails must not stop the others; readers add the log's tail to what it has.
                _log.exception("projection failed", projection=projection.name)


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

    In transactions of `batch` events, or of as many as the projection says; `progress` hears of each position reached.
    Raises CheckpointMoved and LogUnavailable, and ProjectionFailed for an event that cannot be taken in nor parked.
    """
    types = [kind.__name__ for kind in projection.handles]
    batch = batch or projection.batch
    position = await models.checkpoint(projection)
    while position < until:
        events = await log.read(position, limit=batch, until=until, types=types)
        reached = events[-1].position if len(events) == batch else until
        await fold(models, projection, position, reached, [e for e in events if e.position not in without])
        position = reached
        if progress is not None:
            progress(position)
