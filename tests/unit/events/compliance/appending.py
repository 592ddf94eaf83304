"""What every log does when it is appended to."""

import asyncio
from uuid import UUID

import pytest

from events.log import (
    ANY,
    EXISTS,
    MAX_STREAM_LENGTH,
    NO_STREAM,
    Appended,
    Command,
    Conflict,
    Context,
    EventLog,
    Guard,
    LogUnavailable,
    StreamMoved,
    StreamWrite,
)
from events.registry import Event, UnknownEvent
from events.vocabulary.assignments import QuestionAnswered
from tests.support.sample_events import command, metadata_of, number_of, numbered, positions, write

ODD_TEXTS = [
    "",
    "\0",
    "quotes \" and \\ and / and '",
    "line\nfeed\r\ttab\x0b\x1f\x7f",
    "\u2028 separators \u2029",
    "ʇxǝʇ \u202e right to left",
    "🦆👩‍👩‍👧‍👦",
    "\U0010ffff\ufffe\uffff",
    "e\u0301 is not \u00e9",
    "x" * 100_000,
]
BAD_NAMES = ["", "two\nlines", "one\x1ftwo", "a\0b", "\ud800", "n" * (MAX_STREAM_LENGTH + 1)]


class NeverRegistered(Event, frozen=True):
    pass


