"""What every log gives to those who read and wait."""

import asyncio

import msgspec
import pytest

from events.log import ANY, EventLog, RecordedEvent, StreamWrite
from events.timestamps import now_us
from events.vocabulary.assignments import SeenReset
from tests.support.sample_events import number_of, positions, write


class ReadingCompliance:
    @pytest.fixture
    async def filled(self, log: EventLog) -> EventLog:
        """Positions 1 to 12: stream a at the odd ones, b at the even; every third one a SeenReset."""
        for n in range(1, 13):
            event = [SeenReset()] if n % 3 == 0 else write("", ANY, n).events
            await log.append([StreamWrite("a" if n % 2 else "b", ANY, event)])
        return log

    async def test_an_empty_log_has_nothing(self, log: EventLog) -> None:
        assert await log.head() == 0
        assert await log.read() == []
        assert await log.read(5, until=9) == []
        assert await log.read_stream("a") == []
        assert await log.versions(["a", "b"]) == [0, 0]
        assert await log.versions([]) == []

    @pytest.mark.parametrize(
        ("after", "until", "limit", "expected"),
        [
            (0, None, 1000, range(1, 13)),
            (-5, None, 1000, range(1, 13)),
            (4, None, 1000, range(5, 13)),
            (4, 7, 1000, range(5, 8)),
            (4, 4, 1000, []),
            (7, 4, 1000, []),
            (0, 0, 1000, []),
            (0, -1, 1000, []),
            (12, None, 1000, []),
            (99, None, 1000, []),
            (3, 99, 1000, range(4, 13)),
            (2, None, 3, range(3, 6)),
            (2, 4, 3, range(3, 5)),
            (0, None, 0, []),
        ],
    )
    async def test_a_read_begins_after_a_position_and_ends_at_another_or_at_its_limit(
        self, filled: EventLog, after: int, until: int | None, limit: int, expected: range
    ) -> None:
        assert positions(await filled.read(after, until=until, limit=limit)) == list(expected)

    @pytest.mark.parametrize(
        ("types", "after", "until", "limit", "expected"),
        [
            (["SeenReset"], 0, None, 1000, [3, 6, 9, 12]),
            (["SeenReset"], 3, 11, 1000, [6, 9]),
            (["SeenReset"], 0, None, 2, [3, 6]),
            (["SeenReset", "StarterBankAdded"], 8, None, 1000, [9, 10, 11, 12]),
            (["NeverHeardOf"], 0, None, 1000, []),
            ([], 0, None, 1000, []),
        ],
    )
    async def test_a_read_can_be_of_some_types_only(
        self, filled: EventLog, types: list[str], after: int, until: int | None, limit: int, expected: list[int]
    ) -> None:
        found = await filled.read(after, until=until, limit=limit, types=types)
        assert positions(found) == expected
        assert positions(await filled.read(after, until=until, limit=limit, types=iter(types))) == expected

    @pytest.mark.parametrize(
        ("after", "until", "types"),
        [
            (0, 12, ["SeenReset", "StarterBankAdded", "NeverHeardOf"]),
            (0, 13, ["StarterBankAdded"]),
            (3, 9, ["SeenReset", "StarterBankAdded"]),
            (12, 13, ["SeenReset"]),
            (0, 1, ["SeenReset"]),
            (4, 4, ["SeenReset", "StarterBankAdded"]),
            (0, 13, []),
        ],
    )
    async def test_columns_are_what_a_read_says(
        self, filled: EventLog, after: int, until: int, types: list[str]
    ) -> None:
        await filled.append([write('a "name" of \\ ä')])
        rows = []
        for columns in await filled.read_columns(after, until, types):
            texts = (columns.position, columns.stream, columns.version, columns.recorded_at)
            data = msgspec.json.decode(columns.data, type=list[msgspec.Raw])
            values = zip(*map(msgspec.json.decode, texts), data, strict=True)
            rows += [(columns.type, columns.schema, *fields, bytes(text).decode()) for *fields, text in values]
        read = [
            (event.type, event.schema, event.position, event.stream, event.version, event.recorded_at, event.data)
            for event in await filled.read(after, until=until, types=types)
        ]
        assert sorted(rows) == sorted(read)
        assert len({row[:2] for row in rows}) == len(await filled.read_columns(after, until, iter(types)))

    @pytest.mark.parametrize(
        ("after", "limit", "expected"),
        [(0, 1000, range(1, 7)), (-3, 2, [1, 2]), (2, 1000, range(3, 7)), (2, 2, [3, 4]), (6, 10, []), (0, 0, [])],
    )
    async def test_a_stream_is_read_from_a_version_on(
        self, filled: EventLog, after: int, limit: int, expected: range
    ) -> None:
        found = await filled.read_stream("b", after, limit=limit)
        assert [event.version for event in found] == list(expected)
        assert {event.stream for event in found} <= {"b"}
        assert positions(found) == [2 * version for version in expected]

    async def test_versions_come_in_the_order_asked_for(self, filled: EventLog) -> None:
        await filled.append([write("c")])
        assert await filled.versions(["none", "b", "c", "b", "a"]) == [0, 6, 1, 6, 6]

    @pytest.mark.parametrize("name", ["", "\0", "a\0", "\ud800", "x" * 1000, "no\nname"])
    async def test_a_name_that_no_stream_can_have_is_a_stream_without_events(self, filled: EventLog, name: str) -> None:
        assert await filled.versions(["a", name]) == [6, 0]
        assert await filled.read_stream(name) == []

    async def test_what_was_acknowledged_is_read_at_once(self, log: EventLog) -> None:
        for n in range(20):
            appended = await log.append([write("a", n, n)])
            assert await log.head() == appended.last
            assert await log.versions(["a"]) == [n + 1]
            assert [number_of(event) for event in await log.read(appended.first - 1)] == [n]

    async def test_a_recorded_event_says_all_there_is_to_know(self, log: EventLog) -> None:
        before = now_us()
        await log.append([write("a", ANY, 42)])
        after = now_us()
        [event] = await log.read_stream("a")
        assert event == RecordedEvent(
            1, "a", 1, "StarterBankAdded", 1, '{"questions":42}', event.metadata, event.recorded_at
        )
        assert before <= event.recorded_at <= after

    async def test_waiting_ends_when_the_head_moves_beyond(self, log: EventLog) -> None:
        waiting = [asyncio.ensure_future(log.wait_beyond(position, 20)) for position in (0, 0, 1)]
        await asyncio.sleep(0)
        await log.append([write("a", ANY, 1, 2)])
        async with asyncio.timeout(5):
            assert await asyncio.gather(*waiting) == [2, 2, 2]

    async def test_waiting_for_what_is_there_already_does_not_wait(self, log: EventLog) -> None:
        await log.append([write("a", ANY, 1, 2, 3)])
        async with asyncio.timeout(5):
            assert await log.wait_beyond(2, 60) == 3

    async def test_waiting_ends_at_its_time_limit(self, log: EventLog) -> None:
        await log.append([write("a")])
        async with asyncio.timeout(5):
            assert await log.wait_beyond(1, 0.02) == 1
            assert await log.wait_beyond(1, 0) == 1
