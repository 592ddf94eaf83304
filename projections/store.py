"""Where read models are kept. A projection's rows and its checkpoint move together or not at all."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, TypeVar, cast

from events.database.postgres import Connection, PostgresDatabase
from events.database.sqlite import SqliteDatabase
from projections.projection import Key, Projection, Row, State, Table

_State = TypeVar("_State", bound=State)


class CheckpointMoved(Exception):
    """Another process has taken the projection further meanwhile; nothing was stored."""


class Changes:
    """Rows as a batch of events leaves them: loaded before, changed in memory, stored after. A `Rows`."""

    def __init__(self, loaded: dict[str, dict[Key, Row]]) -> None:
        self._rows: dict[str, dict[Key, Row | None]] = {name: dict(rows) for name, rows in loaded.items()}
        self._touched: dict[str, dict[Key, None]] = {}
        self._states: dict[tuple[str, Key], State] = {}

    def state(self, table: Table, key: Key, make: Callable[[Row | None], _State]) -> _State:
        """See Rows.state."""
        found = self._states.get((table.name, key))
        if found is None:
            found = self._states[table.name, key] = make(self.get(table, key))
        return cast("_State", found)

    def get(self, table: Table, key: Key) -> Row | None:
        """See Rows.get."""
        return self._rows.get(table.name, {}).get(key)

    def put(self, table: Table, row: Row) -> None:
        """See Rows.put."""
        self._set(table, table.key_of(row), row)

    def delete(self, table: Table, key: Key) -> None:
        """See Rows.delete."""
        self._set(table, key, None)

    def _set(self, table: Table, key: Key, row: Row | None) -> None:
        self._rows.setdefault(table.name, {})[key] = row
        self._touched.setdefault(table.name, {})[key] = None

    def of(self, table: Table) -> tuple[list[Row], list[Key]]:
        """The rows to write and the keys to delete."""
        for (name, key), state in self._states.items():
            if name == table.name:
                self.put(table, state.to_row(key[0]))
        rows = self._rows.get(table.name, {})
        touched = self._touched.get(table.name, {})
        return [row for key in touched if (row := rows[key]) is not None], [key for key in touched if rows[key] is None]


class ReadModels(ABC):
    """Reads and writes the tables of projections. Everything raises LogUnavailable when the database is at fault."""

    @abstractmethod
    async def checkpoint(self, projection: Projection) -> int:
        """The position up to which this version of the projection has folded the log; 0 at first."""

    @abstractmethod
    async def load(self, table: Table, keys: Sequence[Key]) -> dict[Key, Row]:
        """The rows with these keys, as far as there are any."""

    @abstractmethod
    async def store(self, projection: Projection, before: int, after: int, changes: Changes) -> None:
        """Store changed rows and move the checkpoint from `before` to `after`. Raises CheckpointMoved."""

    @abstractmethod
    async def fetch(self, sql: str, *parameters: Any) -> list[Row]:
        """All rows of a query; parameters are named $1, $2 … in it, in either database."""


def models_of(database: SqliteDatabase | PostgresDatabase) -> ReadModels:
    """The read models in this database."""
    return SqliteReadModels(database) if isinstance(database, SqliteDatabase) else PostgresReadModels(database)


_CHECKPOINT = "SELECT position FROM projection_checkpoints WHERE name = $1 AND version = $2"

# Inserts at the first move, else compares and sets: no row comes back when another process was faster.
_MOVE = """
INSERT INTO projection_checkpoints (name, version, position) VALUES ($1, $2, $4)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position
WHERE projection_checkpoints.version = $2 AND projection_checkpoints.position = $3
RETURNING position"""


class SqliteReadModels(ReadModels):
    """See ReadModels."""

    _KEYS_AT_ONCE = 500

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def checkpoint(self, projection: Projection) -> int:
        """See ReadModels.checkpoint."""
        rows = await self.fetch(_CHECKPOINT, projection.name, projection.version)
        return int(rows[0][0]) if rows else 0

    async def load(self, table: Table, keys: Sequence[Key]) -> dict[Key, Row]:
        """See ReadModels.load."""
        columns = list(table.columns)
        names = ", ".join(columns[: table.key_columns])
        one = f"({', '.join('?' * table.key_columns)})"
        found: dict[Key, Row] = {}
        for start in range(0, len(keys), self._KEYS_AT_ONCE):
            some = keys[start : start + self._KEYS_AT_ONCE]
            sql = (
                f"SELECT {', '.join(columns)} FROM {table.name} "
                f"WHERE ({names}) IN (VALUES {', '.join([one] * len(some))})"
            )
            for row in await self._database.read(sql, list(chain.from_iterable(some))):
                found[table.key_of(row)] = row
        return found

    async def store(self, projection: Projection, before: int, after: int, changes: Changes) -> None:
        """See ReadModels.store."""
        await self._database.write(lambda connection: self._store(connection, projection, before, after, changes))

    @staticmethod
    def _store(
        connection: sqlite3.Connection, projection: Projection, before: int, after: int, changes: Changes
    ) -> None:
        values = (projection.name, projection.version, before, after)
        if connection.execute(_numbered(_MOVE), values).fetchone() is None:
            raise CheckpointMoved(projection.name)
        for table in projection.tables:
            rows, deleted = changes.of(table)
            columns = list(table.columns)
            if rows:
                places = ", ".join("?" * len(columns))
                connection.executemany(
                    f"INSERT OR REPLACE INTO {table.name} ({', '.join(columns)}) VALUES ({places})", rows
                )
            if deleted:
                where = " AND ".join([f"{name} = ?" for name in columns[: table.key_columns]])
                connection.executemany(f"DELETE FROM {table.name} WHERE {where}", deleted)

    async def fetch(self, sql: str, *parameters: Any) -> list[Row]:
        """See ReadModels.fetch."""
        return await self._database.read(_numbered(sql), parameters)


def _numbered(sql: str) -> str:
    """SQLite's spelling of numbered parameters."""
    return sql.replace("$", "?")