class AppendingCompliance:
    async def test_events_take_positions_and_versions_in_the_order_they_were_given(self, log: EventLog) -> None:
        assert await log.append([write("a", NO_STREAM, 1, 2), write("b", NO_STREAM, 3)]) == Appended(1, 3)
        assert await log.append([write("b", 1, 4), write("a", 2, 5)]) == Appended(4, 5)
        found = [(event.position, event.stream, event.version, number_of(event)) for event in await log.read()]
        assert found == [(1, "a", 1, 1), (2, "a", 2, 2), (3, "b", 1, 3), (4, "b", 2, 4), (5, "a", 3, 5)]

    @pytest.mark.parametrize(
        ("expect", "holds_on_none", "holds_on_two"),
        [(NO_STREAM, True, False), (EXISTS, False, True), (ANY, True, True), (1, False, False), (2, False, True)],
    )
    @pytest.mark.parametrize("guarded", [False, True], ids=["written", "guarded"])
    async def test_an_expectation_holds_or_the_append_is_refused(
        self, log: EventLog, expect: int, *, holds_on_none: bool, holds_on_two: bool, guarded: bool
    ) -> None:
        await log.append([write("two", NO_STREAM, 1, 2)])
        for stream, actual, holds in [("none", 0, holds_on_none), ("two", 2, holds_on_two)]:
            writes = [write("other")] if guarded else [write(stream, expect)]
            guards = [Guard(stream, expect)] if guarded else []
            if holds:
                await log.append(writes, guards=guards)
                continue
            before = await log.read()
            with pytest.raises(StreamMoved) as refusal:
                await log.append(writes, guards=guards)
            assert refusal.value.conflicts == (Conflict(stream, expect, actual),)
            assert await log.read() == before

    async def test_one_write_that_fails_takes_the_others_of_its_append_with_it(self, log: EventLog) -> None:
        await log.append([write("taken")])
        with pytest.raises(StreamMoved):
            await log.append([write("x"), write("taken", NO_STREAM), write("y")], guards=[Guard("z", ANY)])
        assert await log.versions(["x", "taken", "y"]) == [0, 1, 0]
        assert await log.head() == 1

    async def test_every_stream_that_moved_is_named(self, log: EventLog) -> None:
        await log.append([write("a", ANY, 1, 2), write("b")])
        with pytest.raises(StreamMoved) as refusal:
            await log.append(
                [write("a", 1), write("b", 1), write("c", EXISTS)], guards=[Guard("d", 7), Guard("e", NO_STREAM)]
            )
        conflicts = {Conflict("a", 1, 2), Conflict("c", EXISTS, 0), Conflict("d", 7, 0)}
        assert set(refusal.value.conflicts) == conflicts
        assert len(refusal.value.conflicts) == 3
        for conflict in conflicts:
            assert conflict.stream in str(refusal.value)

    async def test_losers_fail_alone_among_appends_made_together(self, log: EventLog) -> None:
        await log.append([write("moved", ANY, 1, 2, 3)])
        together = [
            log.append([write(f"s{n}", NO_STREAM if n % 3 else 5, n)], guards=[Guard("moved", 2 if n % 5 == 0 else 3)])
            for n in range(60)
        ]
        outcomes = await asyncio.gather(*together, return_exceptions=True)
        for n, outcome in enumerate(outcomes):
            expected = set()
            if n % 3 == 0:
                expected.add(Conflict(f"s{n}", 5, 0))
            if n % 5 == 0:
                expected.add(Conflict("moved", 2, 3))
            if expected:
                assert isinstance(outcome, StreamMoved)
                assert set(outcome.conflicts) == expected
            else:
                assert isinstance(outcome, Appended)
                assert [number_of(e) for e in await log.read(outcome.first - 1, until=outcome.last)] == [n]
        stored = await log.read()
        assert positions(stored) == list(range(1, len(stored) + 1))

    async def test_of_appends_made_together_with_one_expectation_one_wins(self, log: EventLog) -> None:
        outcomes = await asyncio.gather(
            *[log.append([write("question", NO_STREAM, n)]) for n in range(50)], return_exceptions=True
        )
        winners = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Appended)]
        losers = [outcome for outcome in outcomes if isinstance(outcome, StreamMoved)]
        assert len(winners) == 1
        assert len(losers) == 49
        assert all(loser.conflicts == (Conflict("question", NO_STREAM, 1),) for loser in losers)
        assert [number_of(event) for event in await log.read_stream("question")] == winners

    async def test_appends_made_together_that_expect_nothing_all_succeed(self, log: EventLog) -> None:
        outcomes = await asyncio.gather(*[log.append([write("busy", ANY, n, n)]) for n in range(200)])
        assert sorted((o.first, o.last) for o in outcomes) == [(n, n + 1) for n in range(1, 400, 2)]
        for n, outcome in enumerate(outcomes):
            found = await log.read(outcome.first - 1, until=outcome.last)
            assert [number_of(event) for event in found] == [n, n]
        assert [event.version for event in await log.read_stream("busy")] == list(range(1, 401))

    async def test_a_thousand_appends_guarded_by_one_stream_do_not_fight(self, log: EventLog) -> None:
        await log.append([write("session")])
        await asyncio.gather(
            *[log.append([write(f"player-{n}", NO_STREAM)], guards=[Guard("session", 1)]) for n in range(1000)]
        )
        assert await log.head() == 1001

    async def test_no_append_slips_in_after_its_guard_moved(self, log: EventLog) -> None:
        await log.append([write("session")])
        answers = [log.append([write(f"player-{n}", NO_STREAM)], guards=[Guard("session", 1)]) for n in range(40)]
        answers.insert(20, log.append([write("session", 1)]))
        outcomes = await asyncio.gather(*answers, return_exceptions=True)
        closing = outcomes[20]
        assert isinstance(closing, Appended)
        for outcome in outcomes:
            if isinstance(outcome, StreamMoved):
                assert outcome.conflicts == (Conflict("session", 1, 2),)
            else:
                assert isinstance(outcome, Appended)
                assert outcome.last <= closing.last
        # Those made before the question closed were in time.
        assert all(isinstance(outcome, Appended) for outcome in outcomes[:21])

    async def test_appends_of_one_caller_keep_their_order(self, log: EventLog) -> None:
        steps = [log.append([write("steps", version, version)]) for version in range(30)]
        steps.append(log.append([write("steps", ANY, 30)]))
        steps.append(log.append([write("after")], guards=[Guard("steps", 31)]))
        assert [outcome.first for outcome in await asyncio.gather(*steps)] == list(range(1, 33))

    async def test_appends_that_retry_when_their_stream_moved_lose_no_update(self, log: EventLog) -> None:
        async def add_one() -> None:
            while True:
                events = await log.read_stream("counter")
                try:
                    await log.append([write("counter", len(events), number_of(events[-1]) + 1 if events else 1)])
                except StreamMoved:
                    continue
                return

        await asyncio.gather(*[add_one() for _ in range(25)])
        assert [number_of(event) for event in await log.read_stream("counter")] == list(range(1, 26))

    async def test_an_append_of_thousands_of_events_is_one_append(self, log: EventLog) -> None:
        big = StreamWrite("import", NO_STREAM, numbered(*range(6000)))
        outcomes = await asyncio.gather(log.append([write("small")]), log.append([big]), log.append([write("last")]))
        assert outcomes == [Appended(1, 1), Appended(2, 6001), Appended(6002, 6002)]
        stored = await log.read_stream("import", limit=10_000)
        assert [number_of(event) for event in stored] == list(range(6000))
        assert len({event.recorded_at for event in stored}) == 1

    @pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
    async def test_text_comes_back_as_it_went_in(self, log: EventLog, text: str) -> None:
        from events.vocabulary import REGISTRY

        event = QuestionAnswered(1, text, correct=True, topic=text)
        await log.append([StreamWrite("s", ANY, [event])], context=Context(org=text, actor=text))
        [stored] = await log.read()
        assert REGISTRY.decode(stored.type, stored.schema, stored.data) == event
        assert metadata_of(stored) | {"event_id": ""} == {"event_id": "", "org": text, "actor": text}

    async def test_names_of_streams_may_be_long_and_in_any_script(self, log: EventLog) -> None:
        names = [
            "ä" * MAX_STREAM_LENGTH,
            "\U0001d518" * MAX_STREAM_LENGTH,
            "with spaces, 'quotes\" and %_?$1:x",
            "A",
            "a",
        ]
        await log.append([write(name, NO_STREAM) for name in names])
        assert await log.versions(names) == [1] * len(names)
        assert [event.stream for event in await log.read()] == names

    @pytest.mark.parametrize(
        ("writes", "guards", "used", "message"),
        [
            ([], [], None, "at least one write"),
            ([], [Guard("a", ANY)], None, "at least one write"),
            ([StreamWrite("a", ANY, [])], [], None, "no events to write to 'a'"),
            ([write("a"), write("a")], [], None, "only once"),
            ([write("a")], [Guard("a", ANY)], None, "only once"),
            ([write("a")], [Guard("b", ANY), Guard("b", ANY)], None, "only once"),
            ([write("a", -3)], [], None, "not a version: -3"),
            ([write("a")], [Guard("b", 2**63)], None, "not a version"),
            ([write("a")], [], command(""), "a command id"),
            ([write("a")], [], command("c" * 201), "a command id"),
            ([write("a")], [], command("c\0"), "a command id"),
            ([write("a")], [], Command("c", b""), "fingerprint"),
            ([write("a")], [], Command("c", b"x" * 65), "fingerprint"),
            ([StreamWrite("a", ANY, [QuestionAnswered(1, "\ud800", correct=True, topic="")])], [], None, "no Unicode"),
            *[([write(name)], [], None, "name of a stream") for name in BAD_NAMES],
            *[([write("a")], [Guard(name, ANY)], None, "name of a stream") for name in BAD_NAMES],
        ],
    )
    async def test_an_append_that_no_log_could_store_is_refused_and_troubles_no_other(
        self, log: EventLog, writes: list[StreamWrite], guards: list[Guard], used: Command | None, message: str
    ) -> None:
        outcomes = await asyncio.gather(
            log.append([write("before")]),
            log.append(writes, guards=guards, command=used),
            log.append([write("after")]),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], ValueError)
        assert message in str(outcomes[1])
        assert [outcomes[0], outcomes[2]] == [Appended(1, 1), Appended(2, 2)]
        assert await log.head() == 2

    async def test_all_that_is_wrong_with_an_append_is_named_at_once(self, log: EventLog) -> None:
        with pytest.raises(ValueError) as refusal:
            await log.append([StreamWrite("\n", -9, [])], command=Command("", b""))
        for fault in ["no events", "name of a stream", "not a version: -9", "command id", "fingerprint"]:
            assert fault in str(refusal.value)

    async def test_text_of_the_context_that_is_no_unicode_is_refused(self, log: EventLog) -> None:
        with pytest.raises(ValueError, match="no Unicode"):
            await log.append([write("a")], context=Context(actor="\udfff"))
        assert await log.head() == 0

    async def test_an_event_that_is_not_registered_is_refused(self, log: EventLog) -> None:
        with pytest.raises(UnknownEvent, match="NeverRegistered"):
            await log.append([StreamWrite("a", ANY, [*numbered(1), NeverRegistered()])])
        assert await log.head() == 0

    async def test_a_caller_who_goes_away_breaks_no_other(self, log: EventLog) -> None:
        appends = [asyncio.ensure_future(log.append([write(f"s{n % 7}", ANY, n)])) for n in range(100)]
        await asyncio.sleep(0)
        for append in appends[::2]:
            append.cancel()
        outcomes = await asyncio.gather(*appends, return_exceptions=True)
        stored = await log.read()
        by_position = {event.position: number_of(event) for event in stored}
        for n, outcome in enumerate(outcomes):
            if n % 2:
                assert isinstance(outcome, Appended)
                assert by_position[outcome.first] == n
        assert positions(stored) == list(range(1, len(stored) + 1))
        assert len(set(by_position.values())) == len(stored)
        assert await log.append([write("next")]) == Appended(len(stored) + 1, len(stored) + 1)

    async def test_metadata_says_who_and_why(self, log: EventLog) -> None:
        context = Context("acme", "user-7", "request-1", "event-9")
        await log.append([write("a", ANY, 1, 2), write("b")], command=command("cmd"), context=context)
        stored = await log.read()
        ids = [metadata_of(event).pop("event_id") for event in stored]
        for event in stored:
            assert metadata_of(event) == {
                "event_id": ids[event.position - 1],
                "org": "acme",
                "actor": "user-7",
                "command_id": "cmd",
                "correlation_id": "request-1",
                "causation_id": "event-9",
            }

    async def test_metadata_leaves_out_what_is_not_known(self, log: EventLog) -> None:
        await log.append([write("a")])
        assert list(metadata_of((await log.read())[0])) == ["event_id"]

    async def test_event_ids_are_unique_and_rise_within_an_append(self, log: EventLog) -> None:
        appended = await asyncio.gather(*[log.append([write(f"s{n}", ANY, *range(10))]) for n in range(20)])
        ids = [metadata_of(event)["event_id"] for event in await log.read()]
        assert len(set(ids)) == 200
        assert all(UUID(event_id).version == 7 and str(UUID(event_id)) == event_id for event_id in ids)
        for outcome in appended:
            run = ids[outcome.first - 1 : outcome.last]
            assert run == sorted(run)

    async def test_the_time_of_recording_never_falls(self, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = iter([5_000_000, 9_000_000, 2_000_000, 7_000_000, 11_000_000])
        for _ in range(5):
            now = next(clock)
            monkeypatch.setattr("time.time_ns", lambda now=now: now)
            await log.append([write("a")])
        monkeypatch.undo()
        assert [event.recorded_at for event in await log.read()] == [5_000, 9_000, 9_000, 9_000, 11_000]

    async def test_a_closed_log_finishes_what_it_accepted_and_refuses_what_comes_after(self, log: EventLog) -> None:
        accepted = [asyncio.ensure_future(log.append([write("a", ANY, n)])) for n in range(20)]
        await asyncio.sleep(0)
        await log.close()
        assert len(await asyncio.gather(*accepted)) == 20
        with pytest.raises(LogUnavailable, match="closed"):
            await log.append([write("a")])
