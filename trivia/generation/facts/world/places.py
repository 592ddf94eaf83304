"""Places: landmarks, rivers and cities, and the states of America; they join the subject of geography."""

from collections.abc import Iterator
from random import Random

from trivia.generation.facts.asking.common import WRITTEN, choose, difficulty, from_age, known_first, sample, template
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Draft, Subject, shared_start, spread
from trivia.generation.facts.tables import read

LANDMARKS = Groups("written/landmarks", "{m} is in {g}", "Others: {s}.", WRITTEN)
RIVERS = Groups("written/rivers", "{m} lies on {g}", "Others: {s}.", WRITTEN)
NAMES = Groups("written/city_names", "{m} is {g}", "", WRITTEN)
STATES = "us 4.0.0"


def capital_of_a_state(rng: Random) -> Iterator[Draft]:
    """Which city is the capital of an American state."""
    rows = read("derived/states")
    for state, city, joined in known_first(rng, rows, lambda _: 2):
        wrong = [other for _, other, _ in rows if other != city and not shared_start(state, other)]
        if not shared_start(state, city):
            yield Draft(
                choose(("What is the capital of the American state of {s}?", "Which city is the capital of {s}, one of the United States?"), state).format(s=state),
                city, sample(rng, wrong), from_age(10), difficulty(2.2), f"{city} is the capital of {state}, which became a state in {joined}.", STATES, f"state:{state}",
            )  # fmt: skip


def state_of_a_capital(rng: Random) -> Iterator[Draft]:
    """Of which American state a city is the capital."""
    rows = read("derived/states")
    for state, city, joined in known_first(rng, rows, lambda _: 2):
        wrong = [other for other, _, _ in rows if other != state and not shared_start(other, city)]
        if not shared_start(state, city):
            yield Draft(
                choose(("{c} is the capital of which American state?", "Of which American state is {c} the capital?"), city).format(c=city),
                state, sample(rng, wrong), from_age(10), difficulty(2.4), f"{city} is the capital of {state}, which became a state in {joined}.", STATES, f"state:{state}",
            )  # fmt: skip


def year_of_a_state(rng: Random) -> Iterator[Draft]:
    """When a state joined the United States."""
    for state, city, joined in known_first(rng, read("derived/states"), lambda _: 2):
        wrong = [str(year) for year in spread(rng, int(joined), 14, least=1787) if year <= 1960]
        yield Draft(
            choose(("In which year did {s} become one of the United States?", "When did {s} join the United States?"), state).format(s=state),
            joined, wrong, from_age(13), difficulty(2.8), f"{state}, whose capital is {city}, became a state in {joined}.", STATES, f"joined:{state}",
        )  # fmt: skip


def last_state(rng: Random) -> Iterator[Draft]:
    """Which of four states joined last."""
    rows = read("derived/states")
    for state, _, joined in known_first(rng, rows, lambda _: 2):
        earlier = [(s, y) for s, _, y in rows if int(joined) - int(y) >= 12]
        if len(earlier) >= 3:
            three = rng.sample(earlier, 3)
            yield Draft(
                choose(("Which of these became one of the United States last?", "Which of these American states joined the Union last?"), state),
                state, [s for s, _ in three], from_age(12), difficulty(2.2), f"{state} joined in {joined}; {', '.join(f'{s} in {y}' for s, y in three)}.", STATES, f"last:{state}",
            )  # fmt: skip


SUBJECT = Subject(
    "Geography",
    (
        group_of(
            LANDMARKS, "country_of_a_landmark", 185,
            ("In which country would you find {m}?", "Which country is home to {m}?", "To which country would you travel to see {m}?"),
        ),
        member_of(LANDMARKS, "landmark_of_a_country", 160, ("Which of these is in {g}?", "Which of these sights would you see in {g}?", "A trip to {g} could take you to which of these?")),
        odd_one_out(
            LANDMARKS, "landmark_of_another_country", 70,
            ("Three of these are in {g}. Which one is not?", "Only one of these is not in {g}. Which?"),
            "{m} is in {o}; the other three are in {g}.",
        ),
        group_of(RIVERS, "river_of_a_city", 70, ("On which river does {m} lie?", "Which river flows through {m}?")),
        member_of(RIVERS, "city_of_a_river", 70, ("Which of these cities lies on {g}?", "{g} flows through which of these?")),
        group_of(NAMES, "city_of_a_name", 42, ("Which city is known as {m}?", "Which city is called {m}?")),
        template("capital_of_a_state", 44, capital_of_a_state),
        template("state_of_a_capital", 44, state_of_a_capital),
        template("year_of_a_state", 20, year_of_a_state),
        template("last_state", 25, last_state),
    ),
)  # fmt: skip
