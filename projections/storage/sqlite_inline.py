"""Runs inline projections in a SQLite file; the rules are in projections.engine.inline."""

import sqlite3
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from events.append_hook import Span
from projections.engine.inline import (
    InlineProjections,
    LoadRows,
    Query,
    ReadEvents,
    Step,
    Steps,
    StoreRows,
    advance,
    log_failure,
)
from projections.engine.projection import Projection
from projections.storage.sqlite_rows import load_rows, numbered, store_rows

_Result = TypeVar("_Result")

_EVENTS = (
    "SELECT position, stream, version, type, schema, data, metadata, recorded_at FROM events "
    "WHERE position > ? AND position <= ? AND type IN (SELECT value FROM json_each(?)) ORDER BY position"
)


class SqliteInline:
    """Folds these projections in the appends of a process (events.append_hook.InSqlite)."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self._inline = InlineProjections(projections)
        self.types = self._inline.types

    def __call__(self, connection: sqlite3.Connection, span: Span) -> None:
        """See InSqlite. A failure undoes its projection's part of the transaction and no more."""
        for projection in self._inline.concerned(span):
            connection.execute("SAVEPOINT inline")
            try:
                run_steps(connection, advance(projection, span))
            except Exception as error:
                # A full disk, for one, ends the whole transaction.
                if not connection.in_transaction:
                    raise
                connection.execute("ROLLBACK TO inline")
                log_failure(projection, span.before, error)
            connection.execute("RELEASE inline")


def run_steps(connection: sqlite3.Connection, steps: Steps[_Result]) -> _Result:
    """Carry out steps on a connection; what they come to."""
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            result: _Result = done.value
            return result
        answer = _answer(connection, step)


def _answer(connection: sqlite3.Connection, step: Step) -> Any:
    match step:
        case Query(sql, parameters):
            return connection.execute(numbered(sql), parameters).fetchall()
        case ReadEvents(after, until, types):
            return connection.execute(_EVENTS, (after, until, msgspec.json.encode(types).decode())).fetchall()
        case LoadRows(table, suffix, keys):
            return load_rows(connection, table, suffix, keys)
        case StoreRows(projection, suffix, changes):
            return store_rows(connection, projection, suffix, changes)
