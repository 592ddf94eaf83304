"""A stand-in endpoint for each module, as new for each test, and a log whose events can be counted."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from events.log import EventLog
from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from tests.support.clock import Clock
from tests.support.model_endpoint import ModelEndpoint
from trivia.generation.breakers import Breakers
from trivia.generation.llm.resilience import Resilience
from trivia.generation.providers.openai import OpenAIProvider
from trivia.generation.spending import Spending
from trivia.settings import Settings

KEY = "sk-test-0123456789abcdef"


class Waits:
    """Takes the place of sleeping: notes how long, and lets the clock go on by that."""

    def __init__(self, clock: Clock) -> None:
        self.seconds: list[float] = []
        self._clock = clock

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self._clock.advance(seconds)


@pytest.fixture
async def log() -> AsyncIterator[EventLog]:
    log = MemoryLog(REGISTRY)
    yield log
    await log.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def waits(clock: Clock) -> Waits:
    return Waits(clock)


MakeProvider = Callable[..., OpenAIProvider]


@pytest.fixture
async def make_provider(
    endpoint: ModelEndpoint, log: EventLog, clock: Clock, waits: Waits
) -> AsyncIterator[MakeProvider]:
    """`make_provider(openai_retries=0)`: a provider that asks the stand-in, and waits without waiting."""
    async with AsyncExitStack() as stack:

        def make(**changed: object) -> OpenAIProvider:
            given = {"openai_api_key": KEY, "openai_base_url": endpoint.url, "openai_model": "a-model", **changed}
            settings = Settings(**given)  # type: ignore[arg-type] # what a test gives is right
            breakers = Breakers(log, clock)
            resilience = Resilience(
                settings.openai_retries, breakers.of("openai"), breakers.tell, sleep=waits, dice=lambda: 0.5
            )
            provider = OpenAIProvider(settings, Spending(log), resilience)
            stack.push_async_callback(provider.close)
            return provider

        yield make


@pytest.fixture
def provider(make_provider: MakeProvider) -> OpenAIProvider:
    return make_provider()
