"""Temperatures, prices and speeds."""

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from trivia.generation.facts.core import (
    JUNIOR,
    TEEN,
    Draft,
    spread,
)


def plain(value: Fraction) -> str:
    """A decimal number without needless zeros."""
    return f"{float(value):,.6f}".rstrip("0").rstrip(".")


def minus(number: int) -> str:
    """A whole number with a proper minus sign."""
    return f"−{-number}" if number < 0 else str(number)


def temperature(rng: Random) -> Iterator[Draft]:
    """Celsius, Fahrenheit and kelvin."""
    while True:
        celsius = rng.randrange(-35, 121, 5)  # at -40 the two scales agree
        fahrenheit = celsius * 9 // 5 + 32
        kind = rng.randrange(4)
        if kind == 0:
            yield Draft(
                rng.choice(
                    (
                        f"What is {minus(celsius)} °C in degrees Fahrenheit?",
                        f"A thermometer shows {minus(celsius)} °C. What would a Fahrenheit one show?",
                    )
                ),
                f"{minus(fahrenheit)} °F",
                [f"{minus(n)} °F" for n in spread(rng, fahrenheit, rng.choice((9, 18)), least=-200)],
                TEEN,
                "easy" if celsius in (0, 100) else "hard",
                f"{minus(celsius)} °C = {minus(fahrenheit)} °F.",
                "procedural: temperature scales",
            )
        elif kind == 1:
            yield Draft(
                f"What is {minus(fahrenheit)} °F in degrees Celsius?",
                f"{minus(celsius)} °C",
                [f"{minus(n)} °C" for n in spread(rng, celsius, rng.choice((5, 10)), least=-200)],
                TEEN,
                "hard",
                f"{minus(fahrenheit)} °F = {minus(celsius)} °C.",
                "procedural: temperature scales",
            )
        elif kind == 2:
            night, rise = rng.randint(-15, 10), rng.randint(4, 20)
            yield Draft(
                f"At night it was {minus(night)} °C. By noon it is {rise} degrees warmer. How warm is it now?",
                f"{minus(night + rise)} °C",
                [f"{minus(n)} °C" for n in spread(rng, night + rise, rng.choice((1, 2)), least=-50)],
                (8, 120),
                "easy" if night >= 0 else "medium",
                f"{minus(night)} + {rise} = {minus(night + rise)}.",
                "procedural: arithmetic",
            )
        else:
            four = rng.sample(range(-25, 35), 4)
            cold = rng.random() < 0.5
            right = min(four) if cold else max(four)
            yield Draft(
                f"Which of these temperatures is the {'coldest' if cold else 'warmest'}?",
                f"{minus(right)} °C",
                [f"{minus(n)} °C" for n in four if n != right],
                (7, 14),
                "easy",
                f"{minus(right)} °C is the {'coldest' if cold else 'warmest'}.",
                "procedural: arithmetic",
            )


def show(cents: int) -> str:
    """A price in dollars."""
    return f"${cents // 100}.{cents % 100:02d}"