class PostgresReadModels(ReadModels):
    """See ReadModels."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def checkpoint(self, projection: Projection) -> int:
        """See ReadModels.checkpoint."""
        rows = await self.fetch(_CHECKPOINT, projection.name, projection.version)
        return int(rows[0][0]) if rows else 0

    async def load(self, table: Table, keys: Sequence[Key]) -> dict[Key, Row]:
        """See ReadModels.load."""
        if not keys:
            return {}
        names, types = list(table.columns), list(table.columns.values())
        arrays = ", ".join([f"${n}::{types[n - 1]}[]" for n in range(1, table.key_columns + 1)])
        sql = (
            f"SELECT {', '.join(names)} FROM {table.name} "
            f"WHERE ({', '.join(names[: table.key_columns])}) IN (SELECT * FROM unnest({arrays}))"
        )
        rows = [
            tuple(row) for row in await self._database.read(sql, *[list(column) for column in zip(*keys, strict=True)])
        ]
        return {table.key_of(row): row for row in rows}

    async def store(self, projection: Projection, before: int, after: int, changes: Changes) -> None:
        """See ReadModels.store."""

        async def work(connection: Connection) -> None:
            # What is lost in a crash of the server is the checkpoint's move as well, so it is simply folded again.
            await connection.execute("SET LOCAL synchronous_commit = off")
            if await connection.fetchrow(_MOVE, projection.name, projection.version, before, after) is None:
                raise CheckpointMoved(projection.name)
            for table in projection.tables:
                rows, deleted = changes.of(table)
                if rows:
                    await connection.execute(_upsert(table), *[list(column) for column in zip(*rows, strict=True)])
                if deleted:
                    await connection.execute(_delete(table), *[list(column) for column in zip(*deleted, strict=True)])

        await self._database.write(work)

    async def fetch(self, sql: str, *parameters: Any) -> list[Row]:
        """See ReadModels.fetch."""
        return [tuple(row) for row in await self._database.read(sql, *parameters)]


def _upsert(table: Table) -> str:
    names = list(table.columns)
    arrays = ", ".join([f"${n}::{kind}[]" for n, kind in enumerate(table.columns.values(), 1)])
    changed = ", ".join([f"{name} = excluded.{name}" for name in names[table.key_columns :]])
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({arrays}) "
        f"ON CONFLICT ({', '.join(names[: table.key_columns])}) DO UPDATE SET {changed}"
    )


def _delete(table: Table) -> str:
    names, types = list(table.columns), list(table.columns.values())
    arrays = ", ".join([f"${n}::{types[n - 1]}[]" for n in range(1, table.key_columns + 1)])
    return (
        f"DELETE FROM {table.name} WHERE ({', '.join(names[: table.key_columns])}) IN (SELECT * FROM unnest({arrays}))"
    )
