"""PostgreSQL stops and starts under load: nothing is lost, nothing happens twice, and everybody goes on by themselves."""

import asyncio
from collections.abc import Iterator

import pytest

from events.log import ANY, EventLog, LogUnavailable, StreamMoved
from events.postgres.connection import PostgresDatabase
from events.postgres.log import PostgresLog
from events.subscription import follow
from events.vocabulary import REGISTRY
from migrations.runner import migrate_postgres
from tests.crash.wholeness import assert_whole
from tests.support.databases import open_log
from tests.support.holding import held, hold_at, holding
from tests.support.postgres import PostgresServer, StopMode, database_name
from tests.support.sample_events import command, number_of, positions, write
from tests.support.waiting import eventually

WRITERS = 8


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that may be stopped."""
    server = PostgresServer()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
async def url(server: PostgresServer) -> str:
    url = server.create_database()
    await migrate_postgres(url)
    return url


class Load:
    """Writers that count up in streams of their own, each step a command that is sent again until it is answered."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.finishing = False
        self.counts = [0] * WRITERS
        self.failures = 0
        self.confirmed: list[tuple[int, int]] = []

    async def write(self, number: int) -> None:
        stream = f"writer-{number}"
        while not self.finishing:
            version = self.counts[number]
            try:
                done = await self._log.append(
                    [write(stream, version, version), write("shared", ANY, number)],
                    command=command(f"{stream}-{version}"),
                )
            except LogUnavailable:
                self.failures += 1
                await asyncio.sleep(0.02)
                continue
            self.confirmed.append((done.first, done.last))
            self.counts[number] += 1

    async def another_step_of_each(self) -> None:
        before = list(self.counts)
        await eventually(lambda: all(now > then for now, then in zip(self.counts, before, strict=True)), 30)


@pytest.mark.timeout(120)
async def test_appends_and_followers_outlive_restarts_of_the_server(server: PostgresServer, url: str) -> None:
    seen: list[int] = []
    troubles: list[LogUnavailable] = []

    async def watch(log: EventLog) -> None:
        async for page in follow(log, page=50, on_unavailable=troubles.append):
            seen.extend(positions(page))

    async with open_log(url) as log, open_log(url) as other:
        load = Load(log)
        watchers = [asyncio.ensure_future(watch(other))]
        writers = [asyncio.ensure_future(load.write(number)) for number in range(WRITERS)]
        modes: list[StopMode] = ["immediate", "fast", "immediate"]
        for mode in modes:
            await load.another_step_of_each()
            failures, told = load.failures, len(troubles)
            await asyncio.to_thread(server.stop, mode)
            await eventually(lambda failures=failures: load.failures > failures, 20)
            await eventually(lambda told=told: len(troubles) > told, 20)
            await asyncio.to_thread(server.start)
        await load.another_step_of_each()
        load.finishing = True
        await asyncio.gather(*writers)

        await assert_whole(log, load.confirmed)
        for number, count in enumerate(load.counts):
            assert [number_of(event) for event in await log.read_stream(f"writer-{number}")] == list(range(count))
        head = await log.head()
        assert head == 2 * sum(load.counts)
        await eventually(lambda: len(seen) >= head, 20)
        assert seen == list(range(1, head + 1))
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)


async def test_a_server_that_crashes_in_the_middle_of_an_append_has_none_of_it(
    server: PostgresServer, url: str
) -> None:
    async with open_log(url) as log:
        await log.append([write("a", 0, 1)], command=command("first"))
        hold_at(server, database_name(url), "UPDATE ON log_head")
        async with holding(url):
            append = asyncio.ensure_future(log.append([write("a", 1, 2, 3), write("b")], command=command("second")))
            await eventually(lambda: held(server, database_name(url)))
            await asyncio.to_thread(server.stop, "immediate")
            with pytest.raises(LogUnavailable):
                await append
        await asyncio.to_thread(server.start)
        assert len(await assert_whole(log)) == 1
        assert await log.find_command(command("second")) is None
        assert (await log.append([write("a", 1, 2, 3), write("b")], command=command("second"))).last == 4


async def test_a_waiting_reader_is_woken_after_the_server_came_back(server: PostgresServer, url: str) -> None:
    async with open_log(url) as log, open_log(url) as other:
        await log.append([write("a")])
        assert await other.wait_beyond(0, 10) == 1
        await asyncio.to_thread(server.stop, "fast")
        waiting = asyncio.ensure_future(other.wait_beyond(1, 30))
        await asyncio.to_thread(server.start)

        async def appended() -> bool:
            try:
                await log.append([write("a", 1)])
            except LogUnavailable:
                return False
            except StreamMoved:
                pass
            return True

        await eventually(appended, 20)
        assert await waiting == 2


async def test_a_log_opens_and_closes_cleanly_while_the_server_is_down(server: PostgresServer, url: str) -> None:
    database = await PostgresDatabase.open(url)
    log = PostgresLog(database, REGISTRY)
    await log.append([write("a")])
    waiting = asyncio.ensure_future(log.wait_beyond(1, 0.2))
    await asyncio.to_thread(server.stop, "immediate")
    try:
        with pytest.raises(LogUnavailable, match="cannot connect"):
            await PostgresDatabase.open(url)
        for failing in (log.append([write("a")]), log.head(), log.read(), log.versions(["a"])):
            with pytest.raises(LogUnavailable):
                await failing
        assert await waiting == 1
        async with asyncio.timeout(10):
            await log.close()
            await database.close()
    finally:
        await asyncio.to_thread(server.start)
