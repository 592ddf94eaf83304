"""What every subject is made of: drafts in, finished questions out.

A template is a function `(rng) -> Iterator[Draft]`. It may be finite (one draft for each country) or endless (arithmetic); it takes every
choice from the `rng` it is given, so the same seed gives the same drafts in any process. `finish` turns a draft into a question or refuses it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from math import inf
from random import Random
from typing import Literal, TypeVar

import msgspec

Difficulty = Literal["easy", "medium", "hard"]
Ages = tuple[int, int]

LITTLE: Ages = (5, 8)
CHILDREN: Ages = (6, 12)
FAMILY: Ages = (8, 120)
JUNIOR: Ages = (10, 120)
TEEN: Ages = (13, 120)
ADULT: Ages = (16, 120)

WRONG_OPTIONS = 3

T = TypeVar("T")


class FactQuestion(msgspec.Struct, frozen=True):
    """A finished multiple-choice question; `answer` is one of the four `options`, which stand in the order to show."""

    prompt: str
    options: tuple[str, str, str, str]
    answer: str
    topic: str
    min_age: int
    max_age: int
    difficulty: Difficulty
    explanation: str
    source: str


class Draft(msgspec.Struct, frozen=True):
    """What a template proposes.

    `wrong` holds at least three options that are known to be wrong; `finish` picks three of them unless there are just three. `fact` names
    the fact asked for, so that one fact is not asked in more than two ways; empty means that the prompt is the fact.
    """

    prompt: str
    answer: str
    wrong: Sequence[str]
    ages: Ages
    difficulty: Difficulty
    explanation: str
    source: str
    fact: str = ""


class Template(msgspec.Struct, frozen=True):
    """One way of asking; the starter bank takes at most `starter` questions of it."""

    make: Callable[[Random], Iterator[Draft]]
    starter: int


class Subject(msgspec.Struct, frozen=True):
    """One topic and its templates."""

    topic: str
    templates: tuple[Template, ...]


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Text as the bank's content identity sees it."""
    # Not at the top: the module of identities brings the web framework along, and this package is imported by the command line too.
    from trivia.questions.bank.identity import fold_all

    return fold_all((text,))[0]


def gives_away(prompt: str, answer: str) -> bool:
    """Whether a reader finds the answer standing in the prompt: as a word, or, from four characters on, as part of one.

    A picture does not tell by standing in a row of pictures.
    """
    prompt, answer = fold(prompt), fold(answer)
    if answer not in prompt or not any(c.isalnum() for c in answer):
        return False
    return len(answer) >= 4 or re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", prompt) is not None


def _pick_wrong(rng: Random, draft: Draft) -> list[str]:
    """Up to three wrong options that no reader could take for each other or for the answer."""
    seen, pool = {fold(draft.answer), ""}, list(draft.wrong)
    chosen: list[str] = []
    while pool and len(chosen) < WRONG_OPTIONS:
        place = rng.randrange(len(pool))
        pool[place], pool[-1] = pool[-1], pool[place]
        option = pool.pop()
        if fold(option) not in seen:
            seen.add(fold(option))
            chosen.append(option)
    return chosen


def finish(topic: str, draft: Draft) -> FactQuestion | None:
    """The question, its options chosen and shuffled by a hash of its content; None where the draft cannot make a fair one."""
    if gives_away(draft.prompt, draft.answer):
        return None
    rng = Random(sha256(f"{topic}\x1f{draft.prompt}\x1f{draft.answer}".encode()).digest())
    wrong = _pick_wrong(rng, draft)
    if len(wrong) < WRONG_OPTIONS:
        return None
    options = [draft.answer, *wrong]
    rng.shuffle(options)
    first, second, third, fourth = options
    return FactQuestion(
        prompt=draft.prompt,
        options=(first, second, third, fourth),
        answer=draft.answer,
        topic=topic,
        min_age=draft.ages[0],
        max_age=draft.ages[1],
        difficulty=draft.difficulty,
        explanation=draft.explanation,
        source=draft.source,
    )


def shuffled(rng: Random, items: Iterable[T]) -> list[T]:
    """The items in an order chosen by `rng`; give it a list or a sorted set, since a set's own order differs between processes."""
    result = list(items)
    rng.shuffle(result)
    return result


def level(rank: float) -> Difficulty:
    """Easy, medium or hard for a rank from 0 (best known) to 1 (least known)."""
    if rank < 1 / 3:
        return "easy"
    return "medium" if rank < 2 / 3 else "hard"


def spread(rng: Random, right: int, step: int, *, least: int = 0, most: float = inf) -> list[int]:
    """Three wrong numbers at multiples of `step` from the right one, which is equally likely to be the lowest, second, third or highest.

    None is below `least` or above `most`: a price after a discount is no wrong answer where it is above the old one. Fewer than three
    where there is no room for more.
    """
    below = [right - step * k for k in range(1, 6) if right - step * k >= least]
    above = [right + step * k for k in range(1, 6) if right + step * k <= most]
    under = min(max(rng.randrange(4), WRONG_OPTIONS - len(above)), len(below))
    over = min(WRONG_OPTIONS - under, len(above))
    return rng.sample(below[: under + 1], under) + rng.sample(above[: over + 1], over)


def article(word: str) -> str:
    """The indefinite article that goes with a noun, a name or a letter."""
    if not word[1:2].isalpha():
        return "an" if word[0] in "AEFHILMNORSX8" else "a"
    return "an" if word[0].lower() in "aeio" or word.lower().startswith("un") else "a"


def signed(value: float) -> str:
    """A number with one decimal place and a proper minus sign."""
    return f"{value:.1f}".replace("-", "−")


def shared_start(one: str, other: str, length: int = 4) -> bool:
    """Whether any word of one begins as a word of the other does, as Algiers and Algeria do: a hint nobody needs."""
    return not _starts(one, length).isdisjoint(_starts(other, length))


@lru_cache(maxsize=8192)
def _starts(text: str, length: int) -> frozenset[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return frozenset(word[:length] for word in re.findall(r"\w+", plain) if len(word) >= length)


@cache
def version_of(library: str) -> str:
    """Name and installed version of a library, as a question's source gives them."""
    from importlib.metadata import version

    return f"{library} {version(library)}"
