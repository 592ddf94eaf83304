"""Read models in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from events.database.postgres import Connection, PostgresDatabase
from projections.parking import COUNT_PARKED, PARK, RELEASE, RELEASE_ALL, Parking
from projections.projection import Key, Projection, Row, Table
from projections.store import (
    CHECKPOINT,
    MOVE,
    PAGE,
    Changes,
    CheckpointMoved,
    MissingTable,
    ReadModels,
    Snapshot,
    after_key,
)

_INDEXES = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = $1"
_LOCK_CHECKPOINT = "SELECT position FROM projection_checkpoints WHERE name = $1 AND version = $2 FOR UPDATE"


class PostgresReadModels(ReadModels):
    """See ReadModels."""

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
        sql = f"SELECT {', '.join(table.columns)} FROM {table.name}{self.suffix} WHERE {_among(table)}"
        rows = [tuple(row) for row in await self._database.read(sql, *_by_column(keys))]
        return {table.key_of(row): row for row in rows}

    async def store(
        self, projection: Projection, before: int, after: int, changes: Changes, parking: Parking | None = None
    ) -> None:
        """See ReadModels.store."""

        async def work(connection: Connection) -> None:
            # What is lost in a crash of the server is the checkpoint's move as well, so it is simply folded again.
            await connection.execute("SET LOCAL synchronous_commit = off")
            values = (projection.name + self.suffix, projection.version, before, after)
            if await connection.fetchrow(MOVE, *values) is None:
                raise CheckpointMoved(projection.name)
            if parking is not None:
                await self._park(connection, projection, parking)
            for table in projection.tables:
                rows, deleted = changes.of(table)
                if rows:
                    await connection.execute(self._upsert(table), *_by_column(rows))
                if deleted:
                    sql = f"DELETE FROM {table.name}{self.suffix} WHERE {_among(table)}"
                    await connection.execute(sql, *_by_column(deleted))

        await self._database.write(work)

    async def _park(self, connection: Connection, projection: Projection, parking: Parking) -> None:
        # Whoever retries what is parked has locked the checkpoint as well, so the count cannot change from here on.
        if await connection.fetchval(COUNT_PARKED, projection.name) != parking.known:
            raise CheckpointMoved(projection.name)
        if parking.parked:
            await connection.executemany(PARK, [msgspec.structs.astuple(event) for event in parking.parked])
        if parking.released:
            await connection.executemany(RELEASE, [(projection.name, position) for position in parking.released])

    def _upsert(self, table: Table) -> str:
        names = list(table.columns)
        arrays = ", ".join([f"${n}::{kind}[]" for n, kind in enumerate(table.columns.values(), 1)])
        changed = ", ".join([f"{name} = excluded.{name}" for name in names[table.key_columns :]])
        return (
            f"INSERT INTO {table.name}{self.suffix} ({', '.join(names)}) SELECT * FROM unnest({arrays}) "
            f"ON CONFLICT ({', '.join(names[: table.key_columns])}) DO UPDATE SET {changed}"
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

    async def create(self, projection: Projection) -> None:
        """See ReadModels.create."""
        known = await self.fetch(
            "SELECT version FROM projection_checkpoints WHERE name = $1", projection.name + self.suffix
        )
        if known != [(projection.version,)]:
            await self.discard(projection)

        async def work(connection: Connection) -> None:
            for table in projection.tables:
                if await connection.fetchval("SELECT to_regclass($1) IS NULL", table.name):
                    raise MissingTable(table.name)
                name = table.name + self.suffix
                await connection.execute(f"CREATE TABLE IF NOT EXISTS {name} (LIKE {table.name} INCLUDING ALL)")

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
            # Who runs the live projection waits here, and finds its checkpoint moved.
            live = await connection.fetchval(_LOCK_CHECKPOINT, projection.name, projection.version)
            reached = await connection.fetchval(CHECKPOINT, projection.name + self.suffix, projection.version) or 0
            if live is not None and live > reached and live != wrong:
                return False
            # A reader that keeps its transaction open makes the switch fail and be tried again, rather than hold up all other readers.
            await connection.execute("SET LOCAL lock_timeout = '2s'")
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
            await connection.execute(RELEASE_ALL, projection.name)
            await self._discard(connection, projection)
            return True

        return await self._database.write(work)

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


def _by_column(rows: Sequence[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _among(table: Table) -> str:
    """SQL: the row's key is among those given, one array for each key column."""
    names, types = list(table.columns)[: table.key_columns], list(table.columns.values())
    arrays = ", ".join([f"${n}::{types[n - 1]}[]" for n in range(1, table.key_columns + 1)])
    return f"({', '.join(names)}) IN (SELECT * FROM unnest({arrays}))"
