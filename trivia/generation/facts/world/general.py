"""General knowledge: words, trades, fears, faiths, games and clothes."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.asking.kinds import thing_of_kind
from trivia.generation.facts.core import Subject

FEARS = Groups("written/phobias", "the fear of {m} is called {g}", "", WRITTEN, beside="That of {m} is {g}.")
JOBS = Groups("written/jobs", "{m}: that is the work of a {g}", "", WRITTEN, beside="A {g} has to do with {m}.")
ORIGINS = Groups("written/word_origins", "the word “{m}” came into English from {g}", "Others: {s}.", WRITTEN)
FAITHS = Groups("written/religions", "{m} belongs to {g}", "Others: {s}.", WRITTEN)
GAMES = Groups("written/board_games", "{m} belongs to {g}", "Others: {s}.", WRITTEN)
UNITS = Groups("written/units", "the {m} is a measure of {g}", "Others: {s}.", WRITTEN)

SUBJECT = Subject(
    "General Knowledge",
    (
        group_of(FEARS, "name_of_a_fear", 30, ("What is the fear of {m} called?", "Which word means a fear of {m}?")),
        member_of(FEARS, "fear_of_a_name", 30, ("What does a person with {g} fear?", "{g} is a fear of what?")),
        group_of(JOBS, "maker_of_a_thing", 34, ("Whose trade has to do with {m}?", "Who makes a living with {m}?")),
        member_of(JOBS, "thing_of_a_maker", 34, ("What does a {g} make or look after?", "With what does a {g} earn a living?")),
        group_of(
            ORIGINS, "language_of_a_word", 100,
            ("From which language did English take the word “{m}”?", "The word “{m}” came into English from which language?", "In which language does the word “{m}” have its roots?"),
        ),
        member_of(ORIGINS, "word_of_a_language", 85, ("Which of these words did English take from {g}?", "Which English word has its roots in {g}?")),
        odd_one_out(ORIGINS, "word_of_another_language", 60, ("Three of these words came into English from {g}. Which one did not?",), "“{m}” is from {o}; the other three are from {g}."),
        group_of(FAITHS, "religion_of_a_thing", 50, ("To which religion does {m} belong?", "Which religion is connected with {m}?")),
        member_of(FAITHS, "thing_of_a_religion", 50, ("Which of these belongs to {g}?", "Which of these is connected with {g}?")),
        group_of(GAMES, "game_of_a_thing", 45, ("In which game would you come across this: {m}?", "To which game does this belong: {m}?")),
        member_of(GAMES, "thing_of_a_game", 40, ("Which of these belongs to {g}?", "What would you come across while playing {g}?")),
        group_of(UNITS, "quantity_of_a_unit", 35, ("What is measured in the unit {m}?", "The {m} is a unit of what?")),
        thing_of_kind("fashion", "clothes_of_a_clue", 35),
    ),
)  # fmt: skip
