"""Television: series and their characters."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out, same_group
from trivia.generation.facts.core import Subject

SERIES = Groups("written/series", "{m} is a character in {g}", "Others: {s}.", WRITTEN)

SUBJECT = Subject(
    "Television",
    (
        group_of(
            SERIES, "series_of_a_character", 210,
            ("In which television series does {m} appear?", "{m} is a character in which television series?", "Which series has a character called {m}?", "On which television show would you meet {m}?"),
        ),
        member_of(
            SERIES, "character_of_a_series", 200,
            ("Which of these is a character in “{g}”?", "Who appears in the television series “{g}”?", "Which character belongs to “{g}”?"),
        ),
        same_group(
            SERIES, "series_of_two_characters", 110,
            ("{m} and {s} are characters in which television series?", "In which television series do both {m} and {s} appear?"),
        ),
        odd_one_out(
            SERIES, "character_of_another_series", 80,
            ("Three of these are characters in “{g}”. Which one is not?", "Only one of these is not a character in “{g}”. Which?"),
            "{m} is from {o}; the other three are from {g}.",
        ),
    ),
)  # fmt: skip
