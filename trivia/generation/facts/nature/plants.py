"""Nature: plants, rocks, weather and the shapes of the land."""

from trivia.generation.facts.asking.clues import Clues, meaning, thing
from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.asking.kinds import thing_of_kind
from trivia.generation.facts.core import Subject

PLANTS = Groups("written/plants", "the {m} is one of the {g}", "", WRITTEN, late=False)
ROCKS = Groups("written/rocks", "{m} is one of the {g}", "So are {s}.", WRITTEN, late=False)
CLUES = Clues("written/nature_clues", WRITTEN)

SUBJECT = Subject(
    "Nature",
    (
        thing(CLUES, "thing_in_nature", 110, ("Which {k} {c}?", "Name the {k} that {c}.", "What is it: {a} {k} that {c}?")),
        meaning(CLUES, "clue_in_nature", 110, ("Which of these describes the {m}?", "Which of these is true of the {m}?")),
        group_of(PLANTS, "kind_of_a_plant", 100, ("To which group does the {m} belong?", "Among which plants or fungi is the {m} counted?")),
        member_of(PLANTS, "plant_of_a_kind", 95, ("Which of these is one of the {g}?", "Which of these belongs to the {g}?")),
        odd_one_out(PLANTS, "plant_of_another_kind", 45, ("Three of these are {g}. Which one is not?",), "The {m} is one of the {o}; the other three are {g}."),
        group_of(ROCKS, "kind_of_a_rock", 50, ("Among which of these is {m} counted?", "{m} is one of which of these?")),
        member_of(ROCKS, "rock_of_a_kind", 48, ("Which of these is one of the {g}?", "Which of these belongs to the {g}?")),
        odd_one_out(ROCKS, "rock_of_another_kind", 24, ("Three of these are {g}. Which one is not?",), "{m} is one of the {o}; the other three are {g}."),
        thing_of_kind("nature", "land_of_a_clue", 45),
    ),
)  # fmt: skip
