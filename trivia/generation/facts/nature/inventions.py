"""Inventions and discoveries, and who made them."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of
from trivia.generation.facts.core import Subject

DEEDS = Groups("written/deeds", "{m}: that we owe to {g}", "", WRITTEN, beside="{g} is remembered for {m}.")
FINDINGS = Groups("written/findings", "the person who showed {m} was {g}", "", WRITTEN, beside="{g} showed {m}.")

SUBJECT = Subject(
    "Inventions",
    (
        group_of(DEEDS, "maker_of_an_invention", 75, ("To whom do we owe {m}?", "Who is remembered for {m}?", "Which of these people is known for {m}?", "Who became famous for {m}?", "Whose name do people connect with {m}?")),
        member_of(DEEDS, "invention_of_a_maker", 75, ("What do people remember {g} for?", "What do we owe to {g}?", "What made {g} famous?")),
        group_of(FINDINGS, "person_of_a_finding", 13, ("Who showed {m}?", "Who found out {m}?")),
        member_of(FINDINGS, "finding_of_a_person", 13, ("What did {g} show?", "What did {g} find out?")),
    ),
)  # fmt: skip
