"""Where capitals lie and how far apart they are."""

from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt
from random import Random

from trivia.generation.facts.core import (
    JUNIOR,
    TEEN,
    Draft,
    level,
    shuffled,
    spread,
)
from trivia.generation.facts.countries import LITTLE_KNOWN, WELL_KNOWN, Country, source, states


def capitals() -> list[Country]:
    """Countries whose capital may be asked for and is placed rightly."""
    return [c for c in states() if c.capital and c.place]


def compass(rng: Random) -> Iterator[Draft]:
    """The capital farthest north or south."""
    known = capitals()
    while True:
        chosen = rng.sample([c for c in known if c.code not in LITTLE_KNOWN], 4)
        sign, word = rng.choice(((1, "north"), (-1, "south")))
        latitude = {c.code: sign * c.place[0] for c in chosen if c.place}
        first, second, *_ = sorted(chosen, key=lambda c: latitude[c.code], reverse=True)
        gap = latitude[first.code] - latitude[second.code]
        if gap < 3:
            continue
        yield Draft(
            rng.choice(
                (
                    "Which of these capitals lies farthest {}?",
                    "Going {}, which of these capitals is the last you would reach?",
                    "Which of these four capital cities is the most {}erly?",
                )
            ).format(word),
            first.capital,
            [c.capital for c in chosen if c is not first],
            JUNIOR,
            "easy" if gap > 20 else "medium" if gap > 8 else "hard",
            f"Of the four, {first.capital} in {first.in_text} lies farthest {word}.",
            source(),
        )


def hemisphere(rng: Random) -> Iterator[Draft]:
    """The one capital on the other side of the equator."""
    known = [c for c in capitals() if c.place and abs(c.place[0]) > 1.5]
    for country in shuffled(rng, known):
        south = country.place is not None and country.place[0] < 0
        other = [c.capital for c in known if c.place and (c.place[0] < 0) != south]
        if not south and rng.random() < 0.7:
            continue
        yield Draft(
            f"Which of these capital cities lies {'south' if south else 'north'} of the equator?",
            country.capital,
            other,
            JUNIOR,
            "medium" if country.code not in LITTLE_KNOWN else "hard",
            f"{country.capital} in {country.in_text} lies {'south' if south else 'north'} of the equator.",
            source(),
        )


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance between two points in degrees of latitude and longitude, on a sphere of radius 6,371 km."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


def nearest_capital(rng: Random) -> Iterator[Draft]:
    """The nearest of four capitals, as the crow flies."""
    known = [c for c in capitals() if c.code not in LITTLE_KNOWN]
    while True:
        home = rng.choice(known)
        if home.place is None:
            continue
        away = {c.code: distance_km(home.place, c.place) for c in known if c.place and c is not home}
        near = sorted((c for c in known if c is not home and away[c.code] < 6000), key=lambda c: away[c.code])[:18]
        if len(near) < 4:
            continue
        chosen = sorted(rng.sample(near, 4), key=lambda c: away[c.code])
        ratio = away[chosen[1].code] / away[chosen[0].code]
        if ratio < 1.3:
            continue
        yield Draft(
            rng.choice(
                (
                    "Which of these capitals is nearest to {}?",
                    "Starting from {}, which of these capitals is the shortest flight away?",
                    "As the crow flies, which of these capitals is closest to {}?",
                )
            ).format(home.capital),
            chosen[0].capital,
            [c.capital for c in chosen[1:]],
            JUNIOR if home.code in WELL_KNOWN else TEEN,
            "medium" if ratio > 2 else "hard",
            f"{chosen[0].capital} is about {round(away[chosen[0].code], -1):,.0f} km from {home.capital}.",
            source(),
        )


ANTIPODES_KM = 20_000
"""No two places on Earth are farther apart."""


def distance(rng: Random) -> Iterator[Draft]:
    """How far apart two well-known capitals are."""
    known = [c for c in capitals() if c.code in WELL_KNOWN]
    while True:
        one, other = rng.sample(known, 2)
        if one.place is None or other.place is None:
            continue
        right = round(distance_km(one.place, other.place), -2)
        step = max(400, round(right * 0.27, -2))
        if not 600 <= right <= 11_000:
            continue
        yield Draft(
            rng.choice(
                (
                    "About how far is it from {} to {} as the crow flies?",
                    "Roughly how long is a direct flight from {} to {}?",
                )
            ).format(one.capital, other.capital),
            f"{right:,.0f} km",
            [f"{n:,} km" for n in spread(rng, int(right), int(step), least=200, most=ANTIPODES_KM)],
            TEEN,
            level(rng.random() / 2 + 0.5),
            f"{one.capital} and {other.capital} are about {right:,.0f} km apart.",
            source(),
        )
