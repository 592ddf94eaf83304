"""What the shapes share: choosing wordings, ordering by fame, joining words."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from math import ceil
from random import Random
from typing import TypeVar
from zlib import crc32

import msgspec

from trivia.generation.facts.core import WRONG_OPTIONS, Ages, Difficulty, Draft, Template
from trivia.generation.pipeline.reading import reading_age
from trivia.generation.pipeline.unsuitable import find_unsuitable

T = TypeVar("T")

POOL = 10
"""So many candidates for wrong options are handed on, of which three are taken."""

READING_MARGIN = 9
READS_ANYTHING = 13
"""The formula for the age of readers is years off for a single sentence; from the second age on nothing is held to it."""

TELLING = 18
"""An answer of so many characters or more may tell itself by its length."""

DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "medium", "hard")


def template(name: str, starter: int, make: Callable[[Random], Iterator[Draft]]) -> Template:
    """A template under a name of its own, which its choices are seeded with; it gives only the drafts that are fair."""

    def fair(rng: Random) -> Iterator[Draft]:
        for draft in make(rng):
            found = make_fair(draft)
            if found is not None:
                yield found

    fair.__name__ = name
    return Template(fair, starter)


def make_fair(draft: Draft) -> Draft | None:
    """The draft for those who may read all its words, without options that are far shorter than the answer; None where too few are left."""
    age = max(youngest(text) for text in (draft.prompt, draft.answer, draft.explanation))
    hard = (reading_age(draft.prompt) or 0) - READING_MARGIN
    ages = (max(draft.ages[0], age, min(ceil(hard), READS_ANYTHING)), draft.ages[1])
    wrong = [option for option in draft.wrong if youngest(option) <= ages[0]]
    if len(draft.answer) >= TELLING and not draft.answer.istitle():
        wrong = (
            [option for option in wrong if len(option) * 2 > len(draft.answer)] if len(wrong) > WRONG_OPTIONS else wrong
        )
        if wrong and len(draft.answer) >= 2 * sum(map(len, wrong)) / len(wrong):
            return None
    return msgspec.structs.replace(draft, ages=ages, wrong=wrong) if len(wrong) >= WRONG_OPTIONS else None


@lru_cache(maxsize=8192)
def youngest(text: str) -> int:
    """The age from which all words of a text may be read."""
    words = " ".join(re.findall(r"[^\W_]+", text.lower()))
    spaced = f" {words} "
    age = 0
    while found := find_unsuitable([spaced], age):
        age = found.age
    return age


THE = {
    "Netherlands", "United States", "United Kingdom", "Czech Republic", "Philippines", "Soviet Union", "Dominican Republic",
    "United Arab Emirates", "Ivory Coast", "Inca Empire",
}  # fmt: skip


def named(group: str) -> str:
    """A group as a sentence speaks of it: the Netherlands, but France."""
    return f"the {group}" if group in THE else group


def choose(wordings: Sequence[T], key: str) -> T:
    """One of several wordings or things, the same one for a key in any process."""
    return wordings[crc32(key.encode()) % len(wordings)]


def known_first(rng: Random, items: Iterable[T], fame: Callable[[T], int]) -> list[T]:
    """The items in an order of chance in which what is well known tends to come before what is not."""
    weighed = [(fame(item) + 2.5 * rng.random(), place, item) for place, item in enumerate(items)]
    return [item for _, _, item in sorted(weighed, key=lambda each: each[:2])]


def difficulty(fame: float) -> Difficulty:
    """For a fame from 1, which is best known, to 3."""
    return DIFFICULTIES[0 if fame < 1.5 else 1 if fame < 2.5 else 2]


def from_age(age: int) -> Ages:
    """For an age and all above it."""
    return (age, 120)


def sample(rng: Random, items: Sequence[T], count: int = POOL) -> list[T]:
    """At most `count` of the items."""
    return rng.sample(items, min(count, len(items)))


def joined(words: Sequence[str], last: str = "and") -> str:
    """Words as a sentence lists them."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def capital(text: str) -> str:
    """The text with a capital first letter, unless it is a name that has its capitals elsewhere."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() and "-" not in first[:2] else text


WRITTEN = "trivia tables 1"
"""The source of facts that the project has written down itself."""
