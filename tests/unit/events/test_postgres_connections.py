"""What a connection holds while nobody uses it: nothing."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.postgres.connection import PostgresDatabase
from tests.support.postgres import PostgresServer, database_name


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    database = await PostgresDatabase.open(postgres_url)
    yield database
    await database.close()


def locks(server: PostgresServer, url: str) -> int:
    """How many locks on the events others hold; with one, no table could be changed."""
    held = "SELECT count(*) FROM pg_locks WHERE relation = 'events'::regclass AND pid <> pg_backend_pid()"
    return int(server.sql(held, database_name(url)))


async def until_answered(task: "asyncio.Task[object]") -> None:
    """Return when what the task waits for has come, before it wakes."""
    waiting = None
    while waiting is None or not waiting.done():
        await asyncio.sleep(0)
        waiting = task._fut_waiter  # type: ignore[attr-defined] # nothing public tells


@pytest.mark.parametrize("answers", [0, 1, 2])
async def test_a_read_that_is_given_up_at_any_moment_leaves_no_lock(
    database: PostgresDatabase, postgres_server: PostgresServer, postgres_url: str, answers: int
) -> None:
    reading = asyncio.create_task(database.read("SELECT count(*) FROM events"))
    for _ in range(answers):
        await until_answered(reading)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    assert locks(postgres_server, postgres_url) == 0
    assert [tuple(row) for row in await database.read("SELECT count(*) FROM events")] == [(0,)]


async def test_a_read_with_a_value_that_does_not_fit_leaves_no_lock(
    database: PostgresDatabase, postgres_server: PostgresServer, postgres_url: str
) -> None:
    with pytest.raises(asyncpg.DataError):
        await database.read("SELECT data FROM events WHERE position = $1", "no number")

    assert locks(postgres_server, postgres_url) == 0
