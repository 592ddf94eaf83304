"""What the shapes share: choosing wordings, ordering by fame, joining words."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import TypeVar
from zlib import crc32

from trivia.generation.facts.core import Ages, Difficulty, Draft, Template

T = TypeVar("T")

POOL = 24
"""So many candidates for wrong options are handed on, of which three are taken."""

DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "medium", "hard")


def template(name: str, starter: int, make: Callable[[Random], Iterator[Draft]]) -> Template:
    """A template under a name of its own, which its choices are seeded with."""
    make.__name__ = name
    return Template(make, starter)


def choose(wordings: Sequence[str], key: str) -> str:
    """One of several wordings, the same one for a key in any process."""
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
