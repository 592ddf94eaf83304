"""What a provider of questions is.

A provider is one file: a subclass of Provider and a function `make(parts) -> Provider`. Other packages bring theirs by an entry point of
the group `trivia.providers`, whose name is then what the setting `generation_provider` may say; `registry.py` finds them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, NamedTuple

import msgspec

from events.vocabulary.generation import ProviderFault
from events.vocabulary.questions import Difficulty
from trivia.generation.breakers import Breakers, BreakerState
from trivia.generation.budget.spending import Spending
from trivia.settings import Settings


class Wanted(msgspec.Struct, frozen=True):
    """What one call asks for. Ages are in years, both ends included.

    `known` are questions of that topic which the bank has already, as `describe_known` puts them, so that they are not asked for again;
    `seed` makes calls of one job differ, and the same call again the same. The last `barren` answers of the job brought nothing new.
    """

    count: int
    topic: str | None
    min_age: int
    max_age: int
    difficulty: Difficulty | None
    known: tuple[str, ...] = ()
    seed: int = 0
    barren: int = 0


def describe_known(prompt: str, answer: str) -> str:
    """A question of the bank for `Wanted.known`."""
    return f"{prompt} ({answer})"


class Answer(msgspec.Struct, frozen=True):
    """What came of a call: candidates, each the JSON text of an import's row, not looked at yet.

    `cost` is in millionths of a dollar. `provider` names who made them, where that is not the one that was asked; `failures` are those of
    the providers for which that one stood in, each with its name. `attempts` counts the requests that were made. `needs_check` is False
    where the candidates are right by construction; others go through the blind check, or wait for approval.
    """

    candidates: tuple[str, ...]
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0
    provider: str | None = None
    failures: "tuple[ProviderError, ...]" = ()
    attempts: int = 1
    needs_check: bool = True


class BudgetLeft(msgspec.Struct, frozen=True):
    """What may still be spent today (UTC): tokens, and dollars; None where there is no limit."""

    tokens: int | None = None
    cost: float | None = None


class ProviderHealth(msgspec.Struct, frozen=True):
    """How a provider does. `latency_ms` is that of the question whether it is reachable; `detail` is for people and holds no secret."""

    provider: str
    reachable: bool
    model: str | None = None
    latency_ms: float | None = None
    breaker: BreakerState = "closed"
    budget_left: BudgetLeft = BudgetLeft()
    detail: str | None = None


class ProviderError(Exception):
    """A call gave nothing. The message is for people and holds no secret; `retry_after` in seconds, where the provider said.

    `provider` names who failed, where that is not the one that was asked; `attempts` counts the requests that were made.
    """

    def __init__(
        self, fault: ProviderFault, detail: str, retry_after: float | None = None, provider: str | None = None
    ) -> None:
        super().__init__(detail)
        self.attempts = 1
        self.provider = provider
        self.fault = fault
        self.detail = detail
        self.retry_after = retry_after


class Provider(ABC):
    """Makes candidates. Safe for any number of tasks of one event loop at once; nothing is opened before the first call."""

    name: ClassVar[str]

    @abstractmethod
    async def generate(self, wanted: Wanted) -> Answer:
        """Ask once for at most `wanted.count` candidates; fewer may come. Raises ProviderError, and LogUnavailable for its budget."""

    @abstractmethod
    async def solve(self, prompt: str, options: tuple[str, ...]) -> str | None:
        """The option that the provider takes for the right one, not knowing the key. Raises as `generate`.

        An empty text where it finds that none is right, or several are; None where it has no opinion.
        """

    @abstractmethod
    async def close(self) -> None:
        """Release what is held open."""

    async def health(self) -> ProviderHealth:
        """How it does now, within a few seconds; whoever can be unreachable finds out by asking. Raises LogUnavailable."""
        return ProviderHealth(self.name, reachable=True)

    async def probe(self) -> None:
        """Ask for something short, for real, as `trivia doctor` does; who costs nothing need not. Raises as `generate`."""
        return


class Parts(NamedTuple):
    """What a provider may use."""

    settings: Settings
    spending: Spending
    breakers: Breakers


Factory = Callable[[Parts], Provider]
"""Makes a provider. Raises SettingsError where a setting that it needs is missing or wrong."""
