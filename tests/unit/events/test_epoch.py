"""The log's epoch: one history, one name; and a process that meets another history stores nothing more."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.epoch import OtherHistory
from events.log import NO_STREAM, LogUnavailable, StreamWrite
from events.vocabulary.assignments import SeenReset
from migrations.runner import migrate_postgres
from tests.support.databases import SQLITE_PREFIX, open_log
from tests.support.postgres import PostgresServer, database_name

EVENT = SeenReset()


def write(stream: str, expect: int = NO_STREAM) -> list[StreamWrite]:
    return [StreamWrite(stream, expect, [EVENT])]


async def test_a_log_has_one_epoch_for_every_process_and_every_start(database_url: str) -> None:
    async with open_log(database_url) as first, open_log(database_url) as second:
        epochs = {await first.establish(), await second.establish(), first.epoch, second.epoch}
        await first.append(write("stream-1"))
        await second.append(write("stream-2"))
    async with open_log(database_url) as third:
        epochs.add(await third.establish())
    assert len(epochs) == 1
    assert epochs != {""}


async def test_an_append_learns_the_epoch_by_itself(database_url: str) -> None:
    async with open_log(database_url) as log:
        assert log.epoch == ""
        await log.append(write("stream-1"))
        assert log.epoch == await log.establish() != ""


async def test_processes_that_start_at_once_agree_on_one_epoch(database_url: str) -> None:
    async with open_log(database_url) as first, open_log(database_url) as second, open_log(database_url) as third:
        epochs = await asyncio.gather(first.establish(), second.establish(), third.establish())
    assert len(set(epochs)) == 1


async def test_a_copy_of_a_file_is_of_another_epoch_and_the_original_of_its_own(
    sqlite_path: Path, tmp_path: Path
) -> None:
    async with open_log(f"{SQLITE_PREFIX}{sqlite_path}") as log:
        await log.append(write("stream-1"))
        epoch = log.epoch
    copy = tmp_path / "copy.sqlite"
    shutil.copy(sqlite_path, copy)
    async with open_log(f"{SQLITE_PREFIX}{copy}") as log:
        assert await log.establish() != epoch
        assert await log.head() == 1
    async with open_log(f"{SQLITE_PREFIX}{sqlite_path}") as log:
        assert await log.establish() == epoch


@pytest.mark.parametrize("how", ["removed", "replaced by an older copy"])
async def test_what_is_written_to_a_file_that_is_gone_is_not_acknowledged(sqlite_path: Path, how: str) -> None:
    older = sqlite_path.with_name("older.sqlite")
    shutil.copy(sqlite_path, older)
    async with open_log(f"{SQLITE_PREFIX}{sqlite_path}") as log:
        await log.append(write("stream-1"))
        for name in ("", "-wal", "-shm"):
            sqlite_path.with_name(sqlite_path.name + name).unlink()
        if how != "removed":
            older.rename(sqlite_path)
        with pytest.raises(LogUnavailable, match="another history"):
            await log.append(write("stream-2"))
        await asyncio.wait_for(log.wait_for_other_history(), 1)
        with pytest.raises(OtherHistory):
            await log.head()
        with pytest.raises(LogUnavailable):
            await log.append(write("stream-3"))


async def test_tables_that_were_restored_are_of_another_history(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    database = database_name(postgres_url)
    async with open_log(postgres_url) as running:
        await running.append(write("stream-1"))
        epoch = running.epoch
        # As a dump that was made now and restored over it: same rows, other tables.
        postgres_server.sql(
            "CREATE TABLE restored (LIKE log_head INCLUDING ALL); INSERT INTO restored SELECT * FROM log_head;"
            "DROP TABLE log_head; ALTER TABLE restored RENAME TO log_head",
            database,
        )
        with pytest.raises(LogUnavailable, match="another history"):
            await running.append(write("stream-2"))
        async with open_log(postgres_url) as started:
            assert await started.establish() != epoch
            await started.append(write("stream-2"))
        with pytest.raises(LogUnavailable, match="another history"):
            await running.append(write("stream-2", 1))


async def test_a_log_that_became_shorter_is_of_another_epoch(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    async with open_log(postgres_url) as running, open_log(postgres_url) as other:
        await running.append(write("stream-1"))
        await running.append(write("stream-1", 1))
        epoch = await other.establish()
        postgres_server.sql(
            "ALTER TABLE events DISABLE TRIGGER USER; DELETE FROM events WHERE position = 2;"
            "ALTER TABLE events ENABLE TRIGGER USER; UPDATE log_head SET position = 1",
            database_name(postgres_url),
        )
        with pytest.raises(LogUnavailable, match="another history"):
            await running.append(write("stream-2"))
        # The one that found out has made a new epoch, so that others learn of it whatever they knew.
        async with open_log(postgres_url) as started:
            assert await started.establish() != epoch
            await started.append(write("stream-1", 1))
        with pytest.raises(LogUnavailable, match="another history"):
            await other.append(write("stream-2"))
        async with open_log(postgres_url) as started:
            assert await started.establish() != epoch


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        yield server
    finally:
        server.close()


@pytest.mark.parametrize("loses", [True, False], ids=["which lost the end", "which has all"])
async def test_after_a_failover_no_process_appends_what_it_decided_before(
    own_server: PostgresServer, *, loses: bool
) -> None:
    url = own_server.create_database()
    await migrate_postgres(url)
    async with open_log(url) as running:
        await running.append(write("stream-1"))
        epoch = running.epoch
        own_server.start_standby()
        if not loses:
            await running.append(write("stream-1", 1))
        own_server.stop_standby()
        if loses:
            await running.append(write("stream-1", 1))
        own_server.fail_over()
        if loses:
            # The version that it knows is there again, for another event.
            async with open_log(url) as started:
                assert await started.establish() != epoch
                await started.append(write("stream-1", 1))
        for _ in range(2):
            with pytest.raises(LogUnavailable):
                await running.append(write("stream-1", 2))
        await asyncio.wait_for(running.wait_for_other_history(), 1)
    async with open_log(url) as started:
        assert await started.establish() != epoch
        assert await started.head() == 2
        assert (await started.append(write("stream-1", 2))).last == 3


async def test_an_answer_that_comes_late_is_not_taken_for_a_shorter_log(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_log(database_url) as log:
        await log.append(write("stream-1"))
        database = log._database
        read = database.read

        async def read_late(*arguments: Any) -> Any:
            rows = await read(*arguments)
            monkeypatch.undo()
            # Meanwhile the log has grown, and this process knows.
            await log.append(write("stream-1", 1))
            return rows

        monkeypatch.setattr(database, "read", read_late)
        assert await log.head() == 1
        assert await log.head() == 2
