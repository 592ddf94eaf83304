"""Inline projections: their rows and their checkpoint move inside the transaction that appends.

Who folds an event is decided in the database, by the transaction that moves the checkpoint from exactly where those events
begin. An append with events of the projection's types folds them, and what lies between the checkpoint and them. Where that
is much, or the projection is new, paused, of another version or has dead letters, the append leaves it to the projector.
Appends of other types cost nothing.

So the projector hands over by getting near the head, and no process needs to know which projections others run. A rebuild
folds its last events under the log's lock, and replaces the live rows only where it is further or both are at the head: a
process that has loaded rows of the old tables finds the checkpoint moved. No event is missed, none is folded twice.

A projection that fails on an event keeps nobody from appending: its checkpoint stays, and the projector meets the event.

The rules are generators that yield what they need from the database (`Step`); each database has an executor for them, in
projections.storage: appends to SQLite are synchronous, those to PostgreSQL are not.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import structlog

from events.append_hook import Span
from events.log import RecordedEvent
from events.vocabulary.decoding import Decoded, decode
from projections.engine.dead_letters import describe
from projections.engine.projection import Key, Projection, Row, Table
from projections.engine.store import CHECKPOINT, Changes

MAX_EVENTS: Final = 500
"""Events folded at most while nobody else may append.

Of more, the projector folds the first ones beforehand.
"""
MAX_POSITIONS: Final = 10_000
"""Positions read at most while nobody else may append: a few milliseconds."""

_ADVANCE: Final = """
UPDATE projection_checkpoints SET position = $4 WHERE name = $1 AND version = $2 AND position = $3
AND NOT EXISTS (SELECT 1 FROM projection_pauses WHERE projection_pauses.name = $1)
AND NOT EXISTS (SELECT 1 FROM parked_events WHERE projection = $1)
RETURNING position"""
_HEAD: Final = "SELECT position FROM log_head"

_log = structlog.get_logger("trivia.inline")


class Query(NamedTuple):
    """Run a statement; answered with its rows."""

    sql: str
    parameters: Sequence[Any]


class ReadEvents(NamedTuple):
    """Read the events of these types at `after` < position <= `until`.

    Answered with them, in order.
    """

    after: int
    until: int
    types: Sequence[str]


class LoadRows(NamedTuple):
    """Load rows of the table with this suffix; answered with those that exist, by key."""

    table: Table
    suffix: str
    keys: Sequence[Key]


class StoreRows(NamedTuple):
    """Write changed rows of the tables with this suffix; answered with None."""

    projection: Projection
    suffix: str
    changes: Changes


Step = Query | ReadEvents | LoadRows | StoreRows

_Result = TypeVar("_Result")

Steps = Generator[Step, Any, _Result]
"""Work inside one transaction."""


class InlineFailed(Exception):
    """A projection failed on an event.

    The projector finds out which, and makes a dead letter of it.
    """


def type_names(projection: Projection) -> list[str]:
    """The names of the types that a projection handles."""
    return [kind.__name__ for kind in projection.handles]


class InlineProjections:
    """The projections that take part in the appends of a process."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self._projections = [(projection, frozenset(type_names(projection))) for projection in projections]
        self.types = frozenset[str]().union(*[types for _, types in self._projections])

    def concerned(self, span: Span) -> Iterable[Projection]:
        """The projections that handle events of the span."""
        return [projection for projection, types in self._projections if not types.isdisjoint(span.types)]


def advance(projection: Projection, span: Span) -> Steps[None]:
    """Take a projection to the end of a span, if it is near enough. Raises InlineFailed."""
    known = projection.name, projection.version
    found = yield Query(CHECKPOINT, known)
    if not found or not 0 <= span.before - found[0][0] <= MAX_POSITIONS:
        return
    (position,) = found[0]
    events = yield ReadEvents(position, span.after, type_names(projection))
    if len(events) > MAX_EVENTS:
        return
    if (yield Query(_ADVANCE, (*known, position, span.after))):
        yield from _fold(projection, "", events)


def fold_last_events(projection: Projection, reached: int, suffix: str) -> Steps[int]:
    """Fold what a rebuilt copy lacks, if it is little; the position reached.

    Raises InlineFailed.
    """
    ((head,),) = yield Query(_HEAD, ())
    if not reached < head <= reached + MAX_POSITIONS:
        return reached
    events = yield ReadEvents(reached, head, type_names(projection))
    if len(events) > MAX_EVENTS:
        return reached
    yield from _fold(projection, suffix, events)
    return int(head)


def is_behind(live: int, reached: int) -> Steps[bool]:
    """Whether a copy is not far enough yet to replace live rows; see the module."""
    ((head,),) = yield Query(_HEAD, ())
    return bool(reached < live or reached == live < head)


def _fold(projection: Projection, suffix: str, events: Iterable[Iterable[Any]]) -> Steps[None]:
    try:
        decoded = [decode(RecordedEvent(*event)) for event in events]
        wanted: dict[str, dict[Key, None]] = {}
        for event in decoded:
            for table, key in projection.needs(event):
                wanted.setdefault(table.name, {})[key] = None
    except Exception as error:
        raise InlineFailed(projection.name) from error
    loaded: dict[str, Mapping[Key, Row]] = {}
    for table in projection.tables:
        if table.name in wanted:
            loaded[table.name] = yield LoadRows(table, suffix, list(wanted[table.name]))
    yield StoreRows(projection, suffix, _apply(projection, decoded, Changes(loaded)))


def _apply(projection: Projection, events: Iterable[Decoded], changes: Changes) -> Changes:
    try:
        for event in events:
            projection.apply(event, changes)
    except Exception as error:
        raise InlineFailed(projection.name) from error
    return changes


def log_failure(projection: Projection, before: int, error: Exception) -> None:
    """Log that a projection is left to the projector until that has dealt with the event."""
    # Without a traceback, which takes long to write while all appenders wait; the projector logs the same failure.
    cause = error.__cause__ if isinstance(error, InlineFailed) and isinstance(error.__cause__, Exception) else error
    _log.warning("inline_projection_failed", projection=projection.name, after=before, reason=describe(cause))
