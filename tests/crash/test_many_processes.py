"""Several processes write one log while others follow it, from the beginning and from the middle."""

import json

import pytest

from tests.crash.wholeness import assert_whole
from tests.support.databases import open_log
from tests.support.programs import running
from tests.support.sample_events import number_of, write
from tests.support.waiting import eventually

WRITERS = 3
ROUNDS = 40
EVENTS = WRITERS * (4 * ROUNDS * 2 + ROUNDS * 3 + ROUNDS // 4) + 2


@pytest.mark.timeout(120)
async def test_every_follower_sees_every_event_once_and_in_order(database_url: str) -> None:
    async with open_log(database_url) as log:
        await log.append([write("start")])
        with (
            running("tests.crash.programs.follower", database_url, "0", "1000") as from_start,
            running("tests.crash.programs.follower", database_url, "0", "3") as in_small_pages,
        ):
            await eventually(lambda: from_start.lines and in_small_pages.lines, 30)
            arguments = [("tests.crash.programs.writer", database_url, f"w{n}", str(ROUNDS)) for n in range(WRITERS)]
            with running(*arguments[0]) as first, running(*arguments[1]) as second, running(*arguments[2]) as third:
                await eventually(lambda: first.lines and second.lines and third.lines, 30)
                middle = await log.head()
                with running("tests.crash.programs.follower", database_url, str(middle), "50") as from_middle:
                    writers = (first, second, third)
                    await eventually(lambda: all(writer.ended for writer in writers), 60)
                    assert [(writer.wait(), writer.errors) for writer in writers] == [(0, "")] * WRITERS
                    await eventually(lambda: from_middle.lines, 30)
                    end = await log.append([write("end")])
                    followers = (from_start, in_small_pages, from_middle)
                    await eventually(lambda: all(follower.ended for follower in followers), 30)
                    assert [(follower.wait(), follower.errors) for follower in followers] == [(0, "")] * 3

        assert end.last == EVENTS
        assert middle < EVENTS
        for follower, after in ((from_start, 0), (in_small_pages, 0), (from_middle, middle)):
            assert json.loads(follower.lines[1]) == list(range(after + 1, EVENTS + 1))
        acknowledged = [tuple(json.loads(line)) for writer in writers for line in writer.lines]
        events = await assert_whole(log, acknowledged)
        # All that is in the log was acknowledged to somebody, once.
        assert sum(last - first + 1 for first, last in acknowledged) == EVENTS - 2
        counter = [number_of(event) for event in events if event.stream == "counter"]
        assert counter == list(range(WRITERS * (ROUNDS // 4)))
