"""Applies the numbered SQL files of a database, each once, in order.

One lock, so that processes starting together do not collide; each file in a transaction of its own together with its row in
`schema_migrations`; a file that changed after it was applied, or a schema newer than the software, is refused by name.
"""

import hashlib
import re
import sqlite3
from collections.abc import Sequence
from importlib import resources
from typing import Any, NamedTuple, Protocol

import asyncpg

_FILE_NAME = re.compile(r"(\d{4})_(\w+)\.sql")
_LOCK = 7452381907
_LOCK_TIMEOUT = "30s"

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


class MigrationRefused(Exception):
    """The database's schema and this software's files do not fit together; nothing was changed."""


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
            faults.append(f"{number:04}_{migration.name}.sql was changed after it was applied")
    if faults:
        raise MigrationRefused("; ".join(faults))
    done = {row[0] for row in applied}
    return [migration for migration in files if migration.number not in done]


def migrate_sqlite(path: str, *, check: bool = False) -> list[str]:
    """Bring a database file up to date; with `check`, only say what is pending. Returns the names of files (to be) applied."""
    files = available("sqlite")
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    try:
        if check:
            exists = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'").fetchone()
            return _names(pending(files, _applied_sqlite(connection) if exists else []))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        waiting = pending(files, _applied_sqlite(connection))
        for migration in waiting:
            for statement in _statements(migration.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_migrations VALUES (?, ?, ?, datetime('now'))", migration[:2] + migration[3:]
            )
        connection.execute("COMMIT")
        return _names(waiting)
    finally:
        connection.close()


def _applied_sqlite(connection: sqlite3.Connection) -> list[tuple[int, str, str]]:
    return connection.execute("SELECT number, name, checksum FROM schema_migrations").fetchall()


def _statements(sql: str) -> list[str]:
    """Split at the semicolons that end a statement, not at those inside a trigger."""
    statements, text = [], ""
    for piece in re.split(r"(?<=;)", sql):
        text += piece
        if sqlite3.complete_statement(text):
            statements.append(text)
            text = ""
    return statements


async def migrate_postgres(dsn: str, *, check: bool = False) -> list[str]:
    """Bring a PostgreSQL database up to date; with `check`, only say what is pending. Returns the names of files (to be) applied."""
    files = available("postgres")
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        if check:
            exists = await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
            return _names(pending(files, await _applied_postgres(connection) if exists else []))
        await connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        waiting = pending(files, await _applied_postgres(connection))
        for migration in waiting:
            async with connection.transaction():
                await connection.execute(migration.sql)
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
