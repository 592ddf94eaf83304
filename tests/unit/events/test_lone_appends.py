"""Appends to a SQLite file that come one at a time: the event loop stores them itself, but never waits for long."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from events.log import Appended, LogUnavailable, StreamMoved
from events.sqlite import connection as sqlite_module
from events.sqlite.connection import CHECKPOINT_PAGES, TURNS, SqliteDatabase
from events.sqlite.log import FEW_EVENTS, LONE_APPENDS, SqliteLog
from tests.support.databases import open_log, open_sqlite
from tests.support.sample_events import command, write

LOOP, WRITER = "MainThread", "sqlite-writer"
PAGE = 4096


@pytest.fixture
async def database(sqlite_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with open_sqlite(sqlite_path) as database:
        yield database


@pytest.fixture
def log(database: SqliteDatabase) -> SqliteLog:
    return SqliteLog(database)


@pytest.fixture
def storing(database: SqliteDatabase) -> list[str]:
    """The names of the threads on which appends were stored, one after another."""
    names: list[str] = []
    last = ("", "")

    def notice(statement: str) -> None:
        nonlocal last
        heard = (threading.current_thread().name, statement)
        # It is heard of once more for each trigger that it sets off.
        if statement.startswith("INSERT INTO events") and heard != last:
            last = heard
            names.append(heard[0])

    database._writer.set_trace_callback(notice)
    return names


@pytest.fixture(autouse=True)
def any_disk_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "QUICK_SECONDS", 3600)


async def append_alone(log: SqliteLog, count: int, *, before: int = 0) -> None:
    for version in range(before, before + count):
        assert await log.append([write("alone", version)]) == Appended(version + 1, version + 1)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process that writes, as long as this lasts."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def write_ahead_log_bytes(path: Path) -> int:
    return Path(f"{path}-wal").stat().st_size


async def test_the_event_loop_stores_what_keeps_coming_alone(log: SqliteLog, storing: list[str]) -> None:
    await append_alone(log, LONE_APPENDS + 3)
    assert storing == [WRITER] * LONE_APPENDS + [LOOP] * 3


async def test_the_writer_stores_what_comes_together_and_what_follows_on_it(log: SqliteLog, storing: list[str]) -> None:
    await append_alone(log, LONE_APPENDS)
    await asyncio.gather(log.append([write("a", 0)]), log.append([write("b", 0)]))
    await log.append([write("a", 1)])
    assert storing == [WRITER] * (LONE_APPENDS + 2)


async def test_the_writer_stores_what_comes_while_another_is_being_stored(
    log: SqliteLog, storing: list[str], sqlite_path: Path
) -> None:
    await append_alone(log, LONE_APPENDS)
    for version in range(3):
        with locked(sqlite_path):
            first = asyncio.ensure_future(log.append([write("a", version)]))
            # Reading takes a way through the event loop, so by then the first has been handed over.
            await log.head()
            second = asyncio.ensure_future(log.append([write("b", version)]))
            await log.head()
        await asyncio.gather(first, second)
    # The loop tried the first, in vain: another process was writing.
    assert storing == [WRITER] * LONE_APPENDS + [LOOP] + [WRITER] * 6


async def test_the_writer_stores_what_is_large_or_says_more_than_where_a_stream_is(
    log: SqliteLog, storing: list[str]
) -> None:
    await append_alone(log, LONE_APPENDS)
    await log.append([write("a", 0, *range(FEW_EVENTS + 1))])
    await log.append([write("b", 0)], command=command("c"))
    assert LOOP not in storing


async def test_the_writer_has_a_turn_now_and_then(log: SqliteLog, storing: list[str]) -> None:
    await append_alone(log, LONE_APPENDS + 2 * TURNS + 2)
    assert storing == [WRITER] * LONE_APPENDS + ([LOOP] * TURNS + [WRITER]) * 2


async def test_the_write_ahead_log_is_moved_though_all_appends_come_alone(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_module, "CHECKPOINT_PAGES", 20)
    async with open_sqlite(sqlite_path) as database:
        await append_alone(SqliteLog(database), 20 * TURNS)
        # An append changes half a dozen pages, each of which is written.
        assert write_ahead_log_bytes(sqlite_path) < 10 * TURNS * PAGE


async def test_the_event_loop_waits_for_no_other_process(sqlite_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "BUSY_SECONDS", 3600)
    async with open_sqlite(sqlite_path) as database:
        log = SqliteLog(database)
        await append_alone(log, LONE_APPENDS + 1)
        with locked(sqlite_path):
            append = asyncio.ensure_future(log.append([write("b", 0)]))
            assert await log.head() == LONE_APPENDS + 1
            assert not append.done()
        assert await append == Appended(LONE_APPENDS + 2, LONE_APPENDS + 2)


@pytest.mark.parametrize(("rest", "next_ones"), [(1e9, WRITER), (0, LOOP)])
async def test_the_event_loop_leaves_a_slow_disk_to_the_writer_for_a_while(
    log: SqliteLog, storing: list[str], monkeypatch: pytest.MonkeyPatch, rest: float, next_ones: str
) -> None:
    monkeypatch.setattr(sqlite_module, "QUICK_SECONDS", 0)
    monkeypatch.setattr(sqlite_module, "REST", rest)
    await append_alone(log, LONE_APPENDS + 3)
    assert storing == [WRITER] * LONE_APPENDS + [LOOP] + [next_ones] * 2


async def test_the_event_loop_stays_away_from_a_connection_that_the_writer_uses(
    log: SqliteLog, storing: list[str], database: SqliteDatabase
) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO subject_keys VALUES ('s', x'00')")
        begun.set()
        let_go.wait()

    await append_alone(log, LONE_APPENDS)
    writing = asyncio.ensure_future(database.write(work))
    await asyncio.to_thread(begun.wait)
    # Nobody waits for it any more, but it is at work.
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    append = asyncio.ensure_future(log.append([write("b", 0)]))
    await log.head()
    assert storing == [WRITER] * LONE_APPENDS
    let_go.set()
    assert await append == Appended(LONE_APPENDS + 1, LONE_APPENDS + 1)
    assert await database.read("SELECT count(*) FROM subject_keys") == [(1,)]
    assert storing == [WRITER] * (LONE_APPENDS + 1)


async def test_a_lone_append_that_the_database_refuses_fails_alone_and_the_next_is_stored(
    log: SqliteLog, storing: list[str], database: SqliteDatabase
) -> None:
    await append_alone(log, LONE_APPENDS)
    database._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(LogUnavailable, match="readonly"):
        await log.append([write("b", 0)])
    database._writer.execute("PRAGMA query_only = OFF")
    assert await log.head() == LONE_APPENDS
    assert await log.append([write("b", 0)]) == Appended(LONE_APPENDS + 1, LONE_APPENDS + 1)
    assert storing == [WRITER] * LONE_APPENDS + [LOOP, WRITER]


async def test_a_lone_append_behind_another_process_is_checked_as_any(log: SqliteLog, sqlite_path: Path) -> None:
    await append_alone(log, LONE_APPENDS + 1)
    async with open_log(f"sqlite:///{sqlite_path}") as other:
        await other.append([write("alone", LONE_APPENDS + 1)])
    with pytest.raises(StreamMoved) as refused:
        await log.append([write("alone", LONE_APPENDS + 1)])
    assert [conflict.actual for conflict in refused.value.conflicts] == [LONE_APPENDS + 2]
    assert await log.append([write("b", 0)]) == Appended(LONE_APPENDS + 3, LONE_APPENDS + 3)


async def test_a_lone_append_to_a_closed_database_is_refused(sqlite_path: Path) -> None:
    async with open_sqlite(sqlite_path) as database:
        log = SqliteLog(database)
        await append_alone(log, LONE_APPENDS + 1)
    with pytest.raises(LogUnavailable, match="closed"):
        await log.append([write("b", 0)])


async def test_a_lengthened_write_ahead_log_is_long_and_holds_nothing_new(
    log: SqliteLog, database: SqliteDatabase, sqlite_path: Path, tmp_path: Path
) -> None:
    await append_alone(log, 1)
    schema = await database.read("SELECT * FROM sqlite_schema")
    await database.lengthen_write_ahead_log()
    length = write_ahead_log_bytes(sqlite_path)
    assert length > CHECKPOINT_PAGES * PAGE
    await append_alone(log, 1, before=1)
    await database.lengthen_write_ahead_log()
    assert write_ahead_log_bytes(sqlite_path) == length
    # What a crash would leave.
    left = tmp_path / "left.sqlite"
    shutil.copy(sqlite_path, left)
    shutil.copy(f"{sqlite_path}-wal", f"{left}-wal")
    async with open_sqlite(left) as found:
        assert await found.read("SELECT * FROM sqlite_schema") == schema
        assert await found.read("PRAGMA integrity_check") == [("ok",)]
        assert await SqliteLog(found).read() == await log.read()
        await append_alone(SqliteLog(found), 1, before=2)


async def test_a_write_ahead_log_is_not_lengthened_without_room_or_leave_or_beside_a_process_that_writes(
    log: SqliteLog, database: SqliteDatabase, sqlite_path: Path
) -> None:
    with locked(sqlite_path):
        await database.lengthen_write_ahead_log()
    database._writer.execute("PRAGMA query_only = ON")
    await database.lengthen_write_ahead_log()
    database._writer.execute("PRAGMA query_only = OFF")
    [(pages,)] = await database.read("PRAGMA page_count")
    database._writer.execute(f"PRAGMA max_page_count = {pages + 20}")
    await database.lengthen_write_ahead_log()
    assert write_ahead_log_bytes(sqlite_path) < CHECKPOINT_PAGES * PAGE
    await append_alone(log, 1)
