"""Lengths, weights, volumes, temperatures, money and speed; calculated from the definitions of the units."""

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from trivia.generation.facts.core import (
    FAMILY,
    JUNIOR,
    LITTLE,
    TEEN,
    Ages,
    Difficulty,
    Draft,
    Subject,
    Template,
    article,
    shuffled,
    spread,
)
from trivia.generation.facts.journeys import plain, shopping, speed, temperature

SOURCE = "procedural: SI and international units"
METRIC = {
    "length": (("millimetres", 1), ("centimetres", 10), ("metres", 1000), ("kilometres", 1_000_000)),
    "weight": (("milligrams", 1), ("grams", 1000), ("kilograms", 1_000_000), ("tonnes", 1_000_000_000)),
    "volume": (("millilitres", 1), ("centilitres", 10), ("litres", 1000), ("hectolitres", 100_000)),
    "area": (("square metres", 1), ("hectares", 10_000), ("square kilometres", 1_000_000)),
}
"""Units of one quantity with their size in the smallest of them."""


def metric(rng: Random) -> Iterator[Draft]:
    """Metric units into each other."""
    while True:
        units = METRIC[rng.choice(sorted(METRIC))]
        (one, small), (other, big) = rng.sample(units, 2)
        ratio = Fraction(small, big)
        amount = rng.choice((1, 2, 3, 5, 7, 12, 25, 40, 150, 300, 500, 750, 2500, 5000))
        right = amount * ratio
        if not Fraction(1, 10) <= right <= 1_000_000 or Fraction(right * 100).denominator != 1:
            continue
        wrong = [
            plain(right * f)
            for f in (Fraction(1, 100), Fraction(1, 10), 10, 100, 1000)
            if right * f >= Fraction(1, 1000)
        ]
        near = abs(units.index((one, small)) - units.index((other, big))) == 1
        yield Draft(
            rng.choice((f"How many {other} are {amount:,} {one}?", f"What is {amount:,} {one} in {other}?"))
            if amount > 1
            else f"How many {other} are there in one {one[:-1]}?",
            plain(right),
            wrong,
            (9, 120) if near else JUNIOR,
            "easy" if near and right >= 1 else "medium" if near or right >= 1 else "hard",
            f"{amount:,} {one if amount > 1 else one[:-1]} = {plain(right)} {other}.",
            SOURCE,
        )


SIZES = {
    "mm": Fraction(1), "cm": Fraction(10), "inch": Fraction(254, 10), "foot": Fraction(3048, 10), "yard": Fraction(9144, 10), "metre": Fraction(1000),
    "kilometre": Fraction(10**6), "mile": Fraction(1_609_344), "nautical mile": Fraction(1_852_000), "fathom": Fraction(18288, 10), "furlong": Fraction(201_168),
}  # fmt: skip
WEIGHTS = {
    "gram": Fraction(1),
    "ounce": Fraction(28349523125, 10**9),
    "pound": Fraction(45359237, 10**5),
    "kilogram": Fraction(1000),
    "stone": Fraction(635029318, 10**5),
    "tonne": Fraction(10**6),
    "carat": Fraction(1, 5),
}
VOLUMES = {
    "millilitre": Fraction(1),
    "US cup": Fraction(2365882365, 10**7),
    "imperial pint": Fraction(56826125, 10**5),
    "litre": Fraction(1000),
    "US gallon": Fraction(3785411784, 10**6),
    "imperial gallon": Fraction(454609, 100),
    "teaspoon": Fraction(5),
    "oil barrel": Fraction(158987294928, 10**6),
}
SPANS = {
    "minute": Fraction(60),
    "hour": Fraction(3600),
    "day": Fraction(86_400),
    "week": Fraction(604_800),
    "second": Fraction(1),
    "fortnight": Fraction(1_209_600),
    "decade": Fraction(315_576_000),
    "century": Fraction(3_155_760_000),
}


