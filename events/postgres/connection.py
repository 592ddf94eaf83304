"""PostgreSQL: one connection that appends, a pool for everything else, one that listens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import asyncpg

from events.errors import LogUnavailable, LogUnprotected

if TYPE_CHECKING:
    # Generic in its stubs only.
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

_T = TypeVar("_T")

UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InternalClientError,
)
"""What is raised when the database, and not the statement, is at fault."""

# A stuck appender must not wedge every other one: it gives up waiting for the log's lock, its statement ends, and a transaction
# that was left open is ended by the server. The function that appends keeps its plans, so they must not scan tables that are
# still small; this connection runs nothing else.
WRITER_SETTINGS = {
    "application_name": "trivia-writer",
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "10s",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "jit": "off",
    "synchronous_commit": "on",
    # What is checked under the lock must be what was committed before the lock was had.
    "default_transaction_isolation": "read committed",
}

# A plan is made for each execution, from the size that tables have by then: one that was kept from when the log was small
# would walk through all of a long one.
READER_SETTINGS = {
    "application_name": "trivia",
    "statement_timeout": "60s",
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
}

PROTECTION = (
    "events_refuse_change",
    "events_pkey",
    "events_stream_version",
    "seals_refuse_change",
    "seals_pkey",
    "seals_first_position",
    "append_events_v2",
)
"""The triggers, unique indexes and function without which the log and its seals could be changed, or numbers repeat."""

_PROTECTION = """
SELECT tgname::text FROM pg_trigger
WHERE tgrelid IN (to_regclass('events'), to_regclass('seals')) AND tgenabled IN ('O', 'A')
UNION ALL
SELECT indexrelid::regclass::text FROM pg_index
WHERE indrelid IN (to_regclass('events'), to_regclass('seals')) AND indisunique AND indisvalid AND indpred IS NULL
UNION ALL
SELECT proname::text FROM pg_proc WHERE proname = 'append_events_v2' AND pg_function_is_visible(oid)"""

First = Callable[[Connection], Awaitable[None]]
"""What looks at a connection when it is new."""

Then = Callable[[Connection, list[asyncpg.Record]], Awaitable[None]]
"""What adds to an append's transaction, given the connection and what the append returned."""

LOCK_APPENDS = "SELECT pg_advisory_xact_lock(7452381906)"
"""Until the transaction ends nobody appends; the function `append_events_v2` takes the same lock."""

_CONNECT_SECONDS = 10.0
_WRITE_SECONDS = 35.0
_READ_SECONDS = 65.0
"""When to give up a server that does not even say that a statement took too long: a little after its own limits."""


