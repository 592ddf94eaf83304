"""History: what happened when, battles and their wars, leaders and their countries."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.asking.times import Times, order_of, year_of
from trivia.generation.facts.core import Subject

EVENTS = Times("written/events", WRITTEN)
WARS = Groups("written/wars", "the battle of {m} belongs to the {g}", "Others: {s}.", WRITTEN, late=False)
LEADERS = Groups("written/leaders", "{m} belongs to the history of {g}", "Others: {s}.", WRITTEN)

SUBJECT = Subject(
    "History",
    (
        year_of(EVENTS, "year_of_an_event", 125, ("In which year {a}?", "Choose the year: when {a}?")),
        order_of(
            EVENTS, "first_event", 110,
            ("Which of these happened first?", "Which of these events is the earliest?", "Put these in order of time. Which comes first?", "Which of these came before the others?"),
        ),
        order_of(
            EVENTS, "last_event", 100,
            ("Which of these happened last?", "Which of these events came last?", "Put these in order of time. Which comes last?"),
            pick=max,
        ),
        group_of(WARS, "war_of_a_battle", 60, ("In which war was the battle of {m} fought?", "The battle of {m} belongs to which war?")),
        member_of(WARS, "battle_of_a_war", 50, ("Which of these battles belongs to the {g}?", "Which battle was fought in the {g}?")),
        group_of(
            LEADERS, "country_of_a_leader", 110,
            ("{m} is a great name in the history of which country or people?", "Which country or people did {m} lead or rule?", "With the history of which country or people is {m} connected?"),
        ),
        member_of(LEADERS, "leader_of_a_country", 80, ("Which of these people belongs to the history of {g}?", "Who is a great name in the history of {g}?")),
        odd_one_out(
            LEADERS, "leader_of_another_country", 50,
            ("Three of these people belong to the history of {g}. Which one does not?",),
            "{m} belongs to {o}; the other three to {g}.",
        ),
    ),
)  # fmt: skip
