"""Inline projections in PostgreSQL; see projections.engine.inline."""

from collections.abc import Iterable, Sequence
from typing import Any

from events.append_hook import Span
from events.postgres.connection import LOCK_APPENDS, Connection
from projections.engine.inline import ADVANCE, REACH, SLICE, Batch, give_up, type_names
from projections.engine.projection import Projection
from projections.engine.store import CHECKPOINT
from projections.storage.postgres_rows import load_rows, store_rows

_EVENTS = (
    "SELECT position, stream, version, type, schema, data, metadata, recorded_at FROM events "
    "WHERE position > $1 AND position <= $2 AND type = ANY($3) ORDER BY position"
)
# Appends wait for whoever holds the lock: one who hangs must not hold it for ever.
_BRIEFLY = "SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL synchronous_commit = off"


class PostgresInline:
    """Takes part in the appends of a process (events.append_hook.InPostgres) with these projections."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self._projections = [(projection, frozenset(type_names(projection))) for projection in projections]
        self.types = frozenset[str]().union(*[types for _, types in self._projections])

    async def __call__(self, connection: Connection, span: Span) -> None:
        """See InPostgres."""
        for projection, types in self._projections:
            if not types.isdisjoint(span.types):
                await _fold_alone(connection, projection, span)


async def _fold_alone(connection: Connection, projection: Projection, span: Span) -> None:
    """Take a projection to the end of a span; what goes wrong undoes its part of the transaction and no more."""
    try:
        # Within a transaction this is a savepoint.
        async with connection.transaction():
            await _advance(connection, projection, span)
    except Exception as error:
        if connection.is_closed():
            raise
        give_up(projection, span.before, error)


async def _advance(connection: Connection, projection: Projection, span: Span) -> None:
    before = await connection.fetchval(CHECKPOINT, projection.name, projection.version)
    if before is None or not 0 <= span.before - before <= REACH:
        return
    events = await connection.fetch(_EVENTS, before, span.after, type_names(projection))
    if len(events) > SLICE:
        return
    if await connection.fetchval(ADVANCE, projection.name, projection.version, before, span.after) is not None:
        await _fold(connection, projection, "", events)


async def _fold(connection: Connection, projection: Projection, suffix: str, events: Iterable[Iterable[Any]]) -> None:
    batch = Batch(projection, events)
    loaded = {
        table.name: await load_rows(connection, table, suffix, batch.wanted[table.name])
        for table in projection.tables
        if table.name in batch.wanted
    }
    await store_rows(connection, projection, suffix, batch.apply(loaded))


async def keep_others_from_appending(connection: Connection) -> None:
    """Until the transaction ends. To be taken before any other lock, as appends do."""
    await connection.execute(_BRIEFLY)
    await connection.execute(LOCK_APPENDS)


async def last_slice(connection: Connection, projection: Projection, reached: int, suffix: str) -> int:
    """Fold into a copy what is left, if it is little; the position reached."""
    head = await head_of(connection)
    if not reached < head <= reached + REACH:
        return reached
    events = await connection.fetch(_EVENTS, reached, head, type_names(projection))
    if len(events) > SLICE:
        return reached
    await _fold(connection, projection, suffix, events)
    return head


async def is_too_early(connection: Connection, live: int, reached: int) -> bool:
    """Whether a copy must not be put in the place of the live rows yet; see projections.engine.inline."""
    return reached < live or reached == live < await head_of(connection)


async def head_of(connection: Connection) -> int:
    """The position of the last event."""
    return int(await connection.fetchval("SELECT position FROM log_head"))
