"""Inline projections in a SQLite file; see projections.inline."""

import sqlite3
from collections.abc import Sequence

import msgspec

from events.in_transaction import Span
from projections.inline import ADVANCE, SLICE, Batch, give_up, type_names
from projections.projection import Projection
from projections.sqlite_rows import load_rows, numbered, store_rows
from projections.store import CHECKPOINT

_EVENTS = (
    "SELECT position, stream, version, type, schema, data, metadata, recorded_at FROM events "
    "WHERE position > ? AND position <= ? AND type IN (SELECT value FROM json_each(?)) ORDER BY position"
)
_ADVANCE = numbered(ADVANCE)
_CHECKPOINT = numbered(CHECKPOINT)


class SqliteInline:
    """Takes part in the appends of a process (events.in_transaction.InSqlite) with these projections."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self._projections = [(projection, frozenset(type_names(projection))) for projection in projections]

    def __call__(self, connection: sqlite3.Connection, span: Span) -> None:
        """See InSqlite."""
        for projection, handled in self._projections:
            if handled.isdisjoint(span.types):
                advance(connection, projection, span.before, span.after)
            else:
                _fold_alone(connection, projection, span)


def advance(connection: sqlite3.Connection, projection: Projection, before: int, after: int) -> bool:
    """Move the checkpoint, if it stands at `before` and nothing else speaks against it."""
    return connection.execute(_ADVANCE, (projection.name, projection.version, before, after)).fetchone() is not None


def _fold_alone(connection: sqlite3.Connection, projection: Projection, span: Span) -> None:
    """Fold the events of a span; what goes wrong undoes this projection's part of the transaction and no more."""
    connection.execute("SAVEPOINT inline")
    try:
        if advance(connection, projection, span.before, span.after):
            fold_inside(connection, projection, span.before, span.after)
    except Exception as error:
        # A full disk, for one, ends the whole transaction.
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO inline")
        give_up(projection, span.before, error)
    connection.execute("RELEASE inline")


def fold_inside(
    connection: sqlite3.Connection, projection: Projection, before: int, after: int, suffix: str = ""
) -> None:
    """Fold the events in (before, after], in the transaction that is open; the checkpoint is the caller's. Raises InlineFailed."""
    types = msgspec.json.encode(type_names(projection)).decode()
    batch = Batch(projection, connection.execute(_EVENTS, (before, after, types)).fetchall())
    loaded = {
        table.name: load_rows(connection, table, suffix, batch.wanted[table.name])
        for table in projection.tables
        if table.name in batch.wanted
    }
    store_rows(connection, projection, suffix, batch.apply(loaded))


def take_over(connection: sqlite3.Connection, projection: Projection) -> bool:
    """In a transaction of its own, see ReadModels.take_over."""
    found = connection.execute(_CHECKPOINT, (projection.name, projection.version)).fetchone()
    position, head = found[0] if found else 0, head_of(connection)
    if position == head:
        return True
    if head > position + SLICE or not advance(connection, projection, position, head):
        return False
    fold_inside(connection, projection, position, head)
    return True


def last_slice(connection: sqlite3.Connection, projection: Projection, reached: int, suffix: str) -> int:
    """Fold into a copy what is left, if it is little; the position reached."""
    head = head_of(connection)
    if not reached < head <= reached + SLICE:
        return reached
    fold_inside(connection, projection, reached, head, suffix)
    return head


def is_too_early(connection: sqlite3.Connection, live: int, reached: int) -> bool:
    """Whether a copy must not be put in the place of the live rows yet; see projections.inline."""
    return reached < live or reached == live < head_of(connection)


def head_of(connection: sqlite3.Connection) -> int:
    """The position of the last event."""
    return int(connection.execute("SELECT position FROM log_head").fetchone()[0])
