"""What every log does with appends that have a command id."""

import asyncio

import pytest

from events.log import ANY, NO_STREAM, Appended, Command, CommandReused, EventLog, Guard, StreamMoved
from tests.support.sample_events import command, number_of, write


class CommandCompliance:
    async def test_a_command_sent_again_gives_its_first_result_and_stores_nothing(self, log: EventLog) -> None:
        await log.append([write("before", ANY, 1, 2)])
        first = await log.append([write("a", NO_STREAM, 3, 4)], command=command("c"))
        again = await log.append([write("a", NO_STREAM, 3, 4)], command=command("c"))
        assert first == Appended(3, 4, replayed=False)
        assert again == Appended(3, 4, replayed=True)
        assert await log.head() == 4

    async def test_a_replay_does_not_ask_what_its_append_expected(self, log: EventLog) -> None:
        first = await log.append([write("a", NO_STREAM)], guards=[Guard("g", NO_STREAM)], command=command("c"))
        await log.append([write("a", 1), write("g")])
        again = await log.append([write("a", NO_STREAM)], guards=[Guard("g", NO_STREAM)], command=command("c"))
        assert (again.first, again.last, again.replayed) == (first.first, first.last, True)

    async def test_a_command_id_with_another_body_is_refused(self, log: EventLog) -> None:
        await log.append([write("a")], command=command("c", "body"))
        with pytest.raises(CommandReused, match="c was used before") as refusal:
            await log.append([write("b")], command=command("c", "other"))
        assert refusal.value.command_id == "c"
        assert await log.head() == 1

    async def test_a_refused_append_does_not_use_up_its_command_id(self, log: EventLog) -> None:
        with pytest.raises(StreamMoved):
            await log.append([write("a", 5)], command=command("c", "first"))
        assert await log.find_command(command("c", "first")) is None
        assert await log.append([write("a", 0)], command=command("c", "second")) == Appended(1, 1)

    async def test_a_command_sent_many_times_at_once_is_carried_out_once(self, log: EventLog) -> None:
        outcomes = await asyncio.gather(*[log.append([write("a", NO_STREAM)], command=command("c")) for _ in range(30)])
        assert {(outcome.first, outcome.last) for outcome in outcomes} == {(1, 1)}
        assert [outcome.replayed for outcome in outcomes].count(False) == 1
        assert await log.head() == 1

    async def test_of_two_bodies_sent_at_once_under_one_command_id_one_is_refused(self, log: EventLog) -> None:
        outcomes = await asyncio.gather(
            log.append([write("a")], command=command("c", "one")),
            log.append([write("b")], command=command("c", "two")),
            return_exceptions=True,
        )
        assert outcomes[0] == Appended(1, 1)
        assert isinstance(outcomes[1], CommandReused)

    async def test_replays_refusals_and_new_appends_mix_in_one_batch(self, log: EventLog) -> None:
        await log.append([write("old", ANY, 7, 8)], command=command("known"))
        outcomes = await asyncio.gather(
            log.append([write("x", NO_STREAM, 1)], command=command("new-1")),
            log.append([write("old", NO_STREAM, 7, 8)], command=command("known")),
            log.append([write("y", 3, 2)], command=command("loser")),
            log.append([write("z")], command=command("known", "other body")),
            log.append([write("w", NO_STREAM, 4, 5), write("v", NO_STREAM, 6)], command=command("new-2")),
            return_exceptions=True,
        )
        assert outcomes[0] == Appended(3, 3)
        assert outcomes[1] == Appended(1, 2, replayed=True)
        assert isinstance(outcomes[2], StreamMoved)
        assert isinstance(outcomes[3], CommandReused)
        assert outcomes[4] == Appended(4, 6)
        assert [number_of(event) for event in await log.read()] == [7, 8, 1, 4, 5, 6]
        assert await log.find_command(command("new-1")) == Appended(3, 3, replayed=True)
        assert await log.find_command(command("new-2")) == Appended(4, 6, replayed=True)
        assert await log.find_command(command("loser")) is None

    async def test_a_command_is_found_where_it_was_stored(self, log: EventLog) -> None:
        assert await log.find_command(command("c")) is None
        await log.append([write("a", ANY, 1, 2, 3)], command=command("c"))
        assert await log.find_command(command("c")) == Appended(1, 3, replayed=True)
        assert await log.find_command(command("C")) is None
        with pytest.raises(CommandReused):
            await log.find_command(command("c", "other"))

    @pytest.mark.parametrize("bad", [command(""), command("a\0"), command("\ud800"), Command("c", b"short")])
    async def test_asking_for_a_command_that_no_append_can_have_is_an_error(self, log: EventLog, bad: Command) -> None:
        with pytest.raises(ValueError, match="a command"):
            await log.find_command(bad)

    async def test_the_longest_command_id_and_the_shortest_and_longest_fingerprints_are_kept(
        self, log: EventLog
    ) -> None:
        for used in [Command("ü" * 200, bytes(16)), Command("b", bytes(range(64))), Command("c", b"\xff" * 32)]:
            stored = await log.append([write("a")], command=used)
            assert await log.find_command(used) == Appended(stored.first, stored.last, replayed=True)
