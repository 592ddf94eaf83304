"""A database that is locked, full, read-only or none at all: a clear error, nothing by half, and on it goes when that is over."""

import asyncio
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from events.log import Appended, EventLog, LogUnavailable
from events.postgres.connection import WRITER_SETTINGS, PostgresDatabase
from events.postgres.log import CHANNEL, PostgresLog
from events.sqlite import connection as sqlite_module
from events.sqlite.connection import SqliteDatabase
from events.sqlite.log import SqliteLog
from events.vocabulary import REGISTRY
from tests.support.databases import open_log, open_sqlite
from tests.support.postgres import PostgresServer, database_name
from tests.support.sample_events import command, write
from tests.support.waiting import eventually

LOCK_OF_THE_LOG = 7452381906


async def assert_refused_and_unharmed(log: EventLog, message: str) -> None:
    """Appends fail, each of its own; what was there can be read. Position 1 must be there already."""
    outcomes = await asyncio.gather(
        *[log.append([write(f"s{n}", 0, *range(500))], command=command(f"c{n}")) for n in range(3)],
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * 3
    assert message in str(outcomes[0])
    assert await log.head() == 1
    assert [event.position for event in await log.read()] == [1]
    assert await log.find_command(command("c0")) is None


async def assert_goes_on(log: EventLog) -> None:
    assert await log.append([write("a", 1)]) == Appended(2, 2)
    assert await log.append([write("s0", 0)], command=command("c0")) == Appended(3, 3)


async def pragma(database: SqliteDatabase, statement: str) -> None:
    """Set something on the writer's connection, which may not be able to begin a transaction."""
    await database._thread.call(lambda: database._writer.execute(f"PRAGMA {statement}").fetchall())


async def test_a_full_sqlite_file_refuses_appends_until_there_is_room(sqlite_path: Path) -> None:
    async with open_sqlite(sqlite_path) as database:
        log = SqliteLog(database, REGISTRY)
        await log.append([write("a")])
        [(pages,)] = await database.read("PRAGMA page_count")
        await pragma(database, f"max_page_count = {pages + 2}")
        await assert_refused_and_unharmed(log, "full")
        await pragma(database, "max_page_count = 1000000")
        await assert_goes_on(log)


async def test_a_sqlite_file_that_became_read_only_refuses_appends_until_it_is_not(sqlite_path: Path) -> None:
    async with open_sqlite(sqlite_path) as database:
        log = SqliteLog(database, REGISTRY)
        await log.append([write("a")])
        await pragma(database, "query_only = ON")
        await assert_refused_and_unharmed(log, "readonly")
        await pragma(database, "query_only = OFF")
        await assert_goes_on(log)


async def test_a_sqlite_file_that_another_process_keeps_locked_refuses_appends_until_it_lets_go(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_module, "BUSY_SECONDS", 0.1)
    async with open_log(f"sqlite:///{sqlite_path}") as log:
        await log.append([write("a")])
        other = sqlite3.connect(sqlite_path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await assert_refused_and_unharmed(log, "locked")
        other.execute("ROLLBACK")
        other.close()
        await assert_goes_on(log)


async def test_a_sqlite_append_waits_for_another_process_to_finish(sqlite_path: Path) -> None:
    async with open_log(f"sqlite:///{sqlite_path}") as log:
        other = sqlite3.connect(sqlite_path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        append = asyncio.ensure_future(log.append([write("a")]))
        # Readers are not held up meanwhile.
        assert await log.head() == 0
        assert not append.done()
        other.execute("ROLLBACK")
        other.close()
        assert await append == Appended(1, 1)


async def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "notes #1?.txt"
    path.write_text("not a database, " * 1000)
    with pytest.raises(LogUnavailable, match=r"cannot open .*notes #1\?\.txt: file is not a database"):
        await SqliteDatabase.open(str(path))
    assert path.read_text().startswith("not a database")


async def test_a_file_that_is_missing_is_refused_and_not_made(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.sqlite", tmp_path / "no" / "such" / "folder.sqlite", tmp_path):
        with pytest.raises(LogUnavailable, match="cannot open"):
            await SqliteDatabase.open(str(path))
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


@pytest.fixture
def oddly_named_path(sqlite_path: Path) -> Path:
    return sqlite_path.rename(sqlite_path.with_name("a %20?mode=ro&x=#1 ü.sqlite"))


async def test_a_file_with_odd_characters_in_its_name_is_opened(oddly_named_path: Path) -> None:
    async with open_log(f"sqlite:///{oddly_named_path}") as log:
        assert await log.append([write("a")]) == Appended(1, 1)


async def test_an_error_of_the_work_undoes_its_transaction_and_is_passed_on(sqlite_path: Path) -> None:
    def work(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO subject_keys VALUES ('s', x'00')")
        raise RuntimeError("no")

    async with open_sqlite(sqlite_path) as database:
        with pytest.raises(RuntimeError, match="no"):
            await database.write(work)
        assert await database.read("SELECT * FROM subject_keys") == []


async def test_an_append_gives_up_when_somebody_sits_on_the_lock_of_the_log(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WRITER_SETTINGS, "lock_timeout", "100ms")
    async with open_log(postgres_url) as log:
        await log.append([write("a")])
        other = await asyncpg.connect(postgres_url)
        await other.execute("SELECT pg_advisory_lock($1)", LOCK_OF_THE_LOG)
        await assert_refused_and_unharmed(log, "LockNotAvailable")
        await other.close()
        await assert_goes_on(log)


async def test_a_postgres_that_became_read_only_refuses_appends_until_it_is_not(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    # What a writer meets whose server was demoted to a standby.
    async with open_log(postgres_url) as log:
        await log.append([write("a")])
        name = database_name(postgres_url)
        writer = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'trivia-writer'"
        postgres_server.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on; {writer}")
        with pytest.raises(LogUnavailable):
            await log.append([write("a")])
        await assert_refused_and_unharmed(log, "ReadOnly")
        postgres_server.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
        await assert_goes_on(log)


async def test_a_writer_that_is_ended_by_the_server_connects_again(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    async with open_log(postgres_url) as log:
        await log.append([write("a")])
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'trivia%'"
        postgres_server.sql(ended)

        async def appended() -> bool:
            try:
                return await log.append([write("a", 1)]) == Appended(2, 2)
            except LogUnavailable:
                return False

        await eventually(appended)
        await eventually(lambda: is_readable(log))


async def is_readable(log: EventLog) -> bool:
    try:
        return await log.head() == 2
    except LogUnavailable:
        return False


async def test_an_append_while_a_notification_is_on_its_way_is_announced_as_well(postgres_url: str) -> None:
    sent, let_go = asyncio.Event(), asyncio.Event()

    class SlowAnswer(PostgresDatabase):
        async def read(self, sql: str, *parameters: object) -> list[asyncpg.Record]:
            rows = await super().read(sql, *parameters)
            if "pg_notify" in sql:
                sent.set()
                await let_go.wait()
            return rows

    database = await SlowAnswer.open(postgres_url)
    log = PostgresLog(database, REGISTRY)
    async with open_log(postgres_url) as other:
        first = asyncio.ensure_future(other.wait_beyond(0, 10))
        await log.append([write("a")])
        await sent.wait()
        assert await first == 1
        second = asyncio.ensure_future(other.wait_beyond(1, 10))
        await log.append([write("a")])
        let_go.set()
        assert await second == 2
    await log.close()
    await database.close()


@pytest.mark.parametrize("said", ["", "-1", "none", "999999999", "9" * 7_000])
async def test_a_notification_that_somebody_else_made_up_misleads_nobody(postgres_url: str, said: str) -> None:
    wrong: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
    async with open_log(postgres_url) as log, open_log(postgres_url) as other:
        await log.append([write("a")])
        assert await other.wait_beyond(0, 10) == 1
        somebody = await asyncpg.connect(postgres_url)
        await somebody.execute("SELECT pg_notify($1, $2)", CHANNEL, said)
        await somebody.close()
        waiting = asyncio.ensure_future(other.wait_beyond(1, 10))
        await log.append([write("a")])
        assert await waiting == 2
    assert wrong == []
