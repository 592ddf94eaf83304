"""Capitals, neighbours, continents, sizes and distances."""

from collections.abc import Callable, Iterator
from random import Random

from trivia.generation.facts.core import (
    CHILDREN,
    FAMILY,
    JUNIOR,
    TEEN,
    Difficulty,
    Draft,
    Subject,
    Template,
    shared_start,
    shuffled,
)
from trivia.generation.facts.countries import LITTLE_KNOWN, WELL_KNOWN, Country, countries, may_touch, source, states
from trivia.generation.facts.distances import compass, distance, hemisphere, nearest_capital

CONTINENTS = ("Africa", "Asia", "Europe", "North America", "Oceania", "South America")


def _nearby(country: Country, others: list[Country], least: int = 5) -> list[Country]:
    """Others of the same region, or of the same continent where the region is too small for a choice."""
    region = [c for c in others if c.region == country.region and c.code != country.code]
    if len(region) >= least:
        return region
    return [
        c
        for c in others
        if c.code != country.code and (c.continent or c.region) == (country.continent or country.region)
    ] or others


def _bordered() -> list[Country]:
    """Countries that have a neighbour on land."""
    return [c for c in states() if c.neighbours]


def capital_of(rng: Random) -> Iterator[Draft]:
    """Country to capital."""
    known = [c for c in states() if c.capital]
    for country in shuffled(rng, known):
        if shared_start(country.name, country.capital, 3):
            continue
        prompt = rng.choice(
            (
                "What is the capital of {}?",
                "Which city is the capital of {}?",
                "Name the capital city of {}.",
            )
        )
        yield Draft(
            prompt.format(country.in_text),
            country.capital,
            [c.capital for c in _nearby(country, known)],
            country.ages,
            country.difficulty,
            f"The capital of {country.in_text} is {country.capital.rstrip('.')}.",
            source(),
            f"capital {country.code}",
        )


def country_of_capital(rng: Random) -> Iterator[Draft]:
    """Capital to country."""
    known = [c for c in states() if c.capital]
    for country in shuffled(rng, known):
        if shared_start(country.name, country.capital, 3):
            continue
        prompt = rng.choice(
            (
                "{} is the capital of which country?",
                "Which country has {} as its capital?",
                "You land in {}, a capital city. Which country are you in?",
            )
        )
        yield Draft(
            prompt.format(country.capital),
            country.name,
            [c.name for c in _nearby(country, known)],
            country.ages,
            country.difficulty,
            f"{country.capital} is the capital of {country.in_text}.",
            source(),
            f"capital {country.code}",
        )


def continent_of(rng: Random) -> Iterator[Draft]:
    """Country to continent."""
    for country in shuffled(rng, [c for c in states() if c.continent]):
        if shared_start(country.name, country.continent) or country.code == "AU":
            continue
        prompt = rng.choice(
            (
                "On which continent is {}?",
                "Which continent does {} belong to?",
                "You are flying to {}. On which continent will you land?",
            )
        )
        if country.continent == "Oceania":
            prompt = "Which part of the world does {} belong to?"
        yield Draft(
            prompt.format(country.in_text),
            country.continent,
            [c for c in CONTINENTS if c != country.continent],
            (7, 120) if country.code in WELL_KNOWN else (9, 120),
            "easy" if country.code not in LITTLE_KNOWN else "medium",
            f"{country.at_start} is in {country.continent}.",
            source(),
            f"continent {country.code}",
        )


def country_on_continent(rng: Random) -> Iterator[Draft]:
    """Continent to one of four countries."""
    known = [c for c in states() if c.continent]
    while True:
        country = rng.choice(known)
        if shared_start(country.name, country.continent):
            continue
        elsewhere = [
            c
            for c in known
            if c.continent != country.continent
            and c.difficulty == country.difficulty
            and not shared_start(c.name, country.continent)
        ]
        yield Draft(
            rng.choice(
                (
                    "Which of these countries is in {}?",
                    "Which of these countries would you find on a map of {}?",
                    "Only one of these countries is part of {}. Which one?",
                )
            ).format(country.continent),
            country.name,
            [c.name for c in elsewhere],
            country.ages,
            "easy" if country.difficulty == "easy" else "medium",
            f"{country.at_start} is in {country.continent}.",
            source(),
            f"continent {country.code}",
        )


def country_or_city(rng: Random) -> Iterator[Draft]:
    """One country among three capitals."""
    known = [c for c in states() if c.capital and c.code in WELL_KNOWN]
    for country in shuffled(rng, known):
        cities = [c.capital for c in known if c.code != country.code]
        yield Draft(
            rng.choice(
                (
                    "Three of these are cities. Which one is a country in {}?",
                    "Find the country in {} among these cities.",
                )
            ).format(country.continent or country.region),
            country.name,
            cities,
            CHILDREN,
            "easy",
            f"{country.at_start} is a country; the other three are capital cities.",
            source(),
        )


