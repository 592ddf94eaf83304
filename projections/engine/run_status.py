"""Persists the status of projection runs, so that every process can show it, and pauses projections.

A run is written when something about it changes, at most once a second, and together with the runner's heartbeat. How far it
has come is what its checkpoint says.
"""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import structlog

from events.log import LogUnavailable
from events.timestamps import now_us
from projections.engine.dead_letters import ProjectionFailed, describe
from projections.engine.projection import Projection
from projections.engine.store import ReadModels

RUNNER: Final = "projector"
"""The name of the process that runs the projections, in its lock and in its heartbeat."""
WRITE_SECONDS: Final = 1.0
ALIVE_SECONDS: Final = 5.0
"""Seconds between two heartbeats of a runner."""
DEAD_SECONDS: Final = 20.0
"""Age of the last heartbeat at which the runner counts as dead."""
INTERRUPTED: Final = "interrupted; the next rebuild goes on from there"

CHECKPOINTS: Final = "SELECT name, version, position FROM projection_checkpoints"
PAUSED: Final = "SELECT name FROM projection_pauses"
_PAUSE: Final = """
INSERT INTO projection_pauses (name, paused_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"""
_RESUME: Final = "DELETE FROM projection_pauses WHERE name = $1"
_RUNNER: Final = """
INSERT INTO projection_runners (name, runner, started_at, seen_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET runner = excluded.runner, started_at = excluded.started_at, seen_at = excluded.seen_at"""
_RUN: Final = """
INSERT INTO projection_runs (name, version, runner, started_at, seen_at, finished_at, rate, error, error_position)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, runner = excluded.runner, started_at = excluded.started_at,
seen_at = excluded.seen_at, finished_at = excluded.finished_at, rate = excluded.rate, error = excluded.error,
error_position = excluded.error_position"""

_log = structlog.get_logger("trivia.projections")


class Run(msgspec.Struct):
    """A row of `projection_runs`: a projection being run, or rebuilt, by one process."""

    name: str
    version: int
    runner: str
    started_at: int
    seen_at: int
    finished_at: int | None = None
    rate: float | None = None
    error: str | None = None
    error_position: int | None = None

    @classmethod
    def begun(cls, projection: Projection, suffix: str = "") -> "Run":
        """A run of this process that begins now."""
        return cls(projection.name + suffix, projection.version, runner_name(), now_us(), now_us())

    def failed(self, error: Exception) -> bool:
        """Note why it does not go on; whether that changes its status."""
        message = describe_failure(error)
        is_change = message != self.error
        self.error = message
        self.error_position = error.event.position if isinstance(error, ProjectionFailed) else None
        return is_change


def runner_name() -> str:
    """Host and process id of this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def describe_failure(error: Exception) -> str:
    """Why a projection does not go on, in words."""
    if isinstance(error, ProjectionFailed | LogUnavailable | Stopped):
        return str(error)
    return describe(error)


class Stopped(Exception):
    """Something other than an event keeps a projection from going on.

    The message says what, and what to do.
    """


async def write_runs(models: ReadModels, runs: Sequence[Run], *, leading_since: int | None = None) -> None:
    """Write the status of these runs, and the heartbeat of a process that leads.

    Raises LogUnavailable.
    """
    seen = now_us()
    for run in runs:
        run.seen_at = seen
    statements = [(_RUN, [msgspec.structs.astuple(run) for run in runs])] if runs else []
    if leading_since is not None:
        statements.append((_RUNNER, [(RUNNER, runner_name(), leading_since, seen)]))
    await models.execute(statements)


class RunStatusWriter:
    """Writes the status of runs while this process leads.

    Set `changed` when something about them has.
    """

    def __init__(self, models: ReadModels, runs: Sequence[Run]) -> None:
        self.changed = False
        self._models = models
        self._runs = runs
        self._leading_since: int | None = None
        self._written = 0.0

    def leads(self, leads: bool) -> None:  # noqa: FBT001 - a state, not a switch
        """Say whether this process leads now."""
        if not leads:
            self._leading_since = None
        elif self._leading_since is None:
            self._leading_since = now_us()
            self._written = -ALIVE_SECONDS

    async def run(self) -> None:
        """Write while this process leads, until cancelled.

        In a task of its own, so that heartbeats go on during a batch.
        """
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            is_due = self.changed or time.monotonic() - self._written >= ALIVE_SECONDS
            if self._leading_since is None or not is_due:
                continue
            self.changed, self._written = False, time.monotonic()
            try:
                await write_runs(self._models, self._runs, leading_since=self._leading_since)
            except Exception as error:  # noqa: BLE001 - a status that cannot be written must not stop the run
                self.changed = True
                _log.warning("projection_status_not_written", reason=describe(error))


@asynccontextmanager
async def recorded_run(models: ReadModels, run: Run) -> AsyncIterator[Run]:
    """Write the status of a run when it begins, once a second while the block runs, and when it ends, however that is."""
    writing = asyncio.create_task(_keep_writing(models, run))
    try:
        await write_runs(models, [run])
        yield run
    except BaseException as error:
        if isinstance(error, Exception):
            run.failed(error)
        else:
            run.error = INTERRUPTED
        raise
    else:
        run.finished_at = now_us()
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        with contextlib.suppress(LogUnavailable):
            await write_runs(models, [run])


async def _keep_writing(models: ReadModels, run: Run) -> None:
    while True:
        await asyncio.sleep(WRITE_SECONDS)
        with contextlib.suppress(LogUnavailable):
            await write_runs(models, [run])


async def set_paused(models: ReadModels, projections: Sequence[Projection], *, paused: bool) -> None:
    """Pause projections, or resume them; the process that runs them does so within a round.

    Raises LogUnavailable.
    """
    if paused:
        await models.execute([(_PAUSE, [(projection.name, now_us()) for projection in projections])])
    else:
        await models.execute([(_RESUME, [(projection.name,) for projection in projections])])
