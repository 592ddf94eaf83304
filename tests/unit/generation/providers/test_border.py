"""Providers are other people's code: whatever one does, the log stays readable and the job comes to its end."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.log import LogUnavailable
from events.vocabulary import REGISTRY
from events.vocabulary.generation import CandidatesReceived, ProviderFailed
from tests.support.generation import Scripted, candidate, counting
from tests.unit.generation.test_runner import World
from trivia.generation.providers import border
from trivia.generation.providers.provider import Answer, BudgetLeft, ProviderError, ProviderHealth, Wanted

WANTED = Wanted(3, None, 0, 120, None)

anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.text()),
    st.sampled_from([0.5, True, 10**30, math.nan, math.inf, "\ud800", "a\0b", object(), Exception("x")]),
)  # fmt: skip
FIELDS = Answer.__struct_fields__


def check_stored(event: Any) -> None:
    assert REGISTRY.decode(type(event).__name__, event.schema, REGISTRY.encode(event)) == event


async def events_of(world: World, provider: Scripted) -> list[Any]:
    """What the log has of a job with this provider, each event decoded from what was stored."""
    job_id = await world.request(3)
    # Failures are waited for, so the clock goes on by itself.
    ticks = iter(range(0, 10**15, 20_000_000))
    world.clock = lambda: next(ticks)
    await world.runner(provider=provider).run(job_id)
    return await world.events(job_id)


@settings(max_examples=200)
@given(st.fixed_dictionaries({name: anything for name in FIELDS if name != "failures"}))
def test_an_answer_with_any_values_becomes_one_that_can_be_stored(fields: dict[str, Any]) -> None:
    answer = border.clean_answer(Answer(**fields))
    check_stored(
        CandidatesReceived(
            0, answer.provider or "x", answer.candidates, answer.model, answer.input_tokens, answer.output_tokens,
            answer.cost, answer.attempts, answer.needs_check,
        )
    )  # fmt: skip


@settings(max_examples=200)
@given(anything, anything, anything, anything, anything)
def test_a_failure_with_any_values_becomes_one_that_can_be_stored(
    fault: Any, detail: Any, retry_after: Any, provider: Any, attempts: Any
) -> None:
    error = ProviderError(fault, detail, retry_after, provider)
    error.attempts = attempts
    error = border.clean_failure(error)
    after = None if error.retry_after is None else round(error.retry_after * 1_000)
    check_stored(ProviderFailed(0, error.provider or "x", error.fault, error.detail, after, error.attempts))


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("wrong", [True, 0.5, "7", None, -1, math.nan, 10**30, b"x", {}, [1], ("a", 1)], ids=repr)
async def test_a_job_whose_provider_returns_a_wrong_type_goes_on_and_the_log_can_be_read(name: str, wrong: Any) -> None:
    def script(call: int, wanted: Wanted) -> Answer:
        good = counting(call, wanted)
        return good if call else Answer(**{field: getattr(good, field) for field in FIELDS} | {name: wrong})

    events = await events_of(World(), Scripted(script))
    assert type(events[-1]).__name__ == "GenerationCompleted"


async def test_a_part_of_a_cost_counts_as_one_and_a_candidate_that_is_no_text_is_left_out() -> None:
    answer = await border.generate(Scripted(lambda *_: Answer((candidate(1), 7, "x" * 70_000), cost=0.5)), WANTED)  # type: ignore[arg-type]
    assert (answer.candidates, answer.cost) == ((candidate(1),), 1)


class Foreign(Scripted):
    """A provider of another package that does whatever it likes."""

    def __init__(self, outcome: Any) -> None:
        super().__init__()
        self.outcome = outcome

    async def generate(self, wanted: Wanted) -> Any:
        return self._come_out(wanted)

    async def solve(self, prompt: str, options: tuple[str, ...]) -> Any:
        return self._come_out(prompt, options)

    async def health(self) -> Any:
        return self._come_out()

    def _come_out(self, *_: Any) -> Any:
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize(
    "outcome", [KeyError("sk-secret"), RecursionError(), None, "text", {"candidates": ()}], ids=repr
)
async def test_a_job_whose_provider_does_what_it_must_not_fails_and_says_so(outcome: Any) -> None:
    *_, failed, end = await events_of(World(), Foreign(outcome))
    assert isinstance(failed, ProviderFailed)
    assert failed.fault == "unusable"
    assert "sk-secret" not in failed.detail
    assert type(end).__name__ == "GenerationFailed"


async def test_a_database_that_is_gone_is_no_fault_of_the_provider() -> None:
    gone = Foreign(LogUnavailable("gone"))
    for asking in (border.generate(gone, WANTED), border.solve(gone, "Which?", ("a", "b")), border.health(gone)):
        with pytest.raises(LogUnavailable):
            await asking


@pytest.mark.parametrize(
    "outcome",
    [
        None,
        ValueError("sk-secret"),
        ProviderHealth("x", reachable="yes"),  # type: ignore[arg-type] # other people's code
        ProviderHealth("x", reachable=True, latency_ms="fast"),  # type: ignore[arg-type]
        ProviderHealth("x", reachable=True, budget_left=BudgetLeft(True)),  # type: ignore[arg-type]
    ],
    ids=repr,
)
async def test_a_health_that_cannot_be_read_is_no_good_health(outcome: Any) -> None:
    health = await border.health(Foreign(outcome))
    assert (health.provider, health.reachable) == ("scripted", False)
    assert "sk-secret" not in str(health)


async def test_good_health_is_passed_on() -> None:
    told = ProviderHealth("x", reachable=True, model="m", latency_ms=2, budget_left=BudgetLeft(3, 0.5))
    assert await border.health(Foreign(told)) == told
