"""Rebuilds in the background of a process that serves."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import structlog

from events.log import EventLog, LogUnavailable
from projections.engine.dead_letters import ProjectionFailed
from projections.engine.projection import Projection
from projections.engine.projector import Leadership
from projections.engine.run_status import Run, write_runs
from projections.engine.store import ReadModels
from projections.rebuild.rebuild import SUFFIX, RebuildRunning, SwitchFailed, rebuild

LOCK: Final = "rebuild-"
"""What the name of the lock of a rebuild begins with; that of the projection follows."""

_log = structlog.get_logger("trivia.rebuilds")


class Rebuilds:
    """Starts rebuilds; `lock_of` makes the lock that only one of all processes has."""

    def __init__(self, log: EventLog, models: ReadModels, lock_of: Callable[[Projection], Leadership]) -> None:
        self._log = log
        self._models = models
        self._lock_of = lock_of
        self._running: dict[asyncio.Task[None], Leadership] = {}

    async def start(self, projection: Projection) -> None:
        """Begin to rebuild a projection, or go on with an interrupted rebuild; its outcome is in its status.

        Raises RebuildRunning, wherever it runs, and LogUnavailable.
        """
        lock, begun = self._lock_of(projection), False
        try:
            if await lock.acquire():
                # Here, so that the status shows it right after the start.
                await write_runs(self._models, [Run.begun(projection, SUFFIX)])
                begun = True
        finally:
            if not begun:
                await lock.release()
        if not begun:
            raise RebuildRunning(f"{projection.name} is being rebuilt already")
        task = asyncio.create_task(self._run(projection, lock), name=f"rebuild-{projection.name}")
        self._running[task] = lock
        task.add_done_callback(lambda task: self._running.pop(task, None))

    async def renew(self, projection: Projection) -> None:
        """As `start`, unless it is being rebuilt already."""
        with contextlib.suppress(RebuildRunning):
            await self.start(projection)

    async def _run(self, projection: Projection, lock: Leadership) -> None:
        try:
            position = await rebuild(self._log, self._models, projection, lock, lambda *_: None)
        except (ProjectionFailed, SwitchFailed, RebuildRunning, LogUnavailable) as error:
            _log.error("rebuild_failed", projection=projection.name, reason=str(error))
        except Exception:  # noqa: BLE001 - no caller could handle it
            _log.exception("rebuild_failed", projection=projection.name)
        else:
            _log.info("rebuild_finished", projection=projection.name, position=position)

    async def close(self) -> None:
        """Interrupt what runs; the next start goes on where it was."""
        running = dict(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for lock in running.values():
            # One that was cancelled before its first step has not given it back.
            await lock.release()
