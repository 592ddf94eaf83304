"""What logs do that share one database, as those of several processes do."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from events.log import ANY, NO_STREAM, Appended, Conflict, EventLog, LogUnavailable, StreamMoved
from events.subscription import follow
from tests.support.sample_events import command, number_of, positions, write

Opener = Callable[[], AbstractAsyncContextManager[EventLog]]


class SharingCompliance:
    """Give `log`, and `open_other`, which opens another on the same database."""

    async def test_what_one_appends_the_other_reads(self, log: EventLog, open_other: Opener) -> None:
        async with open_other() as other:
            await log.append([write("a", NO_STREAM, 1)])
            assert await other.append([write("a", 1, 2)]) == Appended(2, 2)
            assert await log.versions(["a"]) == [2]
            assert await log.head() == await other.head() == 2
            assert await log.read() == await other.read()

    async def test_one_does_not_pass_the_expectations_of_the_other(self, log: EventLog, open_other: Opener) -> None:
        async with open_other() as other:
            await log.append([write("a", NO_STREAM)])
            with pytest.raises(StreamMoved) as refusal:
                await other.append([write("a", NO_STREAM)])
            assert refusal.value.conflicts == (Conflict("a", NO_STREAM, 1),)

    async def test_a_command_carried_out_by_one_is_replayed_by_the_other(
        self, log: EventLog, open_other: Opener
    ) -> None:
        async with open_other() as other:
            racing = [a_log.append([write("a", NO_STREAM)], command=command("c")) for a_log in (log, other) * 10]
            outcomes = await asyncio.gather(*racing)
            assert {(outcome.first, outcome.last) for outcome in outcomes} == {(1, 1)}
            assert [outcome.replayed for outcome in outcomes].count(False) == 1

    async def test_both_append_at_once_and_lose_nothing(self, log: EventLog, open_other: Opener) -> None:
        async def count_up(a_log: EventLog, times: int) -> None:
            for _ in range(times):
                while True:
                    [version] = await a_log.versions(["counter"])
                    try:
                        await a_log.append([write("counter", version, version)])
                    except StreamMoved:
                        continue
                    break

        async with open_other() as other:
            for a_log in (log, other):
                await asyncio.gather(count_up(a_log, 10), count_up(a_log, 10))
            await asyncio.gather(*[count_up(a_log, 5) for a_log in (log, other) * 4])
        stored = await log.read()
        assert [number_of(event) for event in stored] == list(range(80))
        assert positions(stored) == list(range(1, 81))

    async def test_one_who_waits_is_woken_by_the_other(self, log: EventLog, open_other: Opener) -> None:
        async with open_other() as other:
            for position in range(5):
                waiting = asyncio.ensure_future(other.wait_beyond(position, 30))
                await asyncio.sleep(0.01)
                await log.append([write("a")])
                async with asyncio.timeout(10):
                    assert await waiting == position + 1

    async def test_one_who_follows_sees_every_event_of_both_once(self, log: EventLog, open_other: Opener) -> None:
        seen: list[int] = []

        async def watch(a_log: EventLog) -> None:
            async for page in follow(a_log, page=7):
                seen.extend(positions(page))
                if len(seen) >= 100:
                    return

        async with open_other() as other, asyncio.timeout(20):
            watching = asyncio.ensure_future(watch(other))
            for n in range(25):
                await asyncio.gather(log.append([write("a", ANY, n, n)]), other.append([write("b", ANY, n, n)]))
            await watching
        assert seen == list(range(1, 101))

    async def test_the_other_goes_on_when_one_is_closed(self, log: EventLog, open_other: Opener) -> None:
        async with open_other() as other:
            await other.append([write("a")])
        with pytest.raises(LogUnavailable):
            await other.append([write("a")])
        with pytest.raises(LogUnavailable):
            await other.read()
        assert await log.append([write("a")]) == Appended(2, 2)
