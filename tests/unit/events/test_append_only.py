"""The databases themselves refuse to change what happened."""

import contextlib
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from migrations.runner import migrate_sqlite
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
    "(3, 'a', 1, 'T', 1, '{}', '{}', 0)",
    "(2, 'b', 1, 'T', 1, '{}', '{}', 0)",
    "(3, 'b', 1, 'T', 1, '{}', '{}', 0)",
]
MISPLACED = {
    "a position left out": (4, "new", 1),
    "a position before the first": (0, "new", 1),
    "a version left out": (3, "b", 3),
    "a version left out of another stream": (3, "a", 3),
    "a version again": (3, "b", 1),
    "a version of another stream again": (3, "a", 1),
    "a stream that begins at 0": (3, "new", 0),
    "a stream that begins at 2": (3, "new", 2),
    "a version below 0": (3, "b", -1),
}


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


@pytest.fixture
def log_of_two(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Event 1 begins the stream a, event 2 the stream b."""
    path = str(tmp_path / "log.sqlite")
    migrate_sqlite(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO events VALUES (1, 'a', 1, 'T', 1, '{}', '{}', 0), (2, 'b', 1, 'T', 1, '{}', '{}', 0)"
        )
        yield connection


def everything(connection: sqlite3.Connection) -> list[list[tuple[Any, ...]]]:
    """The events, the end of the log, and the events as the index finds them."""
    by_index = (
        "SELECT position FROM events INDEXED BY events_stream_version WHERE stream >= '' ORDER BY stream, version"
    )
    statements = ("SELECT * FROM events ORDER BY position", "SELECT * FROM log_head", by_index)
    return [connection.execute(statement).fetchall() for statement in statements]


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


@pytest.mark.parametrize("clause", ["", "OR REPLACE", "OR IGNORE", "OR FAIL", "OR ROLLBACK", "OR ABORT"])
@pytest.mark.parametrize("place", MISPLACED.values(), ids=MISPLACED)
def test_sqlite_refuses_events_that_do_not_follow_on(
    log_of_two: sqlite3.Connection, place: tuple[int, str, int], clause: str
) -> None:
    before = everything(log_of_two)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        log_of_two.execute(f"INSERT {clause} INTO events VALUES (?, ?, ?, 'T', 1, '{{}}', '{{}}', 0)", place)
    assert everything(log_of_two) == before


@pytest.mark.parametrize("clause", ["", "OR REPLACE", "OR IGNORE", "OR FAIL", "OR ROLLBACK", "OR ABORT"])
def test_sqlite_takes_none_of_a_statement_with_an_event_that_does_not_follow_on(
    log_of_two: sqlite3.Connection, clause: str
) -> None:
    before = everything(log_of_two)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        log_of_two.execute(
            f"INSERT {clause} INTO events VALUES (3, 'b', 2, 'T', 1, '{{}}', '{{}}', 5), (4, 'b', 2, 'T', 1, '{{}}', '{{}}', 5)"
        )
    assert everything(log_of_two) == before


@pytest.mark.parametrize("clause", ["", "OR REPLACE", "OR IGNORE"])
@pytest.mark.parametrize("column", range(8))
def test_sqlite_leaves_nothing_out_that_lacks_a_value(log_of_two: sqlite3.Connection, column: int, clause: str) -> None:
    before = everything(log_of_two)
    event: list[object] = [3, "new", 1, "T", 1, "{}", "{}", 0]
    event[column] = None
    with contextlib.suppress(sqlite3.IntegrityError):
        log_of_two.execute(f"INSERT {clause} INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", event)
    assert everything(log_of_two) == before


def test_sqlite_has_no_version_twice_even_without_its_triggers(log_of_two: sqlite3.Connection) -> None:
    log_of_two.execute("DROP TRIGGER events_move_end")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        log_of_two.execute("INSERT INTO events VALUES (3, 'a', 1, 'T', 1, '{}', '{}', 0)")


def test_sqlite_takes_what_follows_on_and_moves_the_end(log_of_two: sqlite3.Connection) -> None:
    places = [(3, "b", 2), (4, "a", 2), (5, "new", 1), (6, "new", 2), (7, "b", 3)]
    for position, stream, version in places:
        log_of_two.execute(
            "INSERT INTO events VALUES (?, ?, ?, 'T', 1, '{}', '{}', ?)", (position, stream, version, position * 10)
        )
        assert log_of_two.execute("SELECT position, recorded_at FROM log_head").fetchall() == [
            (position, position * 10)
        ]


async def test_postgres_refuses_to_truncate(postgres_url: str, postgres_server: PostgresServer) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        postgres_server.sql("TRUNCATE events", database_name(postgres_url))
    assert "append-only" in refusal.value.stderr
