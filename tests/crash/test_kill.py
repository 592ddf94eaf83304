"""`kill -9` at any point of an append: what was acknowledged is there, nothing is there by half, and the log goes on."""

import json
import random
import sqlite3

import pytest

from events.log import EXISTS, Appended, EventLog
from tests.crash.attempts import EVENTS, attempt, prepare_for_attempts
from tests.crash.programs.doomed import APPENDS
from tests.crash.wholeness import assert_whole
from tests.support.databases import open_log
from tests.support.holding import held, hold_at, holding
from tests.support.postgres import PostgresServer, database_name
from tests.support.programs import Program, running
from tests.support.sample_events import command, number_of, write
from tests.support.waiting import eventually

KILLED = -9
SQLITE_POINTS = ["BEGIN", "SELECT", "INSERT INTO commands", "INSERT INTO events", "INSERT INTO events#4", "COMMIT"]


def acknowledged(program: Program) -> list[tuple[int, int]]:
    return [tuple(json.loads(line)) for line in program.lines if line.startswith("[")]


async def assert_stored(log: EventLog, appends: int) -> None:
    """Exactly the first so many attempts are in the log, and the rest can be made after them."""
    events = await assert_whole(log)
    assert len(events) == 1 + appends * EVENTS
    for number in range(appends):
        first = 2 + number * EVENTS
        assert await attempt(log, number) == Appended(first, first + EVENTS - 1, replayed=True)
    for number in range(appends, APPENDS + 1):
        first = 2 + number * EVENTS
        assert await attempt(log, number) == Appended(first, first + EVENTS - 1)
    await assert_whole(log)


@pytest.mark.parametrize(("point", "stored"), [*[(point, 2) for point in ["before", *SQLITE_POINTS]], ("after", 3)])
async def test_sqlite_writer_killed_inside_an_append(sqlite_url: str, point: str, stored: int) -> None:
    await assert_survives(sqlite_url, point, stored)


@pytest.mark.parametrize(
    ("point", "more"), [("before", 0), ("INSERT INTO events", 0), ("INSERT INTO events#4", 0), ("after", 1)]
)
async def test_sqlite_writer_killed_inside_an_append_of_a_single_statement(
    sqlite_url: str, point: str, more: int
) -> None:
    number = 2
    stored = number + more
    async with open_log(sqlite_url) as log:
        await prepare_for_attempts(log)
        with running("tests.crash.programs.doomed", sqlite_url, point, str(number), "plain") as doomed:
            await eventually(lambda: doomed.ended, 30)
            assert (doomed.wait(), doomed.errors) == (KILLED, "")
        first_ones = range(2, 2 + number * EVENTS, EVENTS)
        assert acknowledged(doomed) == [(first, first + EVENTS - 1) for first in first_ones]
        assert len(await assert_whole(log)) == 1 + stored * EVENTS
        for left in range(stored, APPENDS):
            first = 2 + left * EVENTS
            assert await attempt(log, left, plain=True) == Appended(first, first + EVENTS - 1)
        await assert_whole(log)


@pytest.mark.parametrize(("point", "stored"), [("before", 2), ("after", 3)])
async def test_postgres_client_killed_around_an_append(postgres_url: str, point: str, stored: int) -> None:
    await assert_survives(postgres_url, point, stored)


async def assert_survives(url: str, point: str, stored: int) -> None:
    async with open_log(url) as log:
        await prepare_for_attempts(log)
        with running("tests.crash.programs.doomed", url, point, "2") as doomed:
            await eventually(lambda: doomed.ended, 30)
            assert (doomed.wait(), doomed.errors) == (KILLED, "")
        assert acknowledged(doomed) == [(2, 4), (5, 7)]
        assert doomed.lines[-1] == "attempt 2"
        await assert_stored(log, stored)


@pytest.mark.parametrize("point", ["INSERT ON events", "UPDATE ON log_head", "INSERT ON commands"])
@pytest.mark.parametrize("server_too", [True, False], ids=["with its backend", "alone"])
async def test_postgres_client_killed_in_the_middle_of_an_append(
    postgres_url: str, postgres_server: PostgresServer, point: str, *, server_too: bool
) -> None:
    database = database_name(postgres_url)
    async with open_log(postgres_url) as log:
        await prepare_for_attempts(log)
        hold_at(postgres_server, database, point)
        async with holding(postgres_url):
            with running("tests.crash.programs.doomed", postgres_url, "never", "-1") as doomed:
                [pid] = await eventually(lambda: held(postgres_server, database), 30)
                doomed.kill()
                if server_too:
                    postgres_server.sql(f"SELECT pg_terminate_backend({pid}, 5000)", database)
                assert doomed.wait() == KILLED
                assert doomed.lines == ["attempt 0"]
        if not server_too:
            # A backend does not know that its client is gone, and carries the append through once it is let go.
            await eventually(lambda: postgres_server.sql("SELECT position > 1 FROM log_head", database) == "t")
        await assert_stored(log, 0 if server_too else 1)


@pytest.mark.timeout(120)
async def test_writers_killed_at_random_lose_nothing_and_finish_when_started_again(database_url: str) -> None:
    rounds, chance = 30, random.Random(20)
    async with open_log(database_url) as log:
        await log.append([write("start")])
        confirmed: list[tuple[int, int]] = []
        for _ in range(3):
            with running("tests.crash.programs.writer", database_url, "w", str(rounds)) as writer:
                enough = chance.randrange(1, 90)
                await eventually(lambda enough=enough: len(writer.lines) >= enough, 30)
                writer.kill()
                assert writer.wait() == KILLED
            confirmed += [tuple(json.loads(line)) for line in writer.lines]
            events = await assert_whole(log, set(confirmed))
            own = [event for event in events if event.stream.startswith("own-")]
            # Both writes of each append, or neither.
            assert len(own) == len([event for event in events if event.stream == "shared"])
        with running("tests.crash.programs.writer", database_url, "w", str(rounds)) as writer:
            await eventually(lambda: writer.ended, 40)
            assert (writer.wait(), writer.errors) == (0, "")
        confirmed += [tuple(json.loads(line)) for line in writer.lines]
        await assert_whole(log, set(confirmed))
        for number in range(4):
            stream = f"own-w-{number}"
            assert [number_of(event) for event in await log.read_stream(stream)] == list(range(rounds))
            assert await log.find_command(command(f"{stream}-{rounds - 1}")) is not None
        assert (await log.append([write("start", EXISTS)])).last == await log.head()


async def test_a_killed_sqlite_writer_leaves_a_sound_file(sqlite_url: str, sqlite_path: str) -> None:
    async with open_log(sqlite_url) as log:
        await prepare_for_attempts(log)
        with running("tests.crash.programs.doomed", sqlite_url, "COMMIT", "3") as doomed:
            await eventually(lambda: doomed.ended, 30)
    connection = sqlite3.connect(sqlite_path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
