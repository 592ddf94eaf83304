"""The ground the other suites stand on."""

import asyncio
import os

import pytest

from tests.support.databases import open_log
from tests.support.postgres import PostgresServer
from tests.support.waiting import eventually, eventually_sync


async def test_a_database_of_either_kind_is_migrated_and_empty(database_url: str) -> None:
    async with open_log(database_url) as log:
        assert await log.head() == 0


def test_every_test_has_a_database_of_its_own(postgres_server: PostgresServer, postgres_template: str) -> None:
    urls = [postgres_server.create_database(postgres_template) for _ in range(2)]
    assert urls[0] != urls[1]
    for url in urls:
        postgres_server.drop_database(url)


def test_no_setting_of_the_shell_reaches_a_test() -> None:
    assert [name for name in os.environ if name.startswith(("TRIVIA_", "OPENAI_"))] == []


async def test_eventually_returns_what_the_condition_came_to() -> None:
    arrived: list[int] = []
    asyncio.get_running_loop().call_later(0.05, arrived.append, 7)
    assert await eventually(lambda: arrived and arrived[0]) == 7


async def test_eventually_gives_up_at_its_deadline() -> None:
    with pytest.raises(TimeoutError, match="not within"):
        await eventually(lambda: False, timeout=0.03)
    with pytest.raises(TimeoutError, match="not within"):
        eventually_sync(lambda: False, timeout=0.03)
