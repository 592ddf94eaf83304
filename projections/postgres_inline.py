"""Inline projections in PostgreSQL; see projections.inline."""

from collections.abc import Sequence

from events.database.postgres import LOCK_APPENDS, Connection
from events.in_transaction import Span
from projections.inline import ADVANCE, SLICE, Batch, give_up, type_names
from projections.postgres_rows import load_rows, store_rows
from projections.projection import Projection
from projections.store import CHECKPOINT

_EVENTS = (
    "SELECT position, stream, version, type, schema, data, metadata, recorded_at FROM events "
    "WHERE position > $1 AND position <= $2 AND type = ANY($3) ORDER BY position"
)
# Appends wait for whoever holds the lock: one who hangs must not hold it for ever.
_BRIEFLY = "SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL synchronous_commit = off"


class PostgresInline:
    """Takes part in the appends of a process (events.in_transaction.InPostgres) with these projections."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self._projections = [(projection, frozenset(type_names(projection))) for projection in projections]

    async def __call__(self, connection: Connection, span: Span) -> None:
        """See InPostgres."""
        for projection, handled in self._projections:
            if handled.isdisjoint(span.types):
                await advance(connection, projection, span.before, span.after)
            else:
                await _fold_alone(connection, projection, span)


async def advance(connection: Connection, projection: Projection, before: int, after: int) -> bool:
    """Move the checkpoint, if it stands at `before` and nothing else speaks against it."""
    moved = await connection.fetchval(ADVANCE, projection.name, projection.version, before, after)
    return moved is not None


async def _fold_alone(connection: Connection, projection: Projection, span: Span) -> None:
    """Fold the events of a span; what goes wrong undoes this projection's part of the transaction and no more."""
    try:
        # Within a transaction this is a savepoint.
        async with connection.transaction():
            if await advance(connection, projection, span.before, span.after):
                await fold_inside(connection, projection, span.before, span.after)
    except Exception as error:
        if connection.is_closed():
            raise
        give_up(projection, span.before, error)


async def fold_inside(
    connection: Connection, projection: Projection, before: int, after: int, suffix: str = ""
) -> None:
    """Fold the events in (before, after], in the transaction that is open; the checkpoint is the caller's. Raises InlineFailed."""
    batch = Batch(projection, await connection.fetch(_EVENTS, before, after, type_names(projection)))
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


async def take_over(connection: Connection, projection: Projection) -> bool:
    """In a transaction of its own, see ReadModels.take_over."""
    await keep_others_from_appending(connection)
    position = await connection.fetchval(CHECKPOINT, projection.name, projection.version) or 0
    head = await head_of(connection)
    if position == head:
        return True
    if head > position + SLICE or not await advance(connection, projection, position, head):
        return False
    await fold_inside(connection, projection, position, head)
    return True


async def last_slice(connection: Connection, projection: Projection, reached: int, suffix: str) -> int:
    """Fold into a copy what is left, if it is little; the position reached."""
    head = await head_of(connection)
    if not reached < head <= reached + SLICE:
        return reached
    await fold_inside(connection, projection, reached, head, suffix)
    return head


async def is_too_early(connection: Connection, live: int, reached: int) -> bool:
    """Whether a copy must not be put in the place of the live rows yet; see projections.inline."""
    return reached < live or reached == live < await head_of(connection)


async def head_of(connection: Connection) -> int:
    """The position of the last event."""
    return int(await connection.fetchval("SELECT position FROM log_head"))
