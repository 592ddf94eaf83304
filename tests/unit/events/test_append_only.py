"""The databases themselves refuse to change what happened."""

import sqlite3
import subprocess
from collections.abc import Callable

import pytest

from tests.support.databases import SQLITE_PREFIX, open_log
from tests.support.postgres import PostgresServer, database_name
from tests.support.sample_events import write

CHANGES = [
    "UPDATE events SET data = '{}'",
    "UPDATE events SET data = '{}' WHERE position = 1",
    "UPDATE events SET position = position + 10",
    "DELETE FROM events WHERE position = 2",
    "DELETE FROM events",
]
REPLACEMENTS = [
    "(1, 'new', 1, 'T', 1, '{}', '{}', 0)",
    "(9, 'a', 1, 'T', 1, '{}', '{}', 0)",
]


@pytest.fixture
async def execute(database_url: str, postgres_server: PostgresServer) -> Callable[[str], None]:
    """Runs a statement as somebody would who has the database and not the software; raises RuntimeError."""
    async with open_log(database_url) as log:
        await log.append([write("a"), write("b")])

    def execute(statement: str) -> None:
        try:
            if database_url.startswith(SQLITE_PREFIX):
                connection = sqlite3.connect(database_url.removeprefix(SQLITE_PREFIX), isolation_level=None)
                try:
                    connection.execute(statement)
                finally:
                    connection.close()
            else:
                postgres_server.sql(statement, database_name(database_url))
        except sqlite3.Error as error:
            raise RuntimeError(str(error)) from error
        except subprocess.CalledProcessError as error:
            raise RuntimeError(error.stderr) from error

    return execute


@pytest.mark.parametrize("statement", CHANGES)
async def test_events_are_neither_changed_nor_removed(
    database_url: str, execute: Callable[[str], None], statement: str
) -> None:
    async with open_log(database_url) as log:
        before = await log.read()
        with pytest.raises(RuntimeError, match="append-only"):
            execute(statement)
        assert await log.read() == before


@pytest.mark.parametrize("values", REPLACEMENTS)
async def test_events_are_not_replaced(database_url: str, execute: Callable[[str], None], values: str) -> None:
    statements = (
        [f"INSERT OR REPLACE INTO events VALUES {values}", f"REPLACE INTO events VALUES {values}"]
        if database_url.startswith(SQLITE_PREFIX)
        else [f"INSERT INTO events VALUES {values} ON CONFLICT (position) DO UPDATE SET data = ''"]
    )
    async with open_log(database_url) as log:
        before = await log.read()
        for statement in statements:
            with pytest.raises(RuntimeError, match="append-only"):
                execute(statement)
        assert await log.read() == before


async def test_postgres_refuses_to_truncate(postgres_url: str, postgres_server: PostgresServer) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        postgres_server.sql("TRUNCATE events", database_name(postgres_url))
    assert "append-only" in refusal.value.stderr
