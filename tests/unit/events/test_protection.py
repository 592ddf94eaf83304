"""A database that lost what protects its log is noticed, whichever part it lost."""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from events.log import LogUnprotected
from events.postgres import connection as postgres
from events.sqlite import connection as sqlite
from trivia.platform.storage import open_storage


async def missing(url: str) -> tuple[str, ...]:
    async with open_storage(url) as storage:
        try:
            await storage.database.require_protected()
        except LogUnprotected as error:
            return error.missing
    return ()


async def test_a_migrated_database_is_protected(database_url: str) -> None:
    assert await missing(database_url) == ()


@pytest.mark.parametrize("name", sqlite.PROTECTION)
async def test_sqlite_says_what_is_missing(sqlite_url: str, sqlite_path: Path, name: str) -> None:
    with closing(sqlite3.connect(sqlite_path)) as connection:
        ((kind,),) = connection.execute("SELECT type FROM sqlite_schema WHERE name = ?", (name,))
        connection.execute(f"DROP {kind} {name}")
    assert await missing(sqlite_url) == (name,)


async def test_sqlite_notices_a_table_that_was_copied(sqlite_url: str, sqlite_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_path)) as connection:
        connection.executescript("""
            CREATE TABLE copy AS SELECT * FROM events;
            DROP TABLE events;
            ALTER TABLE copy RENAME TO events;
            CREATE INDEX events_stream_version ON events (stream, version);
        """)
    assert set(await missing(sqlite_url)) == {name for name in sqlite.PROTECTION if name.startswith("events")}


DAMAGE = {
    "events_refuse_change": "ALTER TABLE events DISABLE TRIGGER events_refuse_change",
    "events_pkey": "ALTER TABLE events DROP CONSTRAINT events_pkey",
    "events_stream_version": "DROP INDEX events_stream_version",
    "seals_refuse_change": "DROP TRIGGER seals_refuse_change ON seals",
    "seals_pkey": "ALTER TABLE seals DROP CONSTRAINT seals_pkey",
    "seals_first_position": "DROP INDEX seals_first_position",
    "append_events_v2": "DROP FUNCTION append_events_v2",
}


def test_every_part_of_postgres_is_tried() -> None:
    assert DAMAGE.keys() == set(postgres.PROTECTION)


@pytest.mark.parametrize("name", DAMAGE)
async def test_postgres_says_what_is_missing(postgres_url: str, name: str) -> None:
    await execute(postgres_url, DAMAGE[name])
    assert await missing(postgres_url) == (name,)


async def test_postgres_notices_a_table_that_was_copied(postgres_url: str) -> None:
    await execute(
        postgres_url,
        "CREATE TABLE copy AS SELECT * FROM events; DROP TABLE events; ALTER TABLE copy RENAME TO events;"
        "CREATE INDEX events_stream_version ON events (stream, version)",
    )
    assert set(await missing(postgres_url)) == {name for name in postgres.PROTECTION if name.startswith("events")}


async def execute(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statements)
    await connection.close()
