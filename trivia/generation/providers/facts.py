"""Questions made from facts: always there, asks nobody, costs nothing. What it can ask is in `trivia/generation/facts/`."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec

from trivia.generation.providers.provider import Answer, Parts, Provider, Wanted, describe_known

if TYPE_CHECKING:
    from trivia.generation.facts import FactQuestion

YOUNGEST: Final = 5
GROWN_UP: Final = 18
"""Ages at which the first questions and the last kinds of questions begin."""

LOOKED_AT: Final = 20
"""So many questions are looked at for each that is wanted, to pass over those of another difficulty and those that are known."""


class FactsProvider(Provider):
    """Gives other questions for another seed, and an empty answer for a topic or an age of which it knows nothing."""

    name: ClassVar[str] = "facts"

    def __init__(self) -> None:
        # One thread: questions are made in Python, so that more of them would only take the interpreter from the event loop.
        self._executor = ThreadPoolExecutor(1, "facts")

    async def generate(self, wanted: Wanted) -> Answer:
        """See Provider.generate. Raises nothing."""
        loop = asyncio.get_running_loop()
        candidates = await loop.run_in_executor(self._executor, _make_candidates, wanted)
        return Answer(candidates, attempts=0, needs_check=False)

    async def solve(self, prompt: str, options: tuple[str, ...]) -> str | None:  # noqa: ARG002 - the port's
        """None: it cannot judge what others ask, and what it asks itself is right by construction."""
        return None

    async def close(self) -> None:
        """See Provider.close."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def make(_: Parts) -> FactsProvider:
    """The provider."""
    return FactsProvider()


def _make_candidates(wanted: Wanted) -> tuple[str, ...]:
    # Trying every template for an age that none is for takes a second of CPU.
    if wanted.count <= 0 or wanted.min_age > wanted.max_age or wanted.max_age < YOUNGEST:
        return ()
    for_all: list[FactQuestion] = []
    for_some: list[FactQuestion] = []
    for question in _fitting(wanted):
        serves_all = question.min_age <= wanted.min_age and question.max_age >= wanted.max_age
        (for_all if serves_all else for_some).append(question)
        if len(for_all) == wanted.count or len(for_some) == LOOKED_AT * wanted.count // 4:
            break
    chosen = (for_all + for_some)[: wanted.count]
    return tuple([msgspec.json.encode(question).decode() for question in chosen])


def _fitting(wanted: Wanted) -> "Iterator[FactQuestion]":
    from trivia.generation.facts import generate

    known = set(wanted.known)
    for question in islice(generate(wanted.topic, _choose_age(wanted), wanted.seed), wanted.count * LOOKED_AT):
        new = describe_known(question.prompt, question.answer) not in known
        if new and wanted.difficulty in {None, question.difficulty}:
            yield question


def _choose_age(wanted: Wanted) -> int | None:
    """An age among those wanted that all the questions are for; None, for any, where nearly all ages are wanted."""
    if wanted.min_age <= YOUNGEST and wanted.max_age >= GROWN_UP:
        return None
    least, most = max(wanted.min_age, YOUNGEST), min(wanted.max_age, GROWN_UP)
    # Chance must be repeatable here, not secret.
    return Random(wanted.seed).randint(least, most) if least <= most else wanted.max_age  # noqa: S311
