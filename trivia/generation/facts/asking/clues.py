"""Questions about what something is: from a clue to the thing, and from the thing to what is said of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from trivia.generation.facts.asking.common import capital, choose, difficulty, from_age, known_first, sample, template
from trivia.generation.facts.core import Draft, Template, article, fold
from trivia.generation.facts.tables import Clue, clues


@dataclass(frozen=True)
class Clues:
    """A table of things and clues, and where it is from."""

    table: str
    source: str

    @cached_property
    def rows(self) -> tuple[Clue, ...]:
        """All of them."""
        return clues(self.table)

    def rivals(self, row: Clue) -> list[Clue]:
        """Others of its kind, or of any where these are too few."""
        alike = [other for other in self.rows if other.kind == row.kind and other.name != row.name]
        return alike if len(alike) >= 3 else [other for other in self.rows if other.name != row.name]


def explain(row: Clue) -> str:
    """What is told after the answer."""
    text = f"{capital(row.name)}: {article(row.kind)} {row.kind} {pronoun(row.kind)} {row.clue}."
    longer = f"{text} {row.note}" if row.note else text
    return longer if len(longer) <= 200 else text if len(text) <= 200 else row.note or f"It is {row.name}."


PEOPLE = ("god", "goddess", "deity", "hero", "traveller", "figure", "god of the Aztecs")


def pronoun(kind: str) -> str:
    """The word that leads from a kind to a clue: who or that."""
    return "who" if any(word in kind.split() for word in PEOPLE) else "that"


def names(row: Clue) -> bool:
    """Whether the clue has a word of the name, so that it would give it away."""
    words = {word[:5] for word in re.findall(r"\w{4,}", fold(row.clue))}
    return any(word[:5] in words for word in re.findall(r"\w{4,}", fold(row.name)))


def thing(table: Clues, name: str, starter: int, wordings: Sequence[str]) -> Template:
    """Ask “Which `{k}` `{c}`?”: the answer is the thing."""

    def make(rng: Random) -> Iterator[Draft]:
        for row in known_first(rng, table.rows, lambda row: row.fame):
            if names(row):
                continue
            yield Draft(
                choose(wordings, row.name).format(k=row.kind, c=row.clue, a=article(row.kind), w=pronoun(row.kind)), capital(row.name),
                sample(rng, [capital(other.name) for other in table.rivals(row)]), from_age(row.age), difficulty(row.fame),
                explain(row), table.source, f"{table.table}:{row.name}",
            )  # fmt: skip

    return template(name, starter, make)


def meaning(table: Clues, name: str, starter: int, wordings: Sequence[str]) -> Template:
    """Ask “Which of these describes `{m}`?”: the answer is a clue, in front of which its kind stands where the kinds differ."""

    def make(rng: Random) -> Iterator[Draft]:
        for row in known_first(rng, table.rows, lambda row: row.fame):
            if names(row):
                continue
            # Where all are of one kind, the kind need not be said.
            rivals = sample(rng, table.rivals(row))
            right, options = capital(row.clue), [capital(other.clue) for other in rivals]
            if any(other.kind != row.kind for other in rivals):
                right, options = _described(row), [_described(other) for other in rivals]
            wrong = [option for option in options if len(option) <= 80]
            if len(right) > 80:
                continue
            yield Draft(
                capital(choose(wordings, row.name).format(m=row.name, k=row.kind)), right, wrong, from_age(max(row.age, 8)),
                difficulty(row.fame + 0.2), explain(row), table.source, f"{table.table}:{row.name}",
            )  # fmt: skip

    return template(name, starter, make)


def _described(row: Clue) -> str:
    return capital(f"{article(row.kind)} {row.kind} {pronoun(row.kind)} {row.clue}")
