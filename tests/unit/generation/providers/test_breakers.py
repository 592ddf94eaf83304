"""One circuit breaker in several processes, which hear of each other from the log alone."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.log import ANY, EventLog, StreamWrite
from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from events.vocabulary.generation import BreakerClosed, BreakerOpened, TokensSpent
from projections.engine.live import LiveViews
from tests.support.clock import Clock
from trivia.generation.breakers import FAILURES, REST_SECONDS, Breakers, CircuitBreaker, Failure, Resting
from trivia.generation.streams import breaker_stream

DOWN = Failure("server_error", "the endpoint answered 503")


class Process:
    """A process that knows a provider, as it is after its start."""

    def __init__(self, log: EventLog, clock: Callable[[], float]) -> None:
        self.breakers = Breakers(log, clock)
        self.breaker = self.breakers.of("openai")
        self.live = LiveViews(log)
        self.live.feed("breakers", Breakers.handles, self.breakers.apply)

    async def call(self, *, well: bool) -> None:
        call = self.breaker.admit()
        if change := self.breaker.succeeded(call) if well else self.breaker.failed(call, DOWN):
            await self.breakers.tell(change)

    async def open(self) -> None:
        for _ in range(FAILURES):
            await self.call(well=False)


async def states(*processes: Process) -> list[str]:
    """What each says once it has heard of everything."""
    for process in processes:
        await process.live.catch_up()
    return [process.breaker.state for process in processes]


async def test_what_one_process_finds_out_holds_for_all(log: EventLog, clock: Clock) -> None:
    one, other = Process(log, clock), Process(log, clock)
    assert await states(one, other) == ["closed", "closed"]
    await one.open()
    assert await states(one, other) == ["open", "open"]
    with pytest.raises(Resting) as raised:
        await other.call(well=True)
    assert raised.value.seconds == pytest.approx(REST_SECONDS)
    clock.advance(REST_SECONDS)
    assert await states(one, other) == ["half_open", "half_open"]
    await other.call(well=False)
    assert await states(one, other) == ["open", "open"]
    clock.advance(REST_SECONDS)
    await other.call(well=True)
    assert await states(one, other) == ["closed", "closed"]
    # What failed before it opened is no part of another row.
    await one.call(well=False)
    assert await states(one, other) == ["closed", "closed"]


async def test_a_process_that_starts_knows_how_things_stand(log: EventLog, clock: Clock) -> None:
    one = Process(log, clock)
    for well, known in ((None, "closed"), (False, "open"), (True, "closed")):
        if well is False:
            await one.open()
        elif well:
            clock.advance(REST_SECONDS)
            await one.call(well=True)
        started = Process(log, clock)
        await started.breakers.boot()
        assert started.breaker.state == known
        # It may be fed again with what the boot has taken in already.
        assert await states(started) == [known]


async def test_all_processes_know_for_what_an_endpoint_is_left_alone(log: EventLog, clock: Clock) -> None:
    one, other, started = Process(log, clock), Process(log, clock), Process(log, clock)
    await one.open()
    await other.live.catch_up()
    await started.breakers.boot()
    for process in (one, other, started):
        with pytest.raises(Resting) as raised:
            process.breaker.admit()
        assert raised.value.last == DOWN
    # As it was stored when this was not told yet.
    await log.append([StreamWrite(breaker_stream("openai"), ANY, [BreakerOpened("openai", round(clock.now * 2e6))])])
    await states(other)
    with pytest.raises(Resting) as raised:
        other.breaker.admit()
    assert raised.value.last is None


async def test_providers_rest_each_for_itself(log: EventLog, clock: Clock) -> None:
    process = Process(log, clock)
    await process.open()
    assert process.breakers.of("other").state == "closed"
    await Process(log, clock).live.catch_up()
    nobody = Breakers(log, clock)
    await nobody.boot()
    assert [recorded.stream for recorded in await log.read()] == ["provider-openai"]


async def test_nobody_is_left_alone_for_longer_because_of_another_machines_clock(log: EventLog, clock: Clock) -> None:
    ahead, behind = Process(log, Clock(clock.now + 3_600)), Process(log, clock)
    await ahead.open()
    assert await states(behind) == ["open"]
    clock.advance(REST_SECONDS)
    assert await states(behind) == ["half_open"]


async def test_a_process_whose_log_is_away_leaves_the_endpoint_alone_all_the_same(clock: Clock) -> None:
    log = MemoryLog(REGISTRY)
    process = Process(log, clock)
    await log.close()
    await process.open()
    assert process.breaker.state == "open"
    clock.advance(REST_SECONDS)
    await process.call(well=True)
    assert process.breaker.state == "closed"


async def test_something_else_in_the_stream_is_passed_over(log: EventLog, clock: Clock) -> None:
    await log.append([StreamWrite(breaker_stream("openai"), ANY, [TokensSpent("openai", "blind_check", None, 1)])])
    process = Process(log, clock)
    await process.breakers.boot()
    assert process.breaker.state == "closed"


@given(st.lists(st.booleans(), max_size=8), st.randoms())
def test_the_last_event_decides_in_whatever_order_and_however_often_it_is_heard(
    changes: list[bool], dice: random.Random
) -> None:
    clock = Clock()
    until = round((clock.now + 5) * 1_000_000)
    log = [
        (position, BreakerOpened("openai", until) if opens else BreakerClosed("openai"))
        for position, opens in enumerate(changes, 1)
    ]
    heard = log * 2
    dice.shuffle(heard)
    breaker = CircuitBreaker("openai", clock)
    for position, change in heard:
        breaker.take_in(change, position)
    assert breaker.state == ("open" if changes and changes[-1] else "closed")
