"""Holidays: who keeps which day, from the package of that name, and what is kept on it."""

from trivia.generation.facts.asking.clues import Clues, meaning, thing
from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of
from trivia.generation.facts.core import Subject

DAYS = Groups(
    "derived/holidays", "in 2023, {m} was a public holiday in {g}", "Others: {s}.", "holidays 0.109", late=False
)
CLUES = Clues("written/holiday_clues", WRITTEN)

SUBJECT = Subject(
    "Holidays",
    (
        group_of(DAYS, "country_of_a_holiday", 40, ("In which country is there a holiday called {m}?", "Which country keeps a holiday called {m}?", "People of which country have a day off called {m}?")),
        member_of(DAYS, "holiday_of_a_country", 30, ("Which of these is a public holiday in {g}?", "Which of these days is kept in {g}?", "Which of these brings people in {g} a day off?")),
        thing(CLUES, "holiday_of_a_clue", 75, ("Which {k} {c}?", "Name the {k} {w} {c}.", "What is it called: {a} {k} {w} {c}?")),
        meaning(CLUES, "clue_of_a_holiday", 75, ("Which of these is true of {m}?", "Which of these describes {m}?", "What can be said of {m}?", "Which of these fits {m}?")),
    ),
)  # fmt: skip
