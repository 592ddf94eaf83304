"""Catch up, then live."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from events.log import ANY, EventLog, LogUnavailable, RecordedEvent
from events.memory import MemoryLog
from events.subscription import follow
from events.vocabulary import REGISTRY
from tests.support.databases import open_log
from tests.support.sample_events import positions, write


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[EventLog]:
    async with open_log(database_url) as log:
        yield log


async def take(count: int, pages: AsyncIterator[list[RecordedEvent]]) -> list[list[int]]:
    """The positions of at least `count` events, page by page."""
    taken: list[list[int]] = []
    async with asyncio.timeout(20):
        async for page in pages:
            taken.append(positions(page))
            if sum(map(len, taken)) >= count:
                break
    return taken


async def test_what_is_there_comes_first_in_full_pages_and_then_what_is_appended(log: EventLog) -> None:
    await log.append([write("a", ANY, *range(25))])
    following = asyncio.ensure_future(take(28, follow(log, page=10)))
    await asyncio.sleep(0.01)
    for _ in range(3):
        await log.append([write("a")])
    taken = await following
    assert taken[:2] == [list(range(1, 11)), list(range(11, 21))]
    assert [position for page in taken for position in page] == list(range(1, 29))


async def test_a_follower_begins_where_it_is_told_to(log: EventLog) -> None:
    await log.append([write("a", ANY, *range(10))])
    assert await take(4, follow(log, after=6)) == [[7, 8, 9, 10]]


async def test_a_follower_that_is_ahead_of_the_log_waits_for_it(log: EventLog) -> None:
    following = asyncio.ensure_future(take(1, follow(log, after=3)))
    await log.append([write("a", ANY, 1, 2, 3)])
    await log.append([write("a", ANY, 4)])
    assert await following == [[4]]


async def test_a_follower_outlives_a_database_that_goes_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.subscription.RETRY_SECONDS", 0.001)
    troubles = [LogUnavailable("first"), LogUnavailable("second")]
    told: list[LogUnavailable] = []

    class Troubled(MemoryLog):
        async def read(self, after: int = 0, **options: object) -> list[RecordedEvent]:  # type: ignore[override] # all it is called with
            if after == 2 and troubles:
                raise troubles.pop(0)
            return await super().read(after, **options)  # type: ignore[arg-type] # as above

    log = Troubled(REGISTRY)
    await log.append([write("a", ANY, 1, 2, 3, 4)])
    pages = follow(log, page=2, on_unavailable=told.append)
    assert await take(4, pages) == [[1, 2], [3, 4]]
    assert [str(error) for error in told] == ["first", "second"]
