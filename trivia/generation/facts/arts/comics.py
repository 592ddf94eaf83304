"""Comics: heroes, their real names, and who publishes or draws them."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Subject

MAKERS = Groups("written/comics", "{m} comes from {g}", "Others: {s}.", WRITTEN)
HEROES = Groups("written/heroes", "{m} is the real name of {g}", "", WRITTEN, beside="{m} is {g}.")

SUBJECT = Subject(
    "Comics",
    (
        group_of(MAKERS, "home_of_a_comic", 65, ("Which publisher or artist gave the world {m}?", "Comics with {m} come from which publisher or artist?", "From which publisher or artist do we know {m}?")),
        member_of(MAKERS, "comic_of_a_maker", 60, ("Which of these comes from {g}?", "{g} gave the world which of these?", "Which of these belongs to {g}?")),
        odd_one_out(
            MAKERS, "comic_of_another_maker", 40,
            ("Three of these are from {g}. Which one is not?", "Only one of these is not from {g}. Which?"),
            "{m} is from {o}; the other three are from {g}.",
        ),
        group_of(HEROES, "hero_behind_a_name", 46, ("Which comic book figure is really {m}?", "{m} is the everyday name of which comic book figure?")),
        member_of(HEROES, "name_behind_a_hero", 46, ("What is the real name of {g}?", "Who is {g} when the costume is off?")),
    ),
)  # fmt: skip
