"""Planets and their moons, from PyEphem's calculations and Kepler's third law."""

from collections.abc import Iterator
from functools import cache
from random import Random

from trivia.generation.facts.core import (
    CHILDREN,
    FAMILY,
    JUNIOR,
    TEEN,
    Difficulty,
    Draft,
    shuffled,
    version_of,
)

PLANETS = ("Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune")


AU_KM = 149_597_870.7


LIGHT_KM_S = 299_792.458


EARTH_YEAR_DAYS = 365.256


MOONS = {
    "Mars": ("Phobos", "Deimos"),
    "Jupiter": ("Io", "Europa", "Ganymede", "Callisto"),
    "Saturn": ("Mimas", "Enceladus", "Tethys", "Dione", "Rhea", "Titan", "Hyperion", "Iapetus"),
    "Uranus": ("Ariel", "Umbriel", "Titania", "Oberon", "Miranda"),
}
"""The moons that PyEphem computes, as it groups them."""


def source() -> str:
    """Where the catalogue comes from."""
    return version_of("ephem")


@cache
def orbits() -> dict[str, float]:
    """Half the long axis of each planet's orbit in astronomical units: the mean of its least and greatest distance from the Sun."""
    import ephem

    result = {"Earth": 1.0}
    for name in PLANETS:
        if name == "Earth":
            continue
        body = getattr(ephem, name)()
        step = 5 if PLANETS.index(name) < PLANETS.index("Jupiter") else 300
        distances = []
        for n in range(205):
            body.compute(ephem.Date(ephem.Date("1900/1/1") + n * step))
            distances.append(float(body.sun_distance))
        result[name] = (min(distances) + max(distances)) / 2
    return result


def planet_order(rng: Random) -> Iterator[Draft]:
    """Positions of the planets."""
    ordinal = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    for i, name in shuffled(rng, enumerate(PLANETS)):
        others = [p for p in PLANETS if p != name]
        easy: Difficulty = "easy" if i < 4 else "medium"
        yield Draft(
            f"Which is the {ordinal[i]} planet from the Sun?",
            name,
            others,
            (7, 120),
            easy,
            f"{name} is the {ordinal[i]} planet from the Sun.",
            source(),
            f"order {name}",
        )
        yield Draft(
            f"Counting outwards from the Sun, which place does {name} have?",
            ordinal[i],
            [o for o in ordinal if o != ordinal[i]],
            (7, 120),
            easy,
            f"{name} is the {ordinal[i]} planet from the Sun.",
            source(),
            f"order {name}",
        )
        if 0 < i < 7:
            yield Draft(
                f"Which planet goes round the Sun between {PLANETS[i - 1]} and {PLANETS[i + 1]}?",
                name,
                [p for p in others if p not in (PLANETS[i - 1], PLANETS[i + 1])],
                FAMILY,
                "easy",
                f"From the Sun outwards: {PLANETS[i - 1]}, {name}, {PLANETS[i + 1]}.",
                source(),
            )
        if i < 7:
            yield Draft(
                f"Travelling away from the Sun, which planet comes next after {name}?",
                PLANETS[i + 1],
                [p for p in others if p != PLANETS[i + 1]],
                FAMILY,
                "medium",
                f"After {name} comes {PLANETS[i + 1]}.",
                source(),
            )
        letter = [p for p in PLANETS if p[0] == name[0]]
        if len(letter) == 1:
            yield Draft(
                f"Which planet's name begins with the letter {name[0]}?",
                name,
                others,
                CHILDREN,
                "easy",
                f"{name} begins with {name[0]}.",
                source(),
            )


def planet_compare(rng: Random) -> Iterator[Draft]:
    """Nearest to and farthest from the Sun of four, and longest and shortest year."""
    while True:
        four = sorted(rng.sample(PLANETS, 4), key=PLANETS.index)
        prompt, right, reason = rng.choice(
            (
                ("Which of these planets is closest to the Sun?", four[0], "closest to the Sun"),
                ("Which of these planets is farthest from the Sun?", four[3], "farthest from the Sun"),
                ("Which of these planets has the longest year?", four[3], "the slowest to go round the Sun"),
                ("Which of these planets has the shortest year?", four[0], "the quickest to go round the Sun"),
                ("From which of these planets would the Sun look smallest?", four[3], "farthest from the Sun"),
                ("From which of these planets would the Sun look biggest?", four[0], "closest to the Sun"),
                ("Which of these planets gets the least sunlight?", four[3], "farthest from the Sun"),
            )
        )
        yield Draft(
            prompt,
            right,
            [p for p in four if p != right],
            FAMILY,
            "easy" if "Sun?" in prompt else "medium",
            f"Of the four, {right} is {reason}.",
            source(),
        )


