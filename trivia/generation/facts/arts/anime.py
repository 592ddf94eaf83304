"""Anime and manga: series and their characters."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out, same_group
from trivia.generation.facts.core import Subject

SERIES = Groups("written/anime", "{m} is a character in {g}", "Others: {s}.", WRITTEN)

SUBJECT = Subject(
    "Anime and Manga",
    (
        group_of(SERIES, "anime_of_a_character", 110, ("{m} is a character in which anime or manga?", "In which anime or manga does {m} appear?", "From which anime or manga is {m}?", "Where among anime and manga is {m} at home?")),
        member_of(SERIES, "character_of_an_anime", 105, ("Which of these is a character in “{g}”?", "Who appears in “{g}”?", "Which character belongs to “{g}”?")),
        same_group(SERIES, "anime_of_two_characters", 70, ("{m} and {s} both appear in which anime or manga?", "Which anime or manga has both {m} and {s}?")),
        odd_one_out(
            SERIES, "character_of_another_anime", 50,
            ("Three of these are characters in “{g}”. Which one is not?", "Only one of these is not from “{g}”. Which?"),
            "{m} is from {o}; the other three are from {g}.",
        ),
    ),
)  # fmt: skip