def longest(rng: Random) -> Iterator[Draft]:
    """The greatest or least of four quantities in different units."""
    while True:
        table, words = rng.choice(
            (
                (SIZES, ("longest", "shortest")),
                (WEIGHTS, ("heaviest", "lightest")),
                (VOLUMES, ("largest", "smallest")),
                (SPANS, ("longest", "shortest")),
            )
        )
        names = rng.sample(sorted(table), 4)
        least = rng.random() < 0.5
        amounts = [(rng.choice((1, 1, 2, 3, 5, 10, 20, 100)), n) for n in names]
        values = sorted(amounts, key=lambda a: a[0] * table[a[1]], reverse=not least)
        first, second = (a[0] * table[a[1]] for a in values[:2])
        ratio = max(first, second) / min(first, second)
        # Neither a hair's breadth apart nor seconds beside centuries.
        if not Fraction(5, 4) <= ratio <= 30 or not within_reach([a[0] * table[a[1]] for a in values]):
            continue
        texts = [f"{n} {plural(u) if n > 1 else u}" for n, u in values]
        metric_only = all(
            u
            in (
                "mm",
                "cm",
                "metre",
                "kilometre",
                "gram",
                "kilogram",
                "tonne",
                "millilitre",
                "litre",
                "teaspoon",
                *SPANS,
            )
            for _, u in amounts
        )
        what = {
            "longest": "Which of these is the longest",
            "shortest": "Which of these is the shortest",
            "heaviest": "Which of these weighs the most",
            "lightest": "Which of these weighs the least",
            "largest": "Which of these volumes is the largest",
            "smallest": "Which of these volumes is the smallest",
        }[words[least]]
        yield Draft(
            f"{what}{' distance' if table is SIZES else ' time' if table is SPANS else ''}?",
            texts[0],
            texts[1:],
            (9, 120) if metric_only else TEEN,
            "easy" if metric_only and ratio > 3 else "medium" if ratio > 2 else "hard",
            f"{texts[0][0].upper()}{texts[0][1:]} is the {words[least]} of the four.",
            SOURCE,
        )


REACH = 2000


def within_reach(values: list[Fraction]) -> bool:
    """Whether no quantity is so much greater than another that nobody would compare them."""
    return max(values) <= REACH * min(values)


def plural(unit: str) -> str:
    """Two of a unit."""
    irregular = {
        "foot": "feet",
        "inch": "inches",
        "century": "centuries",
        "mm": "mm",
        "cm": "cm",
        "stone": "stone",
    }
    return irregular.get(unit, f"{unit}s")


ENGLISH_PLURALS = frozenset(
    ("foot", "yard", "mile", "pound", "stone", "gallon", "fathom", "nautical mile", "fortnight", "degree")
)


def imperial(rng: Random) -> Iterator[Draft]:
    """Exact numbers of small units in large ones."""
    exact = (
        ("inches", "foot", 12), ("feet", "yard", 3), ("yards", "mile", 1760), ("feet", "mile", 5280), ("ounces", "pound", 16), ("pounds", "stone", 14),
        ("pints", "gallon", 8), ("inches", "yard", 36), ("feet", "fathom", 6), ("furlongs", "mile", 8), ("metres", "nautical mile", 1852),
        ("inches", "hand (for horses)", 4), ("quarts", "gallon", 4), ("items", "gross", 144), ("items", "dozen", 12), ("items", "score", 20),
        ("sheets", "ream of paper", 500), ("years", "millennium", 1000), ("degrees", "right angle", 90), ("degrees", "full circle", 360),
        ("arc minutes", "degree", 60), ("days", "fortnight", 14),
    )  # fmt: skip
    for small, big, count in shuffled(rng, exact):
        step = 1 if count < 30 else 4 if count < 100 else count // 10
        known = big in ("foot", "dozen", "full circle", "right angle", "pound", "yard", "millennium", "fortnight")
        for factor in (1, 2, 3) if big in ENGLISH_PLURALS else (1,):
            what = f"{article(big)} {big}" if factor == 1 else f"{factor} {plural(big)}"
            yield Draft(
                f"How many {small} are there in {what}?",
                f"{count * factor:,}",
                [f"{n:,}" for n in spread(rng, count * factor, step * factor, least=1)],
                FAMILY if known else JUNIOR,
                "easy" if known else "medium" if count < 100 else "hard",
                f"One {big} is {count:,} {small}.",
                SOURCE,
            )