class PostgresDatabase:
    """A database named by a URL. Open with `await PostgresDatabase.open(url)`; the schema must be there already."""

    def __init__(self, url: str, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.url = url
        self._pool = pool
        self._writer: Connection | None = None

    @classmethod
    async def open(cls, url: str, *, pool_size: int = 10) -> Self:
        """Connect. Raises LogUnavailable."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=pool_size,
                timeout=_CONNECT_SECONDS,
                command_timeout=_READ_SECONDS,
                server_settings=READER_SETTINGS,
                connection_class=_PoolConnection,
                reset=_end_what_was_begun,  # type: ignore[arg-type] # given connections of that class
            )
        except UNAVAILABLE as error:
            raise LogUnavailable(f"cannot connect to the database: {_describe(error)}") from error
        return cls(url, pool)

    async def append(
        self,
        sql: str,
        *parameters: Any,
        first: First,
        then: Then | None = None,
    ) -> list[asyncpg.Record]:
        """One statement on the writer's connection, as a transaction of its own. Only the log calls this, one at a time.

        `first` is given each new connection before anything is done with it, `then` is given what the statement
        returned and adds to its transaction. Raises LogUnavailable, and what the two raise.
        """
        try:
            if self._writer is None or self._writer.is_closed():
                self._writer = await asyncpg.connect(
                    self.url,
                    timeout=_CONNECT_SECONDS,
                    command_timeout=_WRITE_SECONDS,
                    server_settings=WRITER_SETTINGS,
                )
                await first(self._writer)
            return await _append(self._writer, sql, parameters, then)
        except UNAVAILABLE as error:
            # In what state the connection is cannot be told, so the next append begins with another.
            if self._writer is not None:
                self._writer.terminate()
                self._writer = None
            raise LogUnavailable(_describe(error)) from error

    async def read(self, sql: str, *parameters: Any) -> list[asyncpg.Record]:
        """All rows of one statement. Raises LogUnavailable."""
        try:
            return await self._pool.fetch(sql, *parameters)
        except UNAVAILABLE as error:
            raise LogUnavailable(_describe(error)) from error

    async def write(self, work: Callable[[Connection], Awaitable[_T]]) -> _T:
        """Run `work` inside a transaction on a connection of the pool. Raises LogUnavailable; passes on what `work` raises."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                return await work(connection)  # type: ignore[arg-type] # the pool's proxy stands for the connection it wraps
        except UNAVAILABLE as error:
            raise LogUnavailable(_describe(error)) from error

    async def vacuum(self, table: str) -> None:
        """Free what deleted rows of a table held. Raises LogUnavailable."""
        try:
            async with self._pool.acquire() as connection:
                # Small deletions would otherwise leave the rows where they are until there are more of them.
                await connection.execute(f"VACUUM (INDEX_CLEANUP ON) {table}")
        except UNAVAILABLE as error:
            raise LogUnavailable(_describe(error)) from error

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A connection that sees the database as it is at its first statement. Raises LogUnavailable."""
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                yield connection  # type: ignore[misc] # the pool's proxy stands for the connection it wraps
        except UNAVAILABLE as error:
            raise LogUnavailable(_describe(error)) from error

    @asynccontextmanager
    async def listening(self, channel: str, hear: Callable[[str], None]) -> AsyncIterator[Connection]:
        """A connection of its own that calls `hear` with what each notification of `channel` says, and with "" when it is lost."""
        connection = await asyncpg.connect(self.url, timeout=_CONNECT_SECONDS, server_settings=READER_SETTINGS)
        try:
            connection.add_termination_listener(lambda _: hear(""))
            await connection.add_listener(channel, lambda *said: hear(str(said[-1])))
            yield connection
        finally:
            connection.terminate()

    async def require_protected(self) -> None:
        """Raise LogUnprotected unless the log's triggers, indexes and function are there; and LogUnavailable."""
        there = {row[0] for row in await self.read(_PROTECTION)}
        if missing := [name for name in PROTECTION if name not in there]:
            raise LogUnprotected(missing)

    def session(self) -> "Session":
        """A connection of one's own, made when first asked something; for locks that live as long as it does."""
        return Session(self.url)

    async def close(self) -> None:
        """Close every connection."""
        if self._writer is not None:
            self._writer.terminate()
        try:
            async with asyncio.timeout(5):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


class _PoolConnection(Connection):
    """A connection that knows whether its last statement came to its end."""

    __slots__ = ("midway",)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.midway = False

    async def fetch(self, *arguments: Any, **options: Any) -> Any:
        """See asyncpg."""
        self.midway = True
        records = await super().fetch(*arguments, **options)
        self.midway = False
        return records


async def _end_what_was_begun(connection: _PoolConnection) -> None:
    """Put a connection in order that goes back to the pool.

    Usually it is sent a statement that takes everything back, so that each read would be two round trips. Nothing here outlives its
    transaction, and asyncpg ends those itself, but for one: to learn what a statement needs it has the server begin with it, and whoever
    is cancelled then leaves a transaction open, with locks on tables that nobody else can change.
    """
    if connection.midway:
        await connection.execute(connection.get_reset_query())
        connection.midway = False


class Session:
    """One connection, kept open between statements. Everything raises LogUnavailable."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None

    @property
    def is_open(self) -> bool:
        """Whether the connection is there, as far as is known without asking the server."""
        return self._connection is not None and not self._connection.is_closed()

    async def fetchval(self, sql: str, *parameters: Any) -> Any:
        """The first value of a statement's first row."""
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(
                    self._url, timeout=_CONNECT_SECONDS, server_settings=READER_SETTINGS
                )
            return await self._connection.fetchval(sql, *parameters)
        except UNAVAILABLE as error:
            await self.close()
            raise LogUnavailable(_describe(error)) from error

    async def close(self) -> None:
        """Close the connection, at once; what it locked is free again."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def _append(
    connection: Connection, sql: str, parameters: Sequence[Any], then: Then | None
) -> list[asyncpg.Record]:
    if then is None:
        return await connection.fetch(sql, *parameters)
    async with connection.transaction():
        answer = await connection.fetch(sql, *parameters)
        await then(connection, answer)
        return answer


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
