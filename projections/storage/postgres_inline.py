"""Runs inline projections in PostgreSQL; the rules are in projections.engine.inline."""

from collections.abc import Sequence
from typing import Any, TypeVar

from events.append_hook import Span
from events.postgres.connection import LOCK_APPENDS, Connection
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
from projections.storage.postgres_rows import load_rows, store_rows

_Result = TypeVar("_Result")

_EVENTS = (
    "SELECT position, stream, version, type, schema, data, metadata, recorded_at FROM events "
    "WHERE position > $1 AND position <= $2 AND type = ANY($3) ORDER BY position"
)
# Appends wait for the holder of the lock: one that hangs must not hold it for ever.
_TRANSACTION_LIMITS = "SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL synchronous_commit = off"


class PostgresInline:
    """Folds these projections in the appends of a process (events.append_hook.InPostgres)."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self._inline = InlineProjections(projections)
        self.types = self._inline.types

    async def __call__(self, connection: Connection, span: Span) -> None:
        """See InPostgres. A failure undoes its projection's part of the transaction and no more."""
        for projection in self._inline.concerned(span):
            try:
                # Within a transaction this is a savepoint.
                async with connection.transaction():
                    await run_steps(connection, advance(projection, span))
            except Exception as error:
                if connection.is_closed():
                    raise
                log_failure(projection, span.before, error)


async def lock_appends(connection: Connection) -> None:
    """Keep others from appending until the transaction ends.

    To be taken before any other lock, as appends do.
    """
    await connection.execute(_TRANSACTION_LIMITS)
    await connection.execute(LOCK_APPENDS)


async def run_steps(connection: Connection, steps: Steps[_Result]) -> _Result:
    """Carry out steps on a connection; what they come to."""
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            result: _Result = done.value
            return result
        answer = await _answer(connection, step)


async def _answer(connection: Connection, step: Step) -> Any:
    match step:
        case Query(sql, parameters):
            return await connection.fetch(sql, *parameters)
        case ReadEvents(after, until, types):
            return await connection.fetch(_EVENTS, after, until, types)
        case LoadRows(table, suffix, keys):
            return await load_rows(connection, table, suffix, keys)
        case StoreRows(projection, suffix, changes):
            return await store_rows(connection, projection, suffix, changes)
