"""The status of projections, from the database: the same in every process."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from events.log import EventLog
from events.timestamps import Timestamp, now_us, rfc3339
from projections.engine.live import LIVE_PREFIX
from projections.engine.projection import Projection
from projections.engine.projector import check
from projections.engine.run_status import (
    CHECKPOINTS,
    DEAD_SECONDS,
    INTERRUPTED,
    PAUSED,
    RUNNER,
    Run,
    Stopped,
)
from projections.engine.store import ReadModels
from projections.rebuild.rebuild import SUFFIX

State = Literal["new", "booting", "active", "paused", "detached", "error"]
"""In words:

    new         nothing has been folded yet
    booting     on its way to the head of the log for the first time, or being rebuilt for this version of the software
    active      follows the log
    paused      an operator has stopped it
    detached    nobody runs it
    error       it does not go on; `error` says why
"""
RebuildState = Literal["running", "interrupted", "failed", "done"]

_MICROSECONDS: Final = 1_000_000
_RUNS: Final = f"SELECT {', '.join(Run.__struct_fields__)} FROM projection_runs"
_RUNNER: Final = "SELECT runner, started_at, seen_at FROM projection_runners WHERE name = $1"
_PARKED: Final = "SELECT projection, count(*), count(DISTINCT key) FROM parked_events GROUP BY projection"


_OF_VIEWS: Final = f"""
SELECT projection, position, error FROM parked_events WHERE projection LIKE '{LIVE_PREFIX}%' ORDER BY position"""


class Runner(msgspec.Struct, frozen=True):
    """The process that runs the projections, and its last heartbeat.

    `alive` unless that is too old.
    """

    runner: str
    alive: bool
    seconds_ago: float
    started_at: Timestamp
    seen_at: Timestamp


class Rebuild(msgspec.Struct, frozen=True):
    """The last rebuild of a projection. `rate` in events a second."""

    state: RebuildState
    runner: str
    position: int
    rate: float | None
    seconds_left: float | None
    started_at: Timestamp
    seen_at: Timestamp
    finished_at: Timestamp | None
    error: str | None
    error_position: int | None


class ProjectionStatus(msgspec.Struct, frozen=True):
    """The status of one projection.

    `lag_seconds` is the age of the first event not yet folded; `rate` in events a second.
    """

    name: str
    version: int
    state: State
    checkpoint: int
    head: int
    lag_events: int
    lag_seconds: float
    rate: float | None
    seconds_left: float | None
    parked_keys: int
    parked_events: int
    error: str | None
    error_position: int | None
    rebuild: Rebuild | None


class LiveViewStatus(msgspec.Struct, frozen=True):
    """A view in the memory of each process that could not apply some events.

    Of the first of them, why and where.
    """

    name: str
    dead_letters: int
    error: str
    error_position: int


class Overview(msgspec.Struct, frozen=True):
    """All projections, the process that runs them (null before the first), and the live views with dead letters."""

    head: int
    runner: Runner | None
    projections: list[ProjectionStatus]
    live_views: list[LiveViewStatus]


class _Stored(msgspec.Struct, frozen=True):
    """What is in the tables."""

    checkpoints: Mapping[str, tuple[int, int]]
    runs: Mapping[str, Run]
    parked: Mapping[str, tuple[int, int]]
    paused: frozenset[str]
    runner: Runner | None
    head: int


async def overview(log: EventLog, models: ReadModels, projections: Sequence[Projection]) -> Overview:
    """The status of these projections. Raises LogUnavailable."""
    stored = await _read(log, models)
    views: dict[str, LiveViewStatus] = {}
    for name, position, error in await models.fetch(_OF_VIEWS):
        count = stored.parked.get(name, (1, 1))[0]
        views.setdefault(name, LiveViewStatus(name.removeprefix(LIVE_PREFIX), count, error, position))
    statuses = [await _status(log, stored, each) for each in projections]
    return Overview(stored.head, stored.runner, statuses, list(views.values()))


async def _read(log: EventLog, models: ReadModels) -> _Stored:
    # Checkpoints before the head: one that is beyond it then has never been in this log.
    checkpoints = {row[0]: (row[1], row[2]) for row in await models.fetch(CHECKPOINTS)}
    runner = None
    for name, started_at, seen_at in await models.fetch(_RUNNER, RUNNER):
        runner = Runner(name, _is_alive(seen_at), _seconds_since(seen_at), rfc3339(started_at), rfc3339(seen_at))
    return _Stored(
        checkpoints,
        {row[0]: Run(*row) for row in await models.fetch(_RUNS)},
        {row[0]: (row[1], row[2]) for row in await models.fetch(_PARKED)},
        frozenset([row[0] for row in await models.fetch(PAUSED)]),
        runner,
        await log.head(),
    )


async def _status(log: EventLog, stored: _Stored, projection: Projection) -> ProjectionStatus:
    name = projection.name
    version, position = stored.checkpoints.get(name, (projection.version, 0))
    run = stored.runs.get(name)
    if run is not None and run.version != projection.version:
        run = None
    checkpoint = position if version == projection.version else 0
    lag = max(0, stored.head - checkpoint)
    error, error_position = _error(projection, version, position, stored.head, run)
    events, keys = stored.parked.get(name, (0, 0))
    rate = run.rate if run is not None else None
    return ProjectionStatus(
        name,
        projection.version,
        _state(stored, projection, run, error),
        checkpoint,
        stored.head,
        lag,
        await _age(log, checkpoint) if lag else 0.0,
        rate,
        _seconds_left(lag, rate),
        keys,
        events,
        error,
        error_position,
        _rebuild(stored, projection),
    )


def _error(
    projection: Projection, version: int, position: int, head: int, run: Run | None
) -> tuple[str | None, int | None]:
    if version >= projection.version:
        # Rows of an older version are rebuilt by the process that runs the projections.
        try:
            check(projection, version, position, head)
        except Stopped as stopped:
            return str(stopped), None
    return (None, None) if run is None else (run.error, run.error_position)


def _state(stored: _Stored, projection: Projection, run: Run | None, error: str | None) -> State:
    if error is not None:
        return "error"
    if projection.name in stored.paused:
        return "paused"
    if projection.name not in stored.checkpoints:
        return "new"
    if stored.runner is None or not stored.runner.alive:
        return "detached"
    is_old = stored.checkpoints[projection.name][0] != projection.version
    return "booting" if is_old or run is None or run.finished_at is None else "active"


def _rebuild(stored: _Stored, projection: Projection) -> Rebuild | None:
    run = stored.runs.get(projection.name + SUFFIX)
    if run is None:
        return None
    state = _rebuild_state(run)
    _, position = stored.checkpoints.get(projection.name + SUFFIX, (run.version, 0))
    left = _seconds_left(max(0, stored.head - position), run.rate) if state == "running" else None
    return Rebuild(
        state,
        run.runner,
        position,
        run.rate,
        left,
        rfc3339(run.started_at),
        rfc3339(run.seen_at),
        None if run.finished_at is None else rfc3339(run.finished_at),
        run.error,
        run.error_position,
    )


def _rebuild_state(run: Run) -> RebuildState:
    if run.finished_at is not None:
        return "done"
    if run.error is not None:
        return "interrupted" if run.error == INTERRUPTED else "failed"
    return "running" if _is_alive(run.seen_at) else "interrupted"


async def _age(log: EventLog, checkpoint: int) -> float:
    events = await log.read(checkpoint, limit=1)
    return _seconds_since(events[0].recorded_at) if events else 0.0


def _seconds_left(lag: int, rate: float | None) -> float | None:
    return round(lag / rate, 1) if rate else None


def _seconds_since(then: int) -> float:
    return round(max(0, now_us() - then) / _MICROSECONDS, 1)


def _is_alive(seen_at: int) -> bool:
    return _seconds_since(seen_at) < DEAD_SECONDS
