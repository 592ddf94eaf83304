"""Which provider is asked, by the settings and by how the model does."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events.log import EventLog
from tests.support.clock import Clock
from tests.support.model_endpoint import ModelEndpoint, fails, questions, says
from tests.unit.generation.providers.conftest import KEY, MakeProvider
from trivia.generation.breakers import FAILURES, REST_SECONDS, Breakers
from trivia.generation.budget.spending import Spending
from trivia.generation.providers.auto import AutoProvider
from trivia.generation.providers.facts import FactsProvider
from trivia.generation.providers.provider import ProviderError, Wanted
from trivia.generation.providers.registry import make_provider as choose
from trivia.settings import Settings, SettingsError

WANTED = Wanted(3, "Mathematics", 8, 15, None)
UNKNOWN = Wanted(3, "The lives of saints", 8, 15, None)


@pytest.fixture
async def make_auto(make_provider: MakeProvider) -> AsyncIterator[Any]:
    async with AsyncExitStack() as stack:

        def make(*, model: bool = True, **changed: Any) -> AutoProvider:
            auto = AutoProvider(make_provider(openai_retries=0, **changed) if model else None, FactsProvider())
            stack.push_async_callback(auto.close)
            return auto

        yield make


async def test_a_model_that_answers_is_who_made_the_questions(make_auto: Any) -> None:
    answer = await make_auto().generate(WANTED)
    assert (answer.provider, answer.model, len(answer.candidates)) == ("openai", "stand-in-1", 3)


async def test_without_a_model_there_are_facts(make_auto: Any, endpoint: ModelEndpoint) -> None:
    auto = make_auto(model=False)
    answer = await auto.generate(WANTED)
    assert (answer.provider, len(answer.candidates)) == ("facts", 3)
    assert (await auto.generate(UNKNOWN)).candidates == ()
    assert await auto.solve("What is 1 plus 1?", ("1", "2", "3", "4")) is None
    assert (await auto.health()).provider == "facts"
    assert endpoint.received == []


@pytest.mark.parametrize(
    "behaviour", [fails(500), fails(401), says("Sorry."), says(None, refusal="No.")], ids=lambda _: ""
)
async def test_facts_step_in_for_a_model_that_fails(make_auto: Any, endpoint: ModelEndpoint, behaviour: Any) -> None:
    auto = make_auto()
    endpoint.then(behaviour)
    answer = await auto.generate(WANTED)
    assert (answer.provider, [failure.provider for failure in answer.failures]) == ("facts", ["openai"])
    answer = await auto.generate(WANTED)
    assert (answer.provider, answer.failures) == ("openai", ())


async def test_where_facts_know_nothing_the_models_fault_is_told(make_auto: Any, endpoint: ModelEndpoint) -> None:
    endpoint.then(fails(503))
    with pytest.raises(ProviderError) as raised:
        await make_auto().generate(UNKNOWN)
    assert (raised.value.fault, raised.value.provider) == ("server_error", "openai")


async def test_facts_step_in_for_a_model_that_has_nothing_on_a_topic(make_auto: Any, endpoint: ModelEndpoint) -> None:
    endpoint.then(says(questions([])), says(questions([])))
    auto = make_auto()
    answer = await auto.generate(WANTED)
    assert (answer.provider, bool(answer.candidates), answer.failures) == ("facts", True, ())
    # It was asked, and that had its price.
    assert answer.input_tokens > 0
    answer = await auto.generate(UNKNOWN)
    assert (answer.provider, answer.candidates) == ("openai", ())


async def test_a_model_that_brings_nothing_new_takes_turns_with_facts(make_auto: Any, endpoint: ModelEndpoint) -> None:
    auto = make_auto()
    answers = [await auto.generate(msgspec.structs.replace(WANTED, barren=barren)) for barren in range(5)]
    assert [answer.provider for answer in answers] == ["openai", "openai", "facts", "openai", "facts"]
    assert (await auto.generate(msgspec.structs.replace(UNKNOWN, barren=2))).provider == "openai"


async def test_facts_step_in_while_the_breaker_is_open_and_the_model_comes_back(
    make_auto: Any, endpoint: ModelEndpoint, clock: Clock
) -> None:
    auto = make_auto()
    endpoint.then(*[fails(500)] * FAILURES)
    for _ in range(FAILURES + 3):
        assert (await auto.generate(WANTED)).provider == "facts"
    assert len(endpoint.received) == FAILURES
    assert (await auto.health()).breaker == "open"
    clock.advance(REST_SECONDS)
    assert (await auto.generate(WANTED)).provider == "openai"


async def test_facts_step_in_when_the_budget_is_spent(make_auto: Any, endpoint: ModelEndpoint) -> None:
    auto = make_auto(openai_daily_tokens=0)
    assert (await auto.generate(WANTED)).provider == "facts"
    assert (await auto.health()).budget_left.tokens == 0
    assert endpoint.received == []


async def test_facts_step_in_at_once_for_a_model_that_asks_for_a_pause(log: EventLog, endpoint: ModelEndpoint) -> None:
    endpoint.then(fails(429, retry_after="15"))
    auto = choose(Settings(openai_base_url=endpoint.url), Spending(log), Breakers(log))
    try:
        answer = await auto.generate(WANTED)
    finally:
        await auto.close()
    assert (answer.provider, [failure.fault for failure in answer.failures]) == ("facts", ["rate_limited"])
    assert len(endpoint.received) == 1


async def test_a_model_that_cannot_solve_is_no_reason_to_believe_the_key(
    make_auto: Any, endpoint: ModelEndpoint
) -> None:
    endpoint.then(fails(500))
    with pytest.raises(ProviderError):
        await make_auto().solve("What is 1 plus 1?", ("1", "2", "3", "4"))


@pytest.mark.parametrize(
    ("settings", "name", "asked"),
    [
        ({}, "auto", "facts"),
        ({"openai_api_key": KEY}, "auto", "openai"),
        ({"openai_base_url": "http://127.0.0.1:1/v1"}, "auto", "openai"),
        ({"openai_api_key": KEY, "generation_provider": "facts"}, "facts", "facts"),
        ({"openai_base_url": "http://127.0.0.1:1/v1", "generation_provider": "openai"}, "openai", "openai"),
    ],
)
async def test_settings_choose_the_provider(log: EventLog, settings: dict[str, Any], name: str, asked: str) -> None:
    provider = choose(Settings(**settings), Spending(log), Breakers(log))
    try:
        assert provider.name == name
        if "openai_api_key" not in settings:
            assert (await provider.health()).provider == asked
    finally:
        await provider.close()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"generation_provider": "openai"}, ["TRIVIA_OPENAI_API_KEY"]),
        ({"generation_provider": "oracle"}, ["TRIVIA_GENERATION_PROVIDER", "oracle", "auto, openai, facts"]),
        (
            {"openai_base_url": "http://host:70000/v1", "openai_daily_cost": 1.0},
            ["TRIVIA_OPENAI_BASE_URL", "TRIVIA_OPENAI_DAILY_COST"],
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named(log: EventLog, settings: dict[str, Any], named: list[str]) -> None:
    with pytest.raises(SettingsError) as raised:
        choose(Settings(**settings), Spending(log), Breakers(log))
    assert all(name in str(raised.value) for name in named)


BROUGHT = """
from trivia.generation.providers.provider import Answer, Provider

class Oracle(Provider):
    name = "oracle"
    async def generate(self, wanted): return Answer(("{}",), "delphi")
    async def solve(self, prompt, options): return None
    async def close(self): pass

def make(parts): return Oracle()

def make_nothing(parts): return None
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package of someone else's, with three entry points."""
    (tmp_path / "delphi.py").write_text(BROUGHT)
    information = tmp_path / "delphi-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: delphi\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        "[trivia.providers]\noracle = delphi:make\nmute = delphi:make_nothing\nlost = delphi:missing\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "delphi", raising=False)


@pytest.mark.usefixtures("package")
async def test_another_package_brings_a_provider_by_an_entry_point(log: EventLog) -> None:
    provider = choose(Settings(generation_provider="oracle"), Spending(log), Breakers(log))
    assert (await provider.generate(WANTED)).model == "delphi"
    assert (await provider.health()).provider == "oracle"


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("name", "said"), [("mute", "no provider"), ("lost", "cannot be loaded"), ("other", "lost, mute, oracle")]
)
def test_a_provider_that_another_package_brings_wrongly_is_a_wrong_setting(log: EventLog, name: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        choose(Settings(generation_provider=name), Spending(log), Breakers(log))
