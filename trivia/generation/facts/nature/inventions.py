"""Inventions and discoveries, and who made them."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of
from trivia.generation.facts.core import Subject

DEEDS = Groups("written/deeds", "{m}: we owe that to {g}", "", WRITTEN)

SUBJECT = Subject(
    "Inventions",
    (
        group_of(DEEDS, "maker_of_an_invention", 128, ("To whom do we owe this: {m}?", "Who invented, discovered or first explained this: {m}?", "Who is remembered for this: {m}?")),
        member_of(DEEDS, "invention_of_a_maker", 128, ("For what is {g} remembered?", "What do we owe to {g}?", "Which of these goes back to {g}?")),
    ),
)  # fmt: skip
