"""Read models in PostgreSQL."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import msgspec

from events.log import LogUnavailable
from events.postgres.connection import Connection, PostgresDatabase
from migrations.runner import make_tables_postgres
from projections.engine.dead_letters import (
    ADD_DEAD_LETTER,
    COUNT_DEAD_LETTERS,
    REMOVE_ALL_DEAD_LETTERS,
    REMOVE_DEAD_LETTER,
    DeadLetters,
)
from projections.engine.inline import InlineFailed, fold_last_events, is_behind
from projections.engine.projection import Key, Projection, Row, Table
from projections.engine.store import (
    CHECKPOINT,
    MOVE,
    PAGE,
    PART,
    Changes,
    CheckpointMoved,
    ReadModels,
    Snapshot,
    after_key,
    parts,
)
from projections.storage.postgres_inline import lock_appends, run_steps
from projections.storage.postgres_rows import by_column, fill_rows, select, store_rows

SWITCH_PAUSE_SECONDS = 1.0
"""Before a switch that met a lock is tried again: others get on meanwhile."""

_INDEXES = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = $1"
_SECONDARY = """
SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = to_regclass($1) AND NOT i.indisprimary"""
_INDEX = re.compile(r"^(CREATE (?:UNIQUE )?INDEX) \S+ ON \S+ ")
_INDEX_SECONDS = 3600.0
_MISSING = "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL"
_LOCK_CHECKPOINT = "SELECT position FROM projection_checkpoints WHERE name = $1 AND version = $2 FOR UPDATE"


class PostgresReadModels(ReadModels):
    """See ReadModels."""

    stores_apart: ClassVar[bool] = True

    def __init__(self, database: PostgresDatabase, suffix: str = "") -> None:
        self._database = database
        self.suffix = suffix

    def copy(self, suffix: str) -> "PostgresReadModels":
        """See ReadModels.copy."""
        return PostgresReadModels(self._database, suffix)

    async def checkpoint(self, projection: Projection) -> int:
        """See ReadModels.checkpoint."""
        rows = await self.fetch(CHECKPOINT, projection.name + self.suffix, projection.version)
        return int(rows[0][0]) if rows else 0

    async def load(self, table: Table, keys: Sequence[Key]) -> dict[Key, Row]:
        """See ReadModels.load."""
        if not keys:
            return {}
        rows = [tuple(row) for row in await self._database.read(select(table, self.suffix), *by_column(keys))]
        return {table.key_of(row): row for row in rows}

    async def store(
        self, projection: Projection, before: int, after: int, changes: Changes, dead_letters: DeadLetters | None = None
    ) -> None:
        """See ReadModels.store."""

        async def work(connection: Connection) -> None:
            # What is lost in a crash of the server is the checkpoint's move as well, so it is simply folded again.
            await connection.execute("SET LOCAL synchronous_commit = off")
            values = (projection.name + self.suffix, projection.version, before, after)
            if await connection.fetchrow(MOVE, *values) is None:
                raise CheckpointMoved(projection.name)
            if dead_letters is not None:
                await self._store_dead_letters(connection, projection, dead_letters)
            await store_rows(connection, projection, self.suffix, changes)

        await self._database.write(work)

    async def store_copy(
        self,
        projection: Projection,
        before: int,
        after: int,
        changes: Changes,
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        """See ReadModels.store_copy. One transaction, since it keeps nobody from appending."""

        async def work(connection: Connection) -> None:
            await connection.execute("SET LOCAL synchronous_commit = off")
            values = (projection.name + self.suffix, projection.version, before, after)
            if await connection.fetchrow(MOVE, *values) is None:
                raise CheckpointMoved(projection.name)
            # A copy is made empty, so nothing of it is there before its checkpoint moves for the first time.
            write = store_rows if before else fill_rows
            for part in parts(projection, changes, PART):
                await write(connection, projection, self.suffix, part)
                await pause()

        await self._database.write(work)

    async def _store_dead_letters(
        self, connection: Connection, projection: Projection, dead_letters: DeadLetters
    ) -> None:
        # A retry has locked the checkpoint as well, so the count cannot change from here on.
        if await connection.fetchval(COUNT_DEAD_LETTERS, projection.name) != dead_letters.known:
            raise CheckpointMoved(projection.name)
        if dead_letters.added:
            await connection.executemany(
                ADD_DEAD_LETTER, [msgspec.structs.astuple(event) for event in dead_letters.added]
            )
        if dead_letters.removed:
            await connection.executemany(
                REMOVE_DEAD_LETTER, [(projection.name, position) for position in dead_letters.removed]
            )

    async def fetch(self, sql: str, *parameters: Any) -> list[Row]:
        """See ReadModels.fetch."""
        return [tuple(row) for row in await self._database.read(sql, *parameters)]

    async def execute(self, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """See ReadModels.execute."""

        async def work(connection: Connection) -> None:
            await connection.execute("SET LOCAL synchronous_commit = off")
            for sql, rows in statements:
                await connection.executemany(sql, rows)

        await self._database.write(work)

    async def restore(self, projection: Projection) -> list[str]:
        """See ReadModels.restore."""
        names = [table.name for table in projection.tables]
        if not await self.fetch(_MISSING, names):
            return []

        async def work(connection: Connection) -> list[str]:
            await lock_appends(connection)
            missing = [row[0] for row in await connection.fetch(_MISSING, names)]
            if missing:
                await make_tables_postgres(connection, missing)
                await connection.execute(f"TRUNCATE {', '.join(names)}")
                await connection.execute("DELETE FROM projection_checkpoints WHERE name = $1", projection.name)
                await connection.execute(REMOVE_ALL_DEAD_LETTERS, projection.name)
            return missing

        return await self._database.write(work)

    async def create(self, projection: Projection) -> None:
        """See ReadModels.create."""
        known = await self.fetch(
            "SELECT version FROM projection_checkpoints WHERE name = $1", projection.name + self.suffix
        )
        if known != [(projection.version,)]:
            await self.discard(projection)

        async def work(connection: Connection) -> None:
            for table in projection.tables:
                name = table.name + self.suffix
                key = ", ".join(list(table.columns)[: table.key_columns])
                await connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {name} "
                    f"(LIKE {table.name} INCLUDING ALL EXCLUDING INDEXES, PRIMARY KEY ({key}))"
                )

        await self._database.write(work)

    async def index(self, projection: Projection) -> None:
        """See ReadModels.index."""

        async def work(connection: Connection) -> None:
            await connection.execute("SET LOCAL statement_timeout = 0")
            for table in projection.tables:
                for name, sql in await connection.fetch(_SECONDARY, table.name):
                    made = f'\\1 IF NOT EXISTS "{name}{self.suffix}" ON {table.name}{self.suffix} '
                    await connection.execute(_INDEX.sub(made, sql, count=1), timeout=_INDEX_SECONDS)

        await self._database.write(work)

    async def discard(self, projection: Projection) -> None:
        """See ReadModels.discard."""
        await self._database.write(lambda connection: self._discard(connection, projection))

    async def _discard(self, connection: Connection, projection: Projection) -> None:
        for table in projection.tables:
            await connection.execute(f"DROP TABLE IF EXISTS {table.name}{self.suffix}")
        await connection.execute("DELETE FROM projection_checkpoints WHERE name = $1", projection.name + self.suffix)

    async def promote(self, projection: Projection, wrong: int | None = None) -> bool:
        """See ReadModels.promote."""

        async def work(connection: Connection) -> bool:
            await lock_appends(connection)
            # A transaction that is kept open makes the switch fail and be tried again, rather than hold up readers and writers.
            await connection.execute("SET LOCAL lock_timeout = '200ms'")
            # The process that runs the live projection waits here, and finds its checkpoint moved.
            live = await connection.fetchval(_LOCK_CHECKPOINT, projection.name, projection.version)
            ours = await connection.fetchval(CHECKPOINT, projection.name + self.suffix, projection.version) or 0
            reached = await run_steps(connection, fold_last_events(projection, ours, self.suffix))
            if live is not None and live != wrong and await run_steps(connection, is_behind(live, reached)):
                return False
            for table in projection.tables:
                name = table.name + self.suffix
                indexes = [row[0] for row in await connection.fetch(_INDEXES, name)]
                await connection.execute(f"DROP TABLE IF EXISTS {table.name}")
                await connection.execute(f"ALTER TABLE {name} RENAME TO {table.name}")
                for index in indexes:
                    await connection.execute(f'ALTER INDEX "{index}" RENAME TO "{index.replace(self.suffix, "")}"')
            await connection.execute(
                "INSERT INTO projection_checkpoints (name, version, position) VALUES ($1, $2, $3) "
                "ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position",
                projection.name,
                projection.version,
                reached,
            )
            await connection.execute(REMOVE_ALL_DEAD_LETTERS, projection.name)
            await self._discard(connection, projection)
            return True

        try:
            return await self._database.write(work)
        except InlineFailed:
            return False
        except LogUnavailable:
            await asyncio.sleep(SWITCH_PAUSE_SECONDS)
            raise

    @asynccontextmanager
    async def snapshot(self, projection: Projection) -> AsyncIterator[Snapshot]:
        """See ReadModels.snapshot."""
        async with self._database.snapshot() as connection:
            position = await connection.fetchval(CHECKPOINT, projection.name + self.suffix, projection.version)
            yield _PostgresSnapshot(connection, self.suffix, position or 0)


class _PostgresSnapshot(Snapshot):
    def __init__(self, connection: Connection, suffix: str, position: int) -> None:
        self._connection = connection
        self._suffix = suffix
        self.position = position

    async def rows(self, table: Table) -> AsyncIterator[Row]:
        """See Snapshot.rows."""
        _, order = after_key(table, ' COLLATE "C"')
        sql = f"SELECT {', '.join(table.columns)} FROM {table.name}{self._suffix} ORDER BY {order}"
        async for row in self._connection.cursor(sql, prefetch=PAGE):
            yield tuple(row)
