"""Questions made from facts: the bank of a fresh install, and more of the same when no language model can be asked.

Nothing here copies a question from anywhere: the facts come from data that libraries ship or from calculation, the wording is ours. To add
a topic, write a module here that defines `SUBJECT` and put its name into `SUBJECTS`.
"""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from random import Random

from trivia.generation.facts.core import Draft, FactQuestion, Subject, finish, fold

__all__ = ["SUBJECTS", "FactQuestion", "generate", "starter_bank", "subjects", "topics"]

SUBJECTS = (
    "geography",
    "cultures",
    "languages",
    "mathematics",
    "logic",
    "chemistry",
    "astronomy",
    "music",
    "computing",
    "calendars",
    "measures",
    "codes",
    "colours",
    "words",
    "arts.film",
    "arts.television",
    "arts.cartoons",
    "arts.anime",
    "arts.comics",
    "arts.video_games",
    "arts.literature",
    "arts.music",
    "arts.art",
    "arts.theatre",
    "world.history",
    "world.people",
    "world.places",
    "world.food",
    "world.sport",
    "world.mythology",
    "world.holidays",
    "world.vehicles",
    "world.technology",
    "world.general",
    "nature.animals",
    "nature.plants",
    "nature.science",
    "nature.inventions",
    "nature.space",
)
"""Modules of this package, in the order of the bank; several may share a topic."""

ASKED_AT_MOST = 2
"""How many ways there may be in the bank of asking for one fact."""

BARREN = 400
"""So many drafts refused in a row and a template counts as used up."""

HOPELESS = 80
"""So many refused from the start and it counts as having nothing for the age."""


def subjects() -> Iterator[Subject]:
    """Every subject; the modules are imported here, so that importing the package costs nothing."""
    for name in SUBJECTS:
        subject: Subject = import_module(f"{__name__}.{name}").SUBJECT
        yield subject


def topics() -> tuple[str, ...]:
    """The topics there are questions for."""
    return tuple(dict.fromkeys(subject.topic for subject in subjects()))


class _Sieve:
    """Lets each question through once, and each fact in at most two wordings."""

    def __init__(self) -> None:
        self._asked: set[tuple[str, str]] = set()
        self._facts: Counter[str] = Counter()

    def passes(self, draft: Draft, question: FactQuestion) -> bool:
        # The same prompt with the same answer is the same question to a player, whatever the wrong options are.
        asked = (fold(question.prompt), fold(question.answer))
        if asked in self._asked or self._facts[draft.fact] >= ASKED_AT_MOST:
            return False
        self._asked.add(asked)
        if draft.fact:
            self._facts[draft.fact] += 1
        return True


def _questions(topic: str, drafts: Iterator[Draft], sieve: _Sieve, age: int | None = None) -> Iterator[FactQuestion]:
    """The fair and new questions among the drafts, until these end or nothing new comes any more."""
    refused, limit = 0, HOPELESS
    for draft in drafts:
        fits = age is None or draft.ages[0] <= age <= draft.ages[1]
        question = finish(topic, draft) if fits else None
        if question is not None and sieve.passes(draft, question):
            refused, limit = 0, BARREN
            yield question
        else:
            refused += 1
            if refused >= limit:
                return


def starter_bank() -> Iterator[FactQuestion]:
    """The bank of a fresh install: the same questions in the same order wherever the libraries have the same versions."""
    sieve = _Sieve()
    for subject in subjects():
        for template in subject.templates:
            rng = Random(f"{subject.topic}/{template.make.__name__}")
            yield from islice(_questions(subject.topic, template.make(rng), sieve), template.starter)


def generate(topic: str | None, age: int | None, seed: int) -> Iterator[FactQuestion]:
    """Questions for a topic (any letter case; None for all) and an age (None for all), the templates taking turns.

    Other seeds give other questions in another order. The caller leaves out what it already has. Ends only where every template is used up;
    an unknown topic gives nothing.
    """
    sieve = _Sieve()
    running = [
        _questions(subject.topic, template.make(Random(f"{seed}/{subject.topic}/{template.make.__name__}")), sieve, age)
        for subject in subjects()
        if topic is None or subject.topic.casefold() == topic.casefold()
        for template in subject.templates
    ]
    Random(f"{seed}/order").shuffle(running)
    while running:
        still = []
        for questions in running:
            question = next(questions, None)
            if question is not None:
                still.append(questions)
                yield question
        running = still