def across(rng: Random) -> Iterator[Draft]:
    """Imperial into metric, roughly."""
    pairs: tuple[tuple[str, str, Fraction], ...] = (
        ("miles", "kilometres", Fraction(1_609_344, 10**6)), ("kilometres", "miles", Fraction(10**6, 1_609_344)), ("inches", "centimetres", Fraction(254, 100)),
        ("feet", "metres", Fraction(3048, 10**4)), ("pounds", "kilograms", Fraction(45359237, 10**8)), ("kilograms", "pounds", Fraction(10**8, 45359237)),
        ("US gallons", "litres", Fraction(3785411784, 10**9)), ("nautical miles", "kilometres", Fraction(1852, 1000)), ("ounces", "grams", Fraction(28349523125, 10**9)),
        ("metres", "feet", Fraction(10**4, 3048)), ("acres", "hectares", Fraction(40468564224, 10**11)), ("stone", "kilograms", Fraction(635029318, 10**8)),
    )  # fmt: skip
    while True:
        one, other, ratio = rng.choice(pairs)
        amount = rng.choice((5, 10, 20, 26, 30, 50, 60, 80, 100, 120, 200, 500))
        right = amount * ratio
        if right < 2:
            continue
        digits = 0 if right >= 10 else 1
        text = f"{float(right):,.{digits}f} {other}"
        wrong = [
            f"{float(right * f):,.{digits}f} {other}"
            for f in (Fraction(1, 2), Fraction(7, 10), Fraction(14, 10), Fraction(18, 10), Fraction(5, 2))
        ]
        yield Draft(
            rng.choice(
                (
                    f"Roughly how much is {amount} {one} in {other}?",
                    f"A sign says {amount} {one}. What is that in {other}, roughly?",
                )
            ),
            text.removesuffix(f" {other}"),
            [w.removesuffix(f" {other}") for w in wrong],
            TEEN,
            "medium" if one in ("miles", "inches", "pounds") else "hard",
            f"{amount} {one} are about {text}.",
            SOURCE,
        )


BIG_SMALL: tuple[tuple[str, int], ...] = (
    ("an ant", 1), ("a mouse", 2), ("a cat", 3), ("a sheep", 4), ("a horse", 5), ("an elephant", 6), ("a blue whale", 7),
)  # fmt: skip


def sizes(rng: Random) -> Iterator[Draft]:
    """Which is bigger, and what fits, for the youngest; well-separated weights only."""
    while True:
        four = sorted(rng.sample(BIG_SMALL, 4), key=lambda item: item[1])
        big = rng.random() < 0.5
        right = four[3] if big else four[0]
        order = rng.random() < 0.4
        if order:
            right = four[1]
            prompt = "Line them up from light to heavy. Which one stands second?"
        else:
            prompt = rng.choice(
                (
                    f"Which animal is the {'heaviest' if big else 'lightest'}?",
                    f"Which of these animals is the {'biggest' if big else 'smallest'}?",
                )
            )
        yield Draft(
            prompt,
            right[0],
            [n for n, _ in four if n != right[0]],
            LITTLE,
            "medium" if order else "easy",
            f"From light to heavy: {', '.join(n for n, _ in four)}.",
            "procedural: ordering by size",
        )


PREFIXES = {
    "kilo": 3,
    "mega": 6,
    "giga": 9,
    "tera": 12,
    "peta": 15,
    "milli": -3,
    "micro": -6,
    "nano": -9,
    "pico": -12,
    "centi": -2,
    "deci": -1,
    "hecto": 2,
}
NAMES = {
    3: "a thousand",
    6: "a million",
    9: "a thousand million",
    12: "a million million",
    15: "a thousand million million",
    -3: "a thousandth",
    -6: "a millionth",
    -9: "a thousand-millionth",
    -12: "a million-millionth",
    -2: "a hundredth",
    -1: "a tenth",
    2: "a hundred",
}


def prefixes(rng: Random) -> Iterator[Draft]:
    """What kilo, mega and nano mean."""
    for name, power in shuffled(rng, PREFIXES.items()):
        ages: Ages = JUNIOR if abs(power) <= 3 else TEEN
        difficulty: Difficulty = (
            "easy" if name in ("kilo", "centi", "milli", "mega") else "medium" if abs(power) <= 9 else "hard"
        )
        yield Draft(
            f"What does “{name}” mean in front of a unit?",
            NAMES[power],
            [n for p, n in NAMES.items() if p != power],
            ages,
            difficulty,
            f"“{name}” is {NAMES[power]}.",
            SOURCE,
            f"prefix {name}",
        )
        much = f"Which prefix makes a unit {NAMES[power]} times as big?"
        little = f"Which prefix stands for {NAMES[power]} of a unit?"
        others = [n for n in PREFIXES if n != name]
        yield Draft(
            much if power > 0 else little,
            name,
            others,
            ages,
            difficulty,
            f"“{name}” is {NAMES[power]}.",
            SOURCE,
            f"prefix {name}",
        )


SUBJECT = Subject(
    "Measures and Money",
    (
        Template(metric, 10),
        Template(longest, 24),
        Template(imperial, 20),
        Template(across, 8),
        Template(temperature, 18),
        Template(shopping, 24),
        Template(speed, 10),
        Template(sizes, 20),
        Template(prefixes, 12),
    ),
)
