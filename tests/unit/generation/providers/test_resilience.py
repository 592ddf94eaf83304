"""When calls are made again and when an endpoint is left alone, with a clock that is told when to go."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from events.vocabulary.generation import BreakerClosed, BreakerOpened, ProviderFault
from tests.support.clock import Clock
from tests.support.waiting import eventually
from tests.unit.generation.providers.conftest import Waits
from trivia.generation.breakers import FAILURES, REST_SECONDS, BreakerChange, CircuitBreaker
from trivia.generation.llm.completions import retry_after
from trivia.generation.llm.resilience import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    RETRIES_AT_HAND,
    SUCCESSES_FOR_A_RETRY,
    Resilience,
)
from trivia.generation.providers.provider import ProviderError


class Endpoint:
    """Fails with the faults given, in turn, and then answers."""

    def __init__(self, *faults: ProviderFault) -> None:
        self.faults = list(faults)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.faults:
            raise ProviderError(self.faults.pop(0), "it failed")
        return "an answer"


@pytest.fixture
def told() -> list[BreakerChange]:
    """What other processes were told."""
    return []


@pytest.fixture
def make(clock: Clock, waits: Waits, told: list[BreakerChange]) -> Callable[..., Resilience]:
    async def tell(change: BreakerChange) -> None:
        told.append(change)

    def make(retries: int = 3, dice: float = 1.0, patience: float | None = None) -> Resilience:
        breaker = CircuitBreaker("openai", clock)
        return Resilience(retries, breaker, tell, patience=patience, clock=clock, sleep=waits, dice=lambda: dice)

    return make


async def fault_of(resilience: Resilience, endpoint: Endpoint) -> ProviderFault:
    with pytest.raises(ProviderError) as raised:
        await resilience.run(endpoint)
    return raised.value.fault


async def test_pauses_grow_and_stay_within_bounds_whatever_the_dice_say(
    make: Callable[..., Resilience], waits: Waits
) -> None:
    for dice in (0.0, 1.0):
        waits.seconds.clear()
        resilience = make(10, dice)
        await resilience.run(Endpoint(*["timeout"] * 4))
        assert waits.seconds == [FIRST_PAUSE * 2**n * (0.5 + dice / 2) for n in range(4)]
    assert resilience._pause(ProviderError("timeout", ""), 60) == LONGEST_PAUSE


async def test_a_call_is_made_again_only_as_long_as_there_is_patience(
    make: Callable[..., Resilience], waits: Waits, clock: Clock
) -> None:
    resilience = make(10, patience=FIRST_PAUSE * 3)
    endpoint = Endpoint("timeout", "connection", "server_error")
    assert await fault_of(resilience, endpoint) == "server_error"
    assert waits.seconds == [FIRST_PAUSE, FIRST_PAUSE * 2]

    async def busy() -> str:
        raise ProviderError("rate_limited", "slow down", FIRST_PAUSE * 4)

    with pytest.raises(ProviderError):
        await resilience.run(busy)
    assert len(waits.seconds) == 2
    clock.advance(60)
    # Each call has as much.
    resilience = make(10, patience=FIRST_PAUSE * 3)
    for _ in range(2):
        assert await resilience.run(Endpoint("timeout")) == "an answer"


@pytest.mark.parametrize(("patience", "states"), [(None, ["closed", "closed"]), (5.0, ["closed", "open"])])
async def test_one_try_that_outlasts_all_patience_opens_the_breaker(
    make: Callable[..., Resilience], clock: Clock, patience: float | None, states: list[str]
) -> None:
    resilience = make(0, patience=patience)

    async def fail_after(seconds: float) -> str:
        clock.advance(seconds)
        raise ProviderError("timeout", "it took too long")

    for seconds, state in zip((5.0, 60.0), states, strict=True):
        with pytest.raises(ProviderError):
            await resilience.run(partial(fail_after, seconds))
        assert resilience.breaker.state == state


async def test_a_useless_answer_is_asked_for_once_more_and_no_more(
    make: Callable[..., Resilience], waits: Waits
) -> None:
    assert await make().run(Endpoint("unusable")) == "an answer"
    endpoint = Endpoint("unusable", "unusable")
    with pytest.raises(ProviderError) as raised:
        await make().run(endpoint)
    assert (raised.value.fault, raised.value.detail) == ("unusable", "it failed, tried 2 times")
    assert (endpoint.calls, waits.seconds) == (2, [0.0, 0.0])


@pytest.mark.parametrize("fault", ["refused", "client_error", "budget_spent", "not_configured"])
async def test_what_another_try_would_meet_again_is_not_tried_again(
    make: Callable[..., Resilience], fault: ProviderFault
) -> None:
    endpoint = Endpoint(fault)
    assert await fault_of(make(), endpoint) == fault
    assert endpoint.calls == 1


async def test_all_calls_share_what_may_be_retried_and_successes_earn_more(make: Callable[..., Resilience]) -> None:
    resilience = make(1)
    for _ in range(RETRIES_AT_HAND):
        assert await resilience.run(Endpoint("timeout")) == "an answer"
    # Each success has given a tenth of a retry back.
    assert await resilience.run(Endpoint("timeout")) == "an answer"
    endpoint = Endpoint("timeout")
    assert await fault_of(resilience, endpoint) == "timeout"
    assert endpoint.calls == 1
    for _ in range(SUCCESSES_FOR_A_RETRY):
        await resilience.run(Endpoint())
    assert await resilience.run(Endpoint("timeout")) == "an answer"


async def test_retries_end_when_the_breaker_opens(make: Callable[..., Resilience]) -> None:
    endpoint = Endpoint(*["server_error"] * 20)
    resilience = make(10)
    assert await fault_of(resilience, endpoint) == "server_error"
    assert (endpoint.calls, resilience.breaker.state) == (FAILURES, "open")


async def test_refusals_and_useless_answers_say_that_the_endpoint_is_well(make: Callable[..., Resilience]) -> None:
    resilience = make(0)
    for fault in (*["timeout"] * (FAILURES - 1), "refused", *["timeout"] * (FAILURES - 1), "unusable", "timeout"):
        await fault_of(resilience, Endpoint(fault))
    assert resilience.breaker.state == "closed"


async def test_what_was_never_asked_says_nothing_of_the_endpoint(make: Callable[..., Resilience]) -> None:
    resilience = make(0)
    for fault in (*["timeout"] * (FAILURES - 1), "budget_spent", "timeout"):
        await fault_of(resilience, Endpoint(fault))
    assert resilience.breaker.state == "open"


class Trial:
    """A call that tries an endpoint after a rest, and is answered when it is told to."""

    def __init__(self, resilience: Resilience) -> None:
        self.outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(resilience.run(lambda: self.outcome))


async def try_after_a_rest(resilience: Resilience, clock: Clock) -> Trial:
    for _ in range(FAILURES):
        await fault_of(resilience, Endpoint("connection"))
    clock.advance(REST_SECONDS)
    trial = Trial(resilience)
    await eventually(lambda: resilience.breaker._trial)
    return trial


async def test_while_one_call_tries_the_others_wait_for_how_it_ends(
    make: Callable[..., Resilience], clock: Clock
) -> None:
    resilience, endpoint = make(0), Endpoint()
    trial = await try_after_a_rest(resilience, clock)
    others = [asyncio.create_task(resilience.run(endpoint)) for _ in range(3)]
    await asyncio.sleep(0)
    assert endpoint.calls == 0
    trial.outcome.set_result("well again")
    assert await asyncio.gather(trial.task, *others) == ["well again", *["an answer"] * 3]


async def test_others_do_not_ask_an_endpoint_that_failed_again_when_it_was_tried(
    make: Callable[..., Resilience], clock: Clock
) -> None:
    resilience, endpoint = make(0), Endpoint()
    trial = await try_after_a_rest(resilience, clock)
    others = [asyncio.create_task(fault_of(resilience, endpoint)) for _ in range(3)]
    await asyncio.sleep(0)
    trial.outcome.set_exception(ProviderError("timeout", "it took too long"))
    assert await asyncio.gather(*others) == ["breaker_open"] * 3
    assert endpoint.calls == 0
    with pytest.raises(ProviderError):
        await trial.task


async def test_who_has_someone_else_to_ask_does_not_wait_for_a_try(
    make: Callable[..., Resilience], clock: Clock
) -> None:
    resilience = make(0, patience=5.0)
    trial = await try_after_a_rest(resilience, clock)
    assert await fault_of(resilience, Endpoint()) == "breaker_open"
    trial.outcome.set_result("well again")
    assert await trial.task == "well again"
    assert await resilience.run(Endpoint()) == "an answer"


async def test_a_try_that_is_cancelled_leaves_the_next_one_its_chance(
    make: Callable[..., Resilience], clock: Clock
) -> None:
    resilience = make(0)
    for _ in range(FAILURES):
        await fault_of(resilience, Endpoint("connection"))
    clock.advance(REST_SECONDS)
    trying = asyncio.create_task(resilience.run(asyncio.Event().wait))
    await eventually(lambda: resilience.breaker._trial)
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert await resilience.run(Endpoint()) == "an answer"
    assert resilience.breaker.state == "closed"


async def test_others_are_told_when_the_breaker_opens_and_closes_and_of_nothing_between(
    make: Callable[..., Resilience], clock: Clock, told: list[BreakerChange]
) -> None:
    resilience = make(0)
    await resilience.run(Endpoint())
    for _ in range(FAILURES + 2):
        await fault_of(resilience, Endpoint("connection"))
    opened = BreakerOpened("openai", round((clock.now + REST_SECONDS) * 1_000_000), "connection", "it failed")
    assert told == [opened]
    clock.advance(REST_SECONDS)
    await fault_of(resilience, Endpoint("timeout"))
    assert told[1:] == [BreakerOpened("openai", opened.until + round(REST_SECONDS * 1_000_000), "timeout", "it failed")]
    clock.advance(REST_SECONDS)
    for _ in range(2):
        await resilience.run(Endpoint())
    assert told[2:] == [BreakerClosed("openai")]


async def test_how_a_call_ends_that_began_before_the_breaker_opened_changes_nothing(
    make: Callable[..., Resilience], clock: Clock, told: list[BreakerChange]
) -> None:
    resilience, ended = make(0), asyncio.Event()

    async def slow(fault: ProviderFault | None) -> None:
        await ended.wait()
        if fault:
            raise ProviderError(fault, "it failed")

    calls = [asyncio.create_task(resilience.run(partial(slow, fault))) for fault in (None, "timeout")]
    await asyncio.sleep(0)
    for _ in range(FAILURES):
        await fault_of(resilience, Endpoint("connection"))
    clock.advance(REST_SECONDS / 2)
    ended.set()
    await asyncio.gather(*calls, return_exceptions=True)
    assert (resilience.breaker.state, len(told)) == ("open", 1)
    clock.advance(REST_SECONDS / 2)
    assert resilience.breaker.state == "half_open"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:10 GMT"}, 10.0),
        ({"retry-after": "Fri, 15 Jan 2027 07:00:10 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Fri, 99 Jan 99999 99:99:99 GMT"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=1_800_000_000.0) == seconds
