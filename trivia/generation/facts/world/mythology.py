"""Mythology and legends: gods, heroes, monsters and where they belong."""

from trivia.generation.facts.asking.clues import Clues, meaning, thing
from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Subject

GODS = Groups("written/gods", "{m} belongs to a mythology that is {g}", "Others: {s}.", WRITTEN)
CLUES = Clues("written/myth_clues", WRITTEN)

SUBJECT = Subject(
    "Mythology",
    (
        thing(CLUES, "figure_of_a_clue", 140, ("Which {k} {c}?", "Name the {k} {w} {c}.", "Which {k} is meant: one {w} {c}?")),
        meaning(CLUES, "clue_of_a_figure", 130, ("Which of these describes {m}?", "What is told of {m}?", "What does legend say of {m}?")),
        group_of(GODS, "mythology_of_a_god", 110, ("To which mythology does {m} belong?", "{m} is a figure of which mythology?", "From which mythology is {m}?")),
        member_of(GODS, "god_of_a_mythology", 100, ("Which of these names belongs to {g} mythology?", "Who is a figure of {g} mythology?", "Whom would you meet in {g} mythology?")),
        odd_one_out(
            GODS, "god_of_another_mythology", 70,
            ("Three of these belong to {g} mythology. Which one does not?", "Only one of these is not from {g} mythology. Which?"),
            "{m} belongs to {o} mythology; the other three to {g}.",
        ),
    ),
)  # fmt: skip
