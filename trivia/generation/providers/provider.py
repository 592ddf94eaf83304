"""What a provider of questions is."""

from abc import ABC, abstractmethod
from typing import ClassVar

import msgspec

from events.vocabulary.generation import ProviderFault
from events.vocabulary.questions import Difficulty


class Wanted(msgspec.Struct, frozen=True):
    """What one call asks for. Ages are in years, both ends included.

    `known` are questions of that topic which the bank has already, each with its answer, so that they are not asked for again; `seed`
    makes calls of one job differ, and the same call again the same.
    """

    count: int
    topic: str | None
    min_age: int
    max_age: int
    difficulty: Difficulty | None
    known: tuple[str, ...] = ()
    seed: int = 0


class Answer(msgspec.Struct, frozen=True):
    """What came of a call: candidates, each the JSON text of an import's row, not looked at yet. `cost` in millionths of a dollar."""

    candidates: tuple[str, ...]
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0


class ProviderError(Exception):
    """A call gave nothing. The message is for people and holds no secret; `retry_after` in seconds, where the provider said."""

    def __init__(self, fault: ProviderFault, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.retry_after = retry_after


class Provider(ABC):
    """Makes candidates. Safe for any number of tasks at once."""

    name: ClassVar[str]

    @abstractmethod
    async def generate(self, wanted: Wanted) -> Answer:
        """Ask once for at most `wanted.count` candidates; fewer may come. Raises ProviderError."""

    @abstractmethod
    async def solve(self, prompt: str, options: tuple[str, ...]) -> str | None:
        """The option that the provider takes for the right one, not knowing the key; None where it has no opinion. Raises ProviderError."""

    @abstractmethod
    async def close(self) -> None:
        """Release what is held open."""