def year_length(rng: Random) -> Iterator[Draft]:
    """Ages in other planets' years and travel time of sunlight, by Kepler's third law and the speed of light."""
    while True:
        name = rng.choice([p for p in PLANETS if p != "Earth"])
        axis = orbits()[name]
        year = axis**1.5
        if rng.random() < 0.5:
            seconds = axis * AU_KM / LIGHT_KM_S
            minutes = round(seconds / 60)
            if minutes < 3:
                continue
            text = f"{minutes} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"
            wrong = [round(minutes * f) for f in (0.25, 0.5, 1.8, 3, 5)]
            yield Draft(
                rng.choice(
                    (
                        f"About how long does sunlight take to reach {name}?",
                        f"Roughly how long does light need from the Sun to {name}?",
                    )
                ),
                text,
                [f"{m} minutes" if m < 120 else f"{m / 60:.1f} hours" for m in wrong if m > 1],
                TEEN,
                "hard",
                f"{name} is about {axis:.1f} times as far from the Sun as the Earth, so light takes about {text}.",
                source(),
            )
            continue
        age = rng.choice((8, 10, 12, 20, 30, 40, 50, 60, 80))
        there = round(age / year)
        if year > 3 and not (age / year > 1.5 and abs(age / year % 1 - 0.5) > 0.1):
            continue
        wrong_ages = (
            sorted({round(there * f) for f in (0.4, 0.6, 1.5, 2, 3)} | {there + 1, age} - {there})
            if there > 3
            else [there + 1, there + 2, there + 4, age]
        )
        yield Draft(
            rng.choice(
                (
                    f"You are {age} on Earth. How many {name} years old are you, about?",
                    f"In {age} Earth years, about how many times does {name} go round the Sun?",
                )
            ),
            str(there),
            [str(n) for n in wrong_ages if n != there and n > 0 and (there <= 3 or abs(n - there) / there > 0.15)],
            JUNIOR,
            "hard" if there > 3 else "medium",
            f"One year on {name} lasts about {year:.2f} Earth years.",
            source(),
        )


def moons(rng: Random) -> Iterator[Draft]:
    """Which planet a moon circles."""
    for planet, its in shuffled(rng, MOONS.items()):
        for moon in its:
            yield Draft(
                rng.choice(
                    (
                        f"Which planet does the moon {moon} circle?",
                        f"{moon} is a moon of which planet?",
                        f"You are in a spaceship above the moon {moon}. Which planet is the nearest?",
                    )
                ),
                planet,
                [p for p in PLANETS if p not in (planet, "Mercury", "Venus")],
                JUNIOR,
                "medium" if moon in ("Io", "Europa", "Ganymede", "Callisto", "Titan", "Phobos", "Deimos") else "hard",
                f"{moon} is a moon of {planet}.",
                source(),
                f"moon {moon}",
            )
            yield Draft(
                rng.choice((f"Which of these is a moon of {planet}?", f"Which of these moons belongs to {planet}?")),
                moon,
                [m for p, ms in MOONS.items() if p != planet for m in ms],
                JUNIOR,
                "medium" if moon in ("Io", "Europa", "Ganymede", "Callisto", "Titan", "Phobos", "Deimos") else "hard",
                f"{moon} is a moon of {planet}.",
                source(),
                f"moon {moon}",
            )


def moon_phase(rng: Random) -> Iterator[Draft]:
    """The Moon's phase some days later."""
    phases = ("new moon", "first quarter", "full moon", "last quarter")
    while True:
        start, steps = rng.randrange(4), rng.randint(1, 9)
        weeks = {1: "about one week", 2: "about two weeks", 3: "about three weeks"}.get(steps) or f"about {steps} weeks"
        if steps == 4 or steps > 6:
            continue
        right = phases[(start + steps) % 4]
        wrong = [p for p in phases if p != right] if right != phases[start] else []
        if not wrong:
            continue
        yield Draft(
            f"Tonight {'the Moon is at its' if start % 2 else 'there is a'} {phases[start]}. Which phase comes in {weeks}?",
            right,
            wrong,
            FAMILY,
            "medium" if steps < 3 else "hard",
            f"The Moon goes from one quarter to the next in about a week, so it will be at {right}.",
            "procedural: phases of the Moon",
        )


def sums(rng: Random) -> Iterator[Draft]:
    """Distances from the Sun in times the Earth's."""
    for name in shuffled(rng, [p for p in PLANETS if p not in ("Earth", "Venus")]):
        axis = orbits()[name]
        text = f"{axis:.1f} times" if axis < 10 else f"{axis:.0f} times"
        wrong = [
            f"{axis * f:.1f} times" if axis * f < 10 else f"{axis * f:.0f} times" for f in (0.3, 0.55, 1.6, 2.4, 3.5)
        ]
        yield Draft(
            f"How far is {name} from the Sun, compared with the Earth's distance?",
            text,
            wrong,
            TEEN,
            "hard",
            f"{name} is about {axis:.1f} times as far from the Sun as the Earth.",
            source(),
        )
        days = axis**1.5 * EARTH_YEAR_DAYS
        year = f"{days:.0f} Earth days" if days < 900 else f"{days / EARTH_YEAR_DAYS:.0f} Earth years"
        others = [
            f"{days * f:.0f} Earth days" if days * f < 900 else f"{days * f / EARTH_YEAR_DAYS:.0f} Earth years"
            for f in (0.25, 0.5, 1.7, 2.8, 4.5)
        ]
        yield Draft(
            f"How long is a year on {name}, roughly?",
            year,
            others,
            JUNIOR,
            "hard",
            f"{name} goes round the Sun in about {year}.",
            source(),
        )
