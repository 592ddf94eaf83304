"""How runs of projections fare, written down for whoever asks in any process.

Not with every event: a run is written when something about it changes, at most once a second, and together with the runner's sign of
life. How far it has come is what its checkpoint says.
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

from events.log import LogUnavailable
from projections.parking import ProjectionFailed, describe
from projections.projection import Projection
from projections.store import ReadModels

RUNNER: Final = "projector"
WRITE_SECONDS: Final = 1.0
ALIVE_SECONDS: Final = 5.0
"""How often a runner says that it lives."""
DEAD_SECONDS: Final = 20.0
"""After how long without a sign of life nobody is taken to run."""
INTERRUPTED: Final = "interrupted; the next rebuild goes on from there"

_RUNNER: Final = """
INSERT INTO projection_runners (name, runner, started_at, seen_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET runner = excluded.runner, started_at = excluded.started_at, seen_at = excluded.seen_at"""
_RUN: Final = """
INSERT INTO projection_runs (name, version, runner, started_at, seen_at, finished_at, rate, error, error_position)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, runner = excluded.runner, started_at = excluded.started_at,
seen_at = excluded.seen_at, finished_at = excluded.finished_at, rate = excluded.rate, error = excluded.error,
error_position = excluded.error_position"""


def now() -> int:
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000


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
        return cls(projection.name + suffix, projection.version, runner_name(), now(), now())

    def failed(self, error: Exception) -> bool:
        """Note why it does not go on; whether that is news."""
        message = describe_failure(error)
        is_news = message != self.error
        self.error = message
        self.error_position = error.event.position if isinstance(error, ProjectionFailed) else None
        return is_news


def runner_name() -> str:
    """This process, for people."""
    return f"{socket.gethostname()}:{os.getpid()}"


def describe_failure(error: Exception) -> str:
    """Why a projection does not go on, in words."""
    if isinstance(error, ProjectionFailed | LogUnavailable | Stopped):
        return str(error)
    return describe(error)


class Stopped(Exception):
    """Something other than an event keeps a projection from going on; the message says what, and what to do."""


class Speed:
    """Events a second, over the last few measurements."""

    def __init__(self) -> None:
        self.rate: float | None = None

    def add(self, events: int, seconds: float) -> None:
        """So many events were folded in such a time."""
        if events > 0 and seconds > 0:
            rate = events / seconds
            self.rate = rate if self.rate is None else (self.rate + rate) / 2


async def write_runs(models: ReadModels, runs: Sequence[Run], *, leading_since: int | None = None) -> None:
    """Write these runs down, and, of who leads, that it lives. Raises LogUnavailable."""
    seen = now()
    for run in runs:
        run.seen_at = seen
    statements = [(_RUN, [msgspec.structs.astuple(run) for run in runs])] if runs else []
    if leading_since is not None:
        statements.append((_RUNNER, [(RUNNER, runner_name(), leading_since, seen)]))
    await models.execute(statements)


@asynccontextmanager
async def reported(models: ReadModels, run: Run) -> AsyncIterator[Run]:
    """Write a run down when it begins, once a second while the block runs, and when it ends, however that is."""
    await write_runs(models, [run])
    writing = asyncio.create_task(_keep_writing(models, run))
    try:
        yield run
    except BaseException as error:
        if isinstance(error, Exception):
            run.failed(error)
        else:
            run.error = INTERRUPTED
        raise
    else:
        run.finished_at = now()
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