def neighbour_of(rng: Random) -> Iterator[Draft]:
    """Who shares a border."""
    for country in shuffled(rng, states()):
        if not country.neighbours:
            continue
        # An island is nobody's neighbour: who knows that much need not know the map.
        far = [c.name for c in _nearby(country, _bordered(), 8) if not may_touch(c, country)]
        for code in rng.sample(sorted(country.neighbours), min(2, len(country.neighbours))):
            neighbour = countries()[code]
            if shared_start(country.name, neighbour.name):
                continue
            prompt = rng.choice(
                (
                    "Which of these countries shares a land border with {}?",
                    "Which of these is a neighbour of {}?",
                    "From which of these countries can you walk straight into {}?",
                )
            )
            yield Draft(
                prompt.format(country.in_text),
                neighbour.name,
                far,
                (max(9, country.ages[0]), 120),
                "medium" if country.difficulty == "easy" else country.difficulty,
                f"{neighbour.at_start} and {country.in_text} share a land border.",
                source(),
                "border " + " ".join(sorted((country.code, code))),
            )


def between(rng: Random) -> Iterator[Draft]:
    """The one country that touches both of two that do not touch each other."""
    for middle in shuffled(rng, states()):
        around = sorted(middle.neighbours)
        pairs = [(a, b) for a in around for b in around if a < b and not may_touch(countries()[a], countries()[b])]
        for one, other in rng.sample(pairs, min(2, len(pairs))):
            first, second = countries()[one], countries()[other]
            wrong = [
                c
                for c in _nearby(middle, _bordered(), 8)
                if c.code not in (one, other) and not (may_touch(c, first) and may_touch(c, second))
            ]
            yield Draft(
                rng.choice(
                    (
                        "Which country has a border with both {} and {}?",
                        "Which of these countries is a neighbour of both {} and {}?",
                    )
                ).format(first.in_text, second.in_text),
                middle.name,
                [c.name for c in wrong],
                TEEN,
                "medium" if middle.code in WELL_KNOWN else "hard",
                f"{middle.at_start} borders both {first.in_text} and {second.in_text}.",
                source(),
            )


def island(rng: Random) -> Iterator[Draft]:
    """A country without any land border."""
    touching = {c.code for c in states() if c.neighbours}
    unsure = {c.code for c in states() for d in states() if c.code != d.code and may_touch(c, d)}
    alone = [
        c
        for c in states()
        if c.code not in touching | unsure and c.code not in ("CU", "CY", "DK", "BH", "SG", "LK", "QA", "KR")
    ]
    for country in shuffled(rng, alone):
        region = [
            c for c in states() if c.code in touching and (c.continent == country.continent or not country.continent)
        ]
        wrong = (
            region
            if len(region) > 6
            else [c for c in states() if c.code in touching and c.difficulty == country.difficulty]
        )
        yield Draft(
            rng.choice(
                (
                    "Which of these countries has no land border with any other country?",
                    "Which of these countries can only be reached by sea or by air?",
                    "Which of these countries is surrounded by the sea?",
                )
            ),
            country.name,
            [c.name for c in wrong],
            FAMILY,
            "easy" if country.difficulty == "easy" else "medium",
            f"{country.at_start} has no land border with another country.",
            source(),
        )


def _extreme(
    rng: Random,
    value: Callable[[Country], float],
    gap: float,
    wording: tuple[str, ...],
    reason: str,
    ages: tuple[int, int],
) -> Iterator[Draft]:
    """Four countries whose greatest value is at least `gap` times the next."""
    known = [c for c in states() if value(c)]
    while True:
        chosen = rng.sample(known, 4)
        first, second, *_ = sorted(chosen, key=value, reverse=True)
        if value(first) < gap * value(second) or (first.code in WELL_KNOWN) > any(
            c.code in WELL_KNOWN for c in chosen if c is not first
        ):
            continue
        difficulty: Difficulty = (
            "easy" if value(first) > 6 * value(second) else "medium" if value(first) > 2.5 * value(second) else "hard"
        )
        yield Draft(
            rng.choice(wording),
            first.name,
            [c.name for c in chosen if c is not first],
            ages if not any(c.code in LITTLE_KNOWN for c in chosen) else TEEN,
            difficulty,
            reason.format(first.at_start),
            source(),
        )


def largest_area(rng: Random) -> Iterator[Draft]:
    """Greatest area of four."""
    wording = (
        "Which of these countries covers the largest area?",
        "Which of these countries is the biggest on the map, by area?",
    )
    return _extreme(rng, lambda c: c.area, 1.6, wording, "{} has the largest area of the four.", JUNIOR)


def smallest_area(rng: Random) -> Iterator[Draft]:
    """Least area of four."""
    wording = (
        "Which of these countries has the smallest area?",
        "Which of these countries is the smallest on the map?",
    )
    return _extreme(
        rng, lambda c: 1 / c.area if c.area else 0, 1.6, wording, "{} has the smallest area of the four.", JUNIOR
    )


def most_people(rng: Random) -> Iterator[Draft]:
    """Most inhabitants of four."""
    wording = (
        "In which of these countries do the most people live?",
        "Which of these countries has the largest population?",
        "Which of these countries is home to the most people?",
    )
    return _extreme(rng, lambda c: c.population, 2.5, wording, "{} has the most inhabitants of the four.", JUNIOR)


SUBJECT = Subject(
    "Geography",
    (
        Template(capital_of, 90),
        Template(country_of_capital, 75),
        Template(continent_of, 40),
        Template(country_on_continent, 30),
        Template(country_or_city, 16),
        Template(neighbour_of, 80),
        Template(between, 40),
        Template(island, 25),
        Template(largest_area, 25),
        Template(smallest_area, 20),
        Template(most_people, 30),
        Template(compass, 35),
        Template(hemisphere, 20),
        Template(nearest_capital, 35),
        Template(distance, 8),
    ),
)
