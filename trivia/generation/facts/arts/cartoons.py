"""Cartoons and animated films: their characters."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out, same_group
from trivia.generation.facts.core import Subject

CARTOONS = Groups("written/cartoons", "{m} is a character in {g}", "Others: {s}.", WRITTEN)

SUBJECT = Subject(
    "Cartoons",
    (
        group_of(
            CARTOONS, "cartoon_of_a_character", 205,
            ("From which of these is the character {m}?", "{m} is a character in which of these?", "Where does {m} belong?", "In which of these would you see {m}?"),
        ),
        member_of(
            CARTOONS, "character_of_a_cartoon", 200,
            ("Which of these is a character in “{g}”?", "Who appears in “{g}”?", "Which of these characters belongs to “{g}”?", "Whom would you see in “{g}”?"),
        ),
        same_group(
            CARTOONS, "cartoon_of_two_characters", 110,
            ("{m} and {s} are characters in which of these?", "Where do both {m} and {s} appear?"),
        ),
        odd_one_out(
            CARTOONS, "character_of_another_cartoon", 75,
            ("Three of these are characters in “{g}”. Which one is not?", "Only one of these is not in “{g}”. Which?"),
            "{m} is from {o}; the other three are from {g}.",
        ),
    ),
)  # fmt: skip
