"""Appends of several processes to PostgreSQL come one after another, and readers see them so."""

import asyncio

import pytest

from events.log import NO_STREAM, Appended, Conflict, StreamMoved
from tests.support.databases import open_log
from tests.support.holding import held, hold_at, holding
from tests.support.postgres import PostgresServer, database_name
from tests.support.sample_events import command, positions, write
from tests.support.waiting import eventually


# Under REPEATABLE READ an append would check against what was there before it waited for the one that is under way.
@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
async def test_an_append_waits_for_one_that_is_under_way_and_sees_what_it_did(
    postgres_server: PostgresServer, postgres_url: str, isolation: str
) -> None:
    database = database_name(postgres_url)
    postgres_server.sql(f"ALTER DATABASE {database} SET default_transaction_isolation = '{isolation}'")
    async with (
        open_log(postgres_url) as slow,
        open_log(postgres_url) as fast,
        open_log(postgres_url) as late,
        open_log(postgres_url) as last,
    ):
        hold_at(postgres_server, database, "INSERT ON events")
        async with holding(postgres_url):
            under_way = asyncio.ensure_future(slow.append([write("a", NO_STREAM, 1, 2)], command=command("c")))
            await eventually(lambda: len(held(postgres_server, database)) == 1)
            behind = asyncio.ensure_future(fast.append([write("b", NO_STREAM)]))
            loser = asyncio.ensure_future(late.append([write("a", NO_STREAM)]))
            again = asyncio.ensure_future(last.append([write("a", NO_STREAM, 1, 2)], command=command("c")))
            await eventually(lambda: len(held(postgres_server, database)) == 4)
            assert await fast.read() == []
            assert await fast.head() == 0
        assert await under_way == Appended(1, 2)
        assert await behind == Appended(3, 3)
        assert await again == Appended(1, 2, replayed=True)
        with pytest.raises(StreamMoved) as refusal:
            await loser
        assert refusal.value.conflicts == (Conflict("a", NO_STREAM, 2),)
        assert positions(await fast.read()) == [1, 2, 3]