def shopping(rng: Random) -> Iterator[Draft]:
    """Prices, change and bargains."""
    things = (
        "bread",
        "milk",
        "cheese",
        "apples",
        "juice",
        "tea",
        "honey",
        "rice",
        "a book",
        "a ball",
        "a hat",
        "a kite",
    )
    while True:
        one, other = rng.sample(things, 2)
        a, b = rng.randrange(60, 900, 5), rng.randrange(60, 900, 5)
        kind = rng.randrange(4)
        if kind == 0:
            paid = 1000 if a + b < 1000 else 2000
            change = paid - a - b
            prompts = (
                f"You buy {one} for {show(a)} and {other} for {show(b)} and pay with {show(paid)}. How much change do you get?",
                f"At the till: {one} {show(a)}, {other} {show(b)}. What is left of {show(paid)}?",
            )
            yield Draft(
                rng.choice(prompts),
                show(change),
                [show(n) for n in spread(rng, change, rng.choice((10, 50, 100)), least=5, most=paid - max(a, b) - 5)],
                (8, 120),
                "medium",
                f"{show(paid)} − {show(a)} − {show(b)} = {show(change)}.",
                "procedural: arithmetic",
            )
        elif kind == 1:
            n, price = rng.randint(3, 9), rng.randrange(15, 200, 5)
            yield Draft(
                f"One sticker costs {show(price)}. What do {n} stickers cost?",
                show(n * price),
                [show(v) for v in spread(rng, n * price, price if price < 60 else 10, least=5)],
                (8, 120),
                "easy" if price <= 50 else "medium",
                f"{n} × {show(price)} = {show(n * price)}.",
                "procedural: arithmetic",
            )
        elif kind == 2:
            coins = sorted(rng.sample((2, 5, 10, 20, 50), 3), reverse=True)
            total = sum(coins)
            yield Draft(
                f"You have coins of {', '.join(map(str, coins[:-1]))} and {coins[-1]} cents, one of each. How much money is that?",
                f"{total} cents",
                [f"{v} cents" for v in spread(rng, total, rng.choice((1, 2, 5)), least=1)],
                (6, 10),
                "easy",
                f"Together that makes {total} cents.",
                "procedural: arithmetic",
            )
        else:
            unit = rng.randrange(20, 90, 5)
            packs = rng.sample((2, 3, 4, 5, 6, 8, 10), 4)
            extra = [0, rng.randint(3, 8), rng.randint(9, 14), rng.randint(15, 20)]
            texts = [f"{n} for {show(n * (unit + e))}" for n, e in zip(packs, extra, strict=True)]
            yield Draft(
                rng.choice(
                    (
                        "In which of these offers does one battery cost the least?",
                        "Pencils come in packs. In which of these is one pencil the cheapest?",
                        "Which of these packs of eggs has the lowest price per egg?",
                    )
                ),
                texts[0],
                texts[1:],
                JUNIOR,
                "medium",
                f"{texts[0]} is {show(unit)} each.",
                "procedural: arithmetic",
            )


def speed(rng: Random) -> Iterator[Draft]:
    """Distance, time and speed."""
    while True:
        rate, hours = (
            rng.choice((4, 5, 12, 15, 20, 60, 80, 90, 100, 120, 250, 800)),
            rng.choice((Fraction(1, 2), Fraction(2), Fraction(3), Fraction(5, 2), Fraction(4), Fraction(3, 2))),
        )
        if (rate * hours).denominator != 1:
            continue
        way = int(rate * hours)
        who = {
            4: "A hiker",
            5: "A walker",
            12: "A runner",
            15: "A cyclist",
            20: "A cyclist",
            60: "A bus",
            80: "A car",
            90: "A train",
            100: "A car",
            120: "A train",
            250: "A fast train",
            800: "A plane",
        }[rate]
        time = {
            Fraction(1, 2): "half an hour",
            Fraction(3, 2): "one and a half hours",
            Fraction(5, 2): "two and a half hours",
        }.get(hours) or f"{hours} hours"
        if rng.random() < 0.5:
            yield Draft(
                f"{who} goes {rate} km an hour. How far is that in {time}?",
                f"{way:,} km",
                [f"{n:,} km" for n in spread(rng, way, max(1, rate // 2), least=1)],
                (9, 120),
                "easy" if hours.denominator == 1 else "medium",
                f"{rate} × {plain(hours)} = {way}.",
                "procedural: arithmetic",
            )
        else:
            yield Draft(
                f"{who} covers {way:,} km in {time}. How fast is that on average?",
                f"{rate} km/h",
                [f"{n} km/h" for n in spread(rng, rate, max(1, rate // 4), least=1)],
                JUNIOR,
                "medium",
                f"{way} ÷ {plain(hours)} = {rate}.",
                "procedural: arithmetic",
            )
