"""Food and drink: dishes, cheeses, ingredients, and what a dish is, from WordNet."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.asking.kinds import thing_of_kind
from trivia.generation.facts.core import Subject

DISHES = Groups("written/dishes", "for {m}, think of {g}", "Others: {s}.", WRITTEN)
CHEESES = Groups("written/cheeses", "the cheese {m} comes from {g}", "Others: {s}.", WRITTEN)
INGREDIENTS = Groups("written/ingredients", "for {m} one needs {g}", "Others: {s}.", WRITTEN)

SUBJECT = Subject(
    "Food and Drink",
    (
        group_of(
            DISHES, "country_of_a_dish", 185,
            ("Which country is known for {m}?", "Which country gave the world {m}?", "You wish to taste {m} at home. To which country do you travel?", "On the tables of which country would you look for {m}?"),
        ),
        member_of(DISHES, "dish_of_a_country", 160, ("Which of these comes from {g}?", "Which of these would you expect in a restaurant with food from {g}?", "Which of these is a speciality of {g}?")),
        odd_one_out(
            DISHES, "dish_of_another_country", 70,
            ("Three of these are specialities of {g}. Which one is not?", "Only one of these is not from {g}. Which?"),
            "{m} is from {o}; the other three are from {g}.",
        ),
        group_of(CHEESES, "country_of_a_cheese", 45, ("From which country does the cheese {m} come?", "{m} is a cheese from where?")),
        member_of(CHEESES, "cheese_of_a_country", 40, ("Which of these cheeses comes from {g}?", "Which cheese is from {g}?")),
        group_of(INGREDIENTS, "ingredient_of_a_food", 70, ("What is the main ingredient of {m}?", "{m} is made from what?", "From which of these is {m} made?")),
        member_of(INGREDIENTS, "food_of_an_ingredient", 70, ("Which of these is made from {g}?", "What can be made from {g}?")),
        thing_of_kind("food", "food_of_a_clue", 30),
    ),
)  # fmt: skip
