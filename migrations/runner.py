"""Applies the numbered SQL files of a database, each once, in order.

One lock, so that processes starting together do not collide; each file in a transaction of its own together with its row in
`schema_migrations`; a file that changed after it was applied, or a schema newer than the software, is refused by name. A file
that fails leaves nothing of itself; those before it stay applied, and the next run goes on from there.
"""

import hashlib
import os
import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import asyncpg

_FILE_NAME = re.compile(r"(\d{4})_(\w+)\.sql")
_LOCK = 7452381907
_LOCK_SECONDS = 30
_MODEL_SCHEMA = "trivia_made_anew"
"""There while tables that are missing are made, and gone with the transaction."""

_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     integer PRIMARY KEY,
    name       text    NOT NULL,
    checksum   text    NOT NULL,
    applied_at text    NOT NULL
)"""


class Migration(NamedTuple):
    """One numbered file. `checksum` is the SHA-256 of its text."""

    number: int
    name: str
    sql: str
    checksum: str

    @property
    def file_name(self) -> str:
        """As it is found in its folder."""
        return f"{self.number:04}_{self.name}.sql"


class MigrationRefused(Exception):
    """The database's schema and this software's files do not fit together, or it is no database; nothing was changed."""


class MigrationFailed(MigrationRefused):
    """The database refused a file, which the message names. Nothing of it was applied; those before it stay applied."""


class Applied(Protocol):
    """What is read of a row of `schema_migrations`."""

    def __getitem__(self, key: int, /) -> Any:
        """number, name, checksum."""


def available(database: str) -> list[Migration]:
    """The files for `sqlite` or `postgres`, in order. Raises MigrationRefused when they are not numbered without gaps."""
    found = []
    for entry in resources.files("migrations").joinpath(database).iterdir():
        if match := _FILE_NAME.fullmatch(entry.name):
            sql = entry.read_text(encoding="utf-8")
            found.append(Migration(int(match[1]), match[2], sql, hashlib.sha256(sql.encode()).hexdigest()))
    found.sort()
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationRefused(f"the files in migrations/{database} are not numbered without gaps")
    return found


def pending(files: Sequence[Migration], applied: Sequence[Applied]) -> list[Migration]:
    """Which files are still to be applied. Raises MigrationRefused and names every file at fault."""
    known = {migration.number: migration for migration in files}
    faults = []
    for row in applied:
        number, name, checksum = row[0], row[1], row[2]
        migration = known.get(number)
        if migration is None:
            faults.append(f"{number:04}_{name} was applied by a newer version of the software")
        elif migration.checksum != checksum:
            faults.append(f"{migration.file_name} was changed after it was applied")
    if faults:
        raise MigrationRefused("; ".join(faults))
    done = {row[0] for row in applied}
    return [migration for migration in files if migration.number not in done]


def migrate_sqlite(path: str, *, check: bool = False) -> list[str]:
    """Bring a database file up to date; with `check`, only say what is pending. Returns the names of files (to be) applied."""
    files = available("sqlite")
    if check and not Path(path).exists():
        return _names(files)
    _make_private(path)
    with closing(sqlite3.connect(path, isolation_level=None, timeout=_LOCK_SECONDS)) as connection:
        try:
            if check:
                return _names(pending(files, _applied_sqlite(connection)))
            _use_wal(connection)
            applied = []
            while migration := _apply_next_sqlite(connection, files):
                applied.append(migration)
            return _names(applied)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname == "SQLITE_NOTADB":
                raise MigrationRefused(f"{path}: {error}") from error
            raise


def _make_private(path: str) -> None:
    """Make a file that is not there for its owner alone, since it is to hold the keys of personal data; its journals get the same mode."""
    # Where this fails, opening it fails as well and says why.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turn the file to write-ahead logging. SQLite does not wait for others here, as it does elsewhere, so we do."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _apply_next_sqlite(connection: sqlite3.Connection, files: Sequence[Migration]) -> Migration | None:
    """Apply the first file that is pending; None when there is none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        waiting = pending(files, _applied_sqlite(connection))
        if waiting:
            _apply_sqlite(connection, waiting[0])
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return waiting[0] if waiting else None


