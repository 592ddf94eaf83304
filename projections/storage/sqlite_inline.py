"""Inline projections in a SQLite file; see projections.engine.inline."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from events.append_hook import Span
from projections.engine.inline import ADVANCE, REACH, SLICE, Batch, give_up, type_names
from projections.engine.projection import Projection
from projections.engine.store import CHECKPOINT
from projections.storage.sqlite_rows import load_rows, numbered, store_rows

_EVENTS = (
    "SELECT position, stream, version, type, schema, data, metadata, recorded_at FROM events "
    "WHERE position > ? AND position <= ? AND type IN (SELECT value FROM json_each(?)) ORDER BY position"
)
_ADVANCE = numbered(ADVANCE)
_CHECKPOINT = numbered(CHECKPOINT)


class SqliteInline:
    """Takes part in the appends of a process (events.append_hook.InSqlite) with these projections."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self._projections = [(projection, frozenset(type_names(projection))) for projection in projections]
        self.types = frozenset[str]().union(*[types for _, types in self._projections])

    def __call__(self, connection: sqlite3.Connection, span: Span) -> None:
        """See InSqlite."""
        for projection, types in self._projections:
            if not types.isdisjoint(span.types):
                _fold_alone(connection, projection, span)


def _fold_alone(connection: sqlite3.Connection, projection: Projection, span: Span) -> None:
    """Take a projection to the end of a span; what goes wrong undoes its part of the transaction and no more."""
    connection.execute("SAVEPOINT inline")
    try:
        _advance(connection, projection, span)
    except Exception as error:
        # A full disk, for one, ends the whole transaction.
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO inline")
        give_up(projection, span.before, error)
    connection.execute("RELEASE inline")


def _advance(connection: sqlite3.Connection, projection: Projection, span: Span) -> None:
    known = projection.name, projection.version
    found = connection.execute(_CHECKPOINT, known).fetchone()
    if found is None or not 0 <= span.before - found[0] <= REACH:
        return
    events = connection.execute(_EVENTS, (found[0], span.after, _types(projection))).fetchall()
    if len(events) > SLICE:
        return
    if connection.execute(_ADVANCE, (*known, found[0], span.after)).fetchone() is not None:
        _fold(connection, projection, "", events)


def _fold(connection: sqlite3.Connection, projection: Projection, suffix: str, events: Iterable[Iterable[Any]]) -> None:
    batch = Batch(projection, events)
    loaded = {
        table.name: load_rows(connection, table, suffix, batch.wanted[table.name])
        for table in projection.tables
        if table.name in batch.wanted
    }
    store_rows(connection, projection, suffix, batch.apply(loaded))


def last_slice(connection: sqlite3.Connection, projection: Projection, reached: int, suffix: str) -> int:
    """Fold into a copy what is left, if it is little; the position reached."""
    head = head_of(connection)
    if not reached < head <= reached + REACH:
        return reached
    events = connection.execute(_EVENTS, (reached, head, _types(projection))).fetchall()
    if len(events) > SLICE:
        return reached
    _fold(connection, projection, suffix, events)
    return head


def is_too_early(connection: sqlite3.Connection, live: int, reached: int) -> bool:
    """Whether a copy must not be put in the place of the live rows yet; see projections.engine.inline."""
    return reached < live or reached == live < head_of(connection)


def head_of(connection: sqlite3.Connection) -> int:
    """The position of the last event."""
    return int(connection.execute("SELECT position FROM log_head").fetchone()[0])


def _types(projection: Projection) -> str:
    return msgspec.json.encode(type_names(projection)).decode()
