"""Nature: plants, rocks, weather and the shapes of the land."""

from trivia.generation.facts.asking.clues import Clues, meaning, thing
from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Subject

PLANTS = Groups("written/plants", "{m} belongs to the {g}", "Others: {s}.", WRITTEN)
ROCKS = Groups("written/rocks", "{m} is one of the {g}", "Others: {s}.", WRITTEN, late=False)
CLUES = Clues("written/nature_clues", WRITTEN)

SUBJECT = Subject(
    "Nature",
    (
        thing(CLUES, "thing_in_nature", 95, ("Which {k} {c}?", "Name the {k} {w} {c}.", "What is it: {a} {k} {w} {c}?")),
        meaning(CLUES, "clue_in_nature", 95, ("Which of these is true of {m}?", "What can be said of {m}?", "Which of these fits {m}?")),
        group_of(PLANTS, "kind_of_a_plant", 70, ("To which group does {m} belong?", "Among which plants or fungi is {m} counted?")),
        member_of(PLANTS, "plant_of_a_kind", 70, ("Which of these is counted among the {g}?", "Which of these belongs to the {g}?")),
        odd_one_out(PLANTS, "plant_of_another_kind", 45, ("Three of these belong to the {g}. Which one does not?",), "{m} belongs to the {o}; the other three to the {g}."),
        group_of(ROCKS, "kind_of_a_rock", 50, ("Among which of these is {m} counted?", "{m} is one of which of these?")),
        member_of(ROCKS, "rock_of_a_kind", 48, ("Which of these is one of the {g}?", "Which of these belongs to the {g}?")),
        odd_one_out(ROCKS, "rock_of_another_kind", 24, ("Three of these are {g}. Which one is not?",), "{m} is one of the {o}; the other three are {g}."),
    ),
)  # fmt: skip
