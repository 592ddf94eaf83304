"""Read models in a SQLite file."""

import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ClassVar

import msgspec

from events.sqlite.connection import SqliteDatabase
from migrations.runner import make_tables_sqlite
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
    Flush,
    ReadModels,
    Snapshot,
    after_key,
    parts,
)
from projections.storage.sqlite_inline import run_steps
from projections.storage.sqlite_rows import numbered, selects, store_rows

_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
_INDEX = re.compile(r'^(CREATE (?:UNIQUE )?INDEX) "?\w+"? ON "?\w+"? ?')
_DEFINITION = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"


class SqliteReadModels(ReadModels):
    """See ReadModels."""

    # The thread that stores holds the lock of all writers, and needs the interpreter's at every row.
    stores_apart: ClassVar[bool] = False

    def __init__(self, database: SqliteDatabase, suffix: str = "") -> None:
        self._database = database
        self.suffix = suffix

    def copy(self, suffix: str) -> "SqliteReadModels":
        """See ReadModels.copy."""
        return SqliteReadModels(self._database, suffix)

    async def checkpoint(self, projection: Projection) -> int:
        """See ReadModels.checkpoint."""
        rows = await self.fetch(CHECKPOINT, projection.name + self.suffix, projection.version)
        return int(rows[0][0]) if rows else 0

    async def load(self, table: Table, keys: Sequence[Key]) -> dict[Key, Row]:
        """See ReadModels.load."""
        return {
            table.key_of(row): row
            for sql, parameters in selects(table, self.suffix, keys)
            for row in await self._database.read(sql, parameters)
        }

    async def store(
        self, projection: Projection, before: int, after: int, changes: Changes, dead_letters: DeadLetters | None = None
    ) -> None:
        """See ReadModels.store."""

        def work(connection: sqlite3.Connection) -> None:
            values = (projection.name + self.suffix, projection.version, before, after)
            if connection.execute(numbered(MOVE), values).fetchone() is None:
                raise CheckpointMoved(projection.name)
            if dead_letters is not None:
                self._store_dead_letters(connection, projection, dead_letters)
            store_rows(connection, projection, self.suffix, changes)

        await self._database.write(work)

    async def store_copy(
        self,
        projection: Projection,
        before: int,
        after: int,
        changes: Changes,
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        """See ReadModels.store_copy.

        In short transactions, since each keeps all others from appending.
        """
        if before:
            await self.store(projection, before, after, changes)
            return
        # Until the checkpoint is there, what was written of a copy counts for nothing: `create` throws it away.
        for part in parts(projection, changes, PART):
            await self._database.write(partial(store_rows, projection=projection, suffix=self.suffix, changes=part))
            await pause()
        await self.store(projection, before, after, Flush({}))

    def _store_dead_letters(
        self, connection: sqlite3.Connection, projection: Projection, dead_letters: DeadLetters
    ) -> None:
        if connection.execute(numbered(COUNT_DEAD_LETTERS), (projection.name,)).fetchone() != (dead_letters.known,):
            raise CheckpointMoved(projection.name)
        connection.executemany(
            numbered(ADD_DEAD_LETTER), [msgspec.structs.astuple(event) for event in dead_letters.added]
        )
        connection.executemany(
            numbered(REMOVE_DEAD_LETTER), [(projection.name, position) for position in dead_letters.removed]
        )

    async def fetch(self, sql: str, *parameters: Any) -> list[Row]:
        """See ReadModels.fetch."""
        return await self._database.read(numbered(sql), parameters)

    async def execute(self, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """See ReadModels.execute."""

        def work(connection: sqlite3.Connection) -> None:
            for sql, rows in statements:
                connection.executemany(numbered(sql), rows)

        await self._database.write(work)

    async def restore(self, projection: Projection) -> list[str]:
        """See ReadModels.restore."""

        def work(connection: sqlite3.Connection) -> list[str]:
            names = [table.name for table in projection.tables]
            missing = [name for name in names if connection.execute(_DEFINITION, (name,)).fetchone() is None]
            if missing:
                make_tables_sqlite(connection, missing)
                for name in names:
                    connection.execute(f"DELETE FROM {name}")
                connection.execute("DELETE FROM projection_checkpoints WHERE name = ?", (projection.name,))
                connection.execute(numbered(REMOVE_ALL_DEAD_LETTERS), (projection.name,))
            return missing

        return await self._database.write(work)

    async def create(self, projection: Projection) -> None:
        """See ReadModels.create."""

        def work(connection: sqlite3.Connection) -> None:
            for table in projection.tables:
                if connection.execute(_DEFINITION, (table.name + self.suffix,)).fetchone():
                    continue
                (live,) = connection.execute(_DEFINITION, (table.name,)).fetchone()
                # SQLite quotes the name of a table that was renamed once.
                connection.execute(re.sub(rf'"?{table.name}"?', table.name + self.suffix, live, count=1))

        known = await self.fetch(
            "SELECT version FROM projection_checkpoints WHERE name = $1", projection.name + self.suffix
        )
        if known != [(projection.version,)]:
            await self.discard(projection)
        await self._database.write(work)

    async def index(self, projection: Projection) -> None:
        """See ReadModels.index."""

        def work(connection: sqlite3.Connection) -> None:
            for table in projection.tables:
                for name, sql in connection.execute(_INDEXES, (table.name,)).fetchall():
                    # An index cannot be renamed, and goes with its table: so its name has the suffix after every other rebuild.
                    renamed = name.removesuffix(self.suffix) if name.endswith(self.suffix) else name + self.suffix
                    made = rf'\1 IF NOT EXISTS "{renamed}" ON {table.name}{self.suffix} '
                    connection.execute(_INDEX.sub(made, sql, count=1))

        await self._database.write(work)

    async def discard(self, projection: Projection) -> None:
        """See ReadModels.discard."""
        await self._database.write(lambda connection: self._discard(connection, projection))

    def _discard(self, connection: sqlite3.Connection, projection: Projection) -> None:
        for table in projection.tables:
            connection.execute(f"DROP TABLE IF EXISTS {table.name}{self.suffix}")
        connection.execute("DELETE FROM projection_checkpoints WHERE name = ?", (projection.name + self.suffix,))

    async def promote(self, projection: Projection, wrong: int | None = None) -> bool:
        """See ReadModels.promote."""

        def work(connection: sqlite3.Connection) -> bool:
            known = numbered(CHECKPOINT)
            live = connection.execute(known, (projection.name, projection.version)).fetchone()
            ours = connection.execute(known, (projection.name + self.suffix, projection.version)).fetchone()
            steps = fold_last_events(projection, ours[0] if ours else 0, self.suffix)
            reached = run_steps(connection, steps)
            if live is not None and live[0] != wrong and run_steps(connection, is_behind(live[0], reached)):
                return False
            for table in projection.tables:
                connection.execute(f"DROP TABLE IF EXISTS {table.name}")
                connection.execute(f"ALTER TABLE {table.name}{self.suffix} RENAME TO {table.name}")
            connection.execute(
                "INSERT OR REPLACE INTO projection_checkpoints (name, version, position) VALUES (?, ?, ?)",
                (projection.name, projection.version, reached),
            )
            connection.execute(numbered(REMOVE_ALL_DEAD_LETTERS), (projection.name,))
            self._discard(connection, projection)
            return True

        try:
            return await self._database.write(work)
        except InlineFailed:
            return False

    @asynccontextmanager
    async def snapshot(self, projection: Projection) -> AsyncIterator[Snapshot]:
        """See ReadModels.snapshot."""
        async with self._database.snapshot() as fetch:
            rows = await fetch(numbered(CHECKPOINT), (projection.name + self.suffix, projection.version))
            yield _SqliteSnapshot(fetch, self.suffix, rows[0][0] if rows else 0)


class _SqliteSnapshot(Snapshot):
    def __init__(self, fetch: Any, suffix: str, position: int) -> None:
        self._fetch = fetch
        self._suffix = suffix
        self.position = position

    async def rows(self, table: Table) -> AsyncIterator[Row]:
        """See Snapshot.rows."""
        beyond, order = after_key(table, "")
        columns = ", ".join(table.columns)
        key: Key = ()
        while True:
            where = f"WHERE {beyond} " if key else ""
            sql = f"SELECT {columns} FROM {table.name}{self._suffix} {where}ORDER BY {order} LIMIT {PAGE}"
            rows = await self._fetch(numbered(sql), key)
            for row in rows:
                yield row
            if len(rows) < PAGE:
                return
            key = table.key_of(rows[-1])
