"""Vehicles: makes, models and famous names on road, rail, sea and in the air."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Subject

MODELS = Groups("derived/cars", "the {m} was sold by {g}", "Others: {s}.", "faker-vehicle 0.2.0")
HOMES = Groups("written/car_countries", "the car make {m} comes from {g}", "Others: {s}.", WRITTEN)
FAMOUS = Groups("written/aircraft_ships", "{m} is a name from the world of {g}", "Others: {s}.", WRITTEN, late=False)

SUBJECT = Subject(
    "Vehicles",
    (
        group_of(MODELS, "make_of_a_model", 70, ("Which company made the {m}?", "The {m} is a car by which maker?", "Whose badge was on the {m}?")),
        member_of(MODELS, "model_of_a_make", 55, ("Which of these is a model by {g}?", "Which car was sold under the name of {g}?", "{g} built which of these?")),
        odd_one_out(MODELS, "model_of_another_make", 15, ("Three of these are models by {g}. Which one is not?",), "The {m} is by {o}; the other three are by {g}."),
        group_of(HOMES, "country_of_a_make", 56, ("From which country is the car make {m}?", "{m} began as a maker of cars in which country?")),
        member_of(HOMES, "make_of_a_country", 50, ("Which of these makes of car comes from {g}?", "Which of these cars is from {g}?")),
        group_of(FAMOUS, "kind_of_a_famous_name", 48, ("{m} is a famous name among which of these?", "Among which of these would you look for the name {m}?")),
        member_of(FAMOUS, "famous_name_of_a_kind", 45, ("Which of these names belongs to the world of {g}?", "Looking for {g}: which name fits?")),
    ),
)  # fmt: skip
