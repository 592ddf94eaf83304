"""Science: what scientists study, discoveries, and the human body."""

from trivia.generation.facts.asking.clues import Clues, meaning, thing
from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Subject

STUDIES = Groups("written/studies", "the study of {m} is called {g}", "", WRITTEN, beside="That of {m} is {g}.")
BONES = Groups("written/bones", "look for {m} in {g}", "Others: {s}.", WRITTEN, hint=False)
ORGANS = Groups("written/organs", "{m} belongs to {g}", "Others: {s}.", WRITTEN)
CLUES = Clues("written/science_clues", WRITTEN)

SUBJECT = Subject(
    "Science",
    (
        thing(CLUES, "thing_in_science", 165, ("Which {k} {c}?", "Name the {k} {w} {c}.", "What is it called: {a} {k} {w} {c}?")),
        meaning(CLUES, "clue_in_science", 155, ("Which of these describes {m}?", "Which of these is true of {m}?", "What can be said of {m}?", "Which of these fits {m}?")),
        group_of(STUDIES, "name_of_a_science", 60, ("What is the study of {m} called?", "Which field is concerned with {m}?")),
        member_of(STUDIES, "field_of_a_science", 60, ("What is {g} concerned with?", "{g} is the study of what?")),
        group_of(BONES, "place_of_a_bone", 30, ("Where in the body would you look for {m}?", "To which part of the body does {m} belong?")),
        member_of(BONES, "bone_of_a_place", 30, ("Which of these bones or parts belongs to {g}?", "What would a doctor find in {g}?")),
        group_of(ORGANS, "organ_of_a_part", 38, ("To which part of the body does this belong: {m}?", "Where in the body is this: {m}?")),
        member_of(ORGANS, "part_of_an_organ", 38, ("Which of these belongs to {g}?", "Which of these is a part of {g}?")),
        odd_one_out(ORGANS, "part_of_another_organ", 24, ("Three of these belong to {g}. Which one does not?",), "{m} belongs to {o}; the other three to {g}."),
    ),
)  # fmt: skip