def _apply_sqlite(connection: sqlite3.Connection, migration: Migration) -> None:
    connection.execute(_TABLE)
    try:
        for statement in _statements(migration.sql):
            connection.execute(statement)
    except sqlite3.Error as error:
        raise MigrationFailed(f"{migration.file_name}: {error}") from error
    connection.execute(
        "INSERT INTO schema_migrations VALUES (?, ?, ?, datetime('now'))",
        (migration.number, migration.name, migration.checksum),
    )


def _applied_sqlite(connection: sqlite3.Connection) -> list[tuple[int, str, str]]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'").fetchone():
        return []
    return connection.execute("SELECT number, name, checksum FROM schema_migrations").fetchall()


def _statements(sql: str) -> list[str]:
    """Split at the semicolons that end a statement, not at those inside a trigger."""
    statements, text = [], ""
    for piece in re.split(r"(?<=;)", sql):
        text += piece
        if sqlite3.complete_statement(text):
            statements.append(text)
            text = ""
    # What follows the last semicolon: a statement that was not ended, for the database to judge, or a comment.
    return [*statements, text] if text.strip() else statements


def make_tables_sqlite(connection: sqlite3.Connection, tables: Iterable[str]) -> None:
    """Make these tables, with their indexes, as all files together do; in the caller's transaction."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        for migration in available("sqlite"):
            _apply_sqlite(model, migration)
        for table in tables:
            # The table first; what SQLite makes itself has no text.
            for (sql,) in model.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type <> 'table'",
                (table,),
            ):
                connection.execute(sql)


async def make_tables_postgres(connection: "asyncpg.Connection[asyncpg.Record]", tables: Iterable[str]) -> None:
    """Make these tables, with their indexes, as all files together do; in the caller's transaction."""
    schema = await connection.fetchval("SELECT current_schema()")
    before = await connection.fetchval("SELECT current_setting('search_path')")
    await connection.execute(f"CREATE SCHEMA {_MODEL_SCHEMA}")
    await connection.execute("SELECT set_config('search_path', $1, true)", _MODEL_SCHEMA)
    for migration in available("postgres"):
        await connection.execute(migration.sql)
    for table in tables:
        await connection.execute(f'ALTER TABLE {table} SET SCHEMA "{schema}"')
    await connection.execute("SELECT set_config('search_path', $1, true)", before)
    await connection.execute(f"DROP SCHEMA {_MODEL_SCHEMA} CASCADE")


async def migrate_postgres(dsn: str, *, check: bool = False) -> list[str]:
    """Bring a PostgreSQL database up to date; with `check`, only say what is pending. Returns the names of files (to be) applied."""
    files = available("postgres")
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        if check:
            exists = await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
            return _names(pending(files, await _applied_postgres(connection) if exists else []))
        await connection.execute(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        waiting = pending(files, await _applied_postgres(connection))
        for migration in waiting:
            async with connection.transaction():
                try:
                    await connection.execute(migration.sql)
                except asyncpg.PostgresError as error:
                    raise MigrationFailed(f"{migration.file_name}: {error}") from error
                await connection.execute(
                    "INSERT INTO schema_migrations VALUES ($1, $2, $3, now()::text)", *migration[:2], migration.checksum
                )
        return _names(waiting)
    finally:
        await connection.close()


async def _applied_postgres(connection: "asyncpg.Connection[asyncpg.Record]") -> list[asyncpg.Record]:
    return await connection.fetch("SELECT number, name, checksum FROM schema_migrations")


def _names(migrations: Sequence[Migration]) -> list[str]:
    return [f"{migration.number:04}_{migration.name}" for migration in migrations]
