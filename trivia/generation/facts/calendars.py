"""Days, dates, clocks, leap years and time zones; calculated."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from trivia.generation.facts.clocks import MONTHS, SOURCE, clock, durations, time_zones
from trivia.generation.facts.core import (
    CHILDREN,
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

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def spoken(day: date) -> str:
    """A date as people say it."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_sequence(rng: Random) -> Iterator[Draft]:
    """Days and months before and after, for children."""
    while True:
        names, what = rng.choice(((DAYS, "day"), (MONTHS, "month")))
        i, steps = rng.randrange(len(names)), rng.choice((-2, -1, 1, 2, 3))
        right = names[(i + steps) % len(names)]
        where = {-2: "two {}s before", -1: "just before", 1: "just after", 2: "two {}s after", 3: "three {}s after"}[
            steps
        ].format(what)
        prompt = f"Which {what} comes {where} {names[i]}?"
        if what == "day" and rng.random() < 0.5:
            prompt = f"Today is {names[i]}. Which day {'is it in' if steps > 0 else 'was it'} {abs(steps)} day{'s' if abs(steps) > 1 else ''}{'' if steps > 0 else ' ago'}?"
        yield Draft(
            prompt,
            right,
            [n for n in names if n not in (right, names[i])],
            LITTLE if abs(steps) == 1 else CHILDREN,
            "easy" if abs(steps) == 1 else "medium",
            f"{right} comes {where} {names[i]}.",
            SOURCE,
        )


def later_weekday(rng: Random) -> Iterator[Draft]:
    """Counting weekdays on."""
    while True:
        i, days = rng.randrange(7), rng.choice((9, 10, 12, 15, 16, 20, 25, 30, 40, 50, 60, 100, 365))
        # No parcel takes a year.
        story = f"A parcel is sent on a {DAYS[i]} and takes {days} days. On which day does it arrive?"
        right = DAYS[(i + days) % 7]
        yield Draft(
            rng.choice(
                (
                    f"If today is {DAYS[i]}, which day of the week is it in {days} days?",
                    story if days <= 30 else f"It is {DAYS[i]}. Which day of the week will it be after {days} days?",
                )
            ),
            right,
            [d for d in DAYS if d not in (right, DAYS[i])] if right != DAYS[i] else [],
            (8, 120) if days < 20 else JUNIOR,
            "medium" if days < 26 else "hard",
            f"{days} days after a {DAYS[i]} comes a {right}.",
            SOURCE,
        )


def weekday_of(rng: Random) -> Iterator[Draft]:
    """The weekday of a date given another in the same month or year, or from nothing."""
    while True:
        year = rng.randint(1900, 2020)
        day = date(year, rng.randint(1, 12), rng.randint(1, 28))
        name = DAYS[day.weekday()]
        if rng.random() < 0.6:
            other = day.replace(day=rng.randint(1, 28))
            if abs((other - day).days) < 3 or (other - day).days % 7 == 0:
                continue
            prompt = f"If {spoken(other)} was a {DAYS[other.weekday()]}, which weekday was {spoken(day)}?"
            wrong = [d for d in DAYS if d not in (name, DAYS[other.weekday()])]
            ages: Ages = (8, 120)
            difficulty: Difficulty = "medium"
        else:
            prompt = rng.choice(
                (
                    f"On which day of the week did {spoken(day)} fall?",
                    f"Calendar wizards only: which weekday was {spoken(day)}?",
                )
            )
            wrong, ages, difficulty = [d for d in DAYS if d != name], TEEN, "hard"
        yield Draft(prompt, name, wrong, ages, difficulty, f"{spoken(day)} was a {name}.", SOURCE)


def is_leap(year: int) -> bool:
    """Every fourth year, but of the full centuries only every fourth."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def leap_years(rng: Random) -> Iterator[Draft]:
    """Leap years among others."""
    while True:
        low = rng.choice((1600, 1800, 1900, 2000, 2100))
        right = rng.choice([y for y in range(low, low + 101) if is_leap(y)])
        centuries = rng.random() < 0.3
        wrong = (
            [y for y in (1700, 1800, 1900, 2100, 2200, 2300) if abs(y - right) < 300]
            if centuries
            else [y for y in range(right - 12, right + 13) if not is_leap(y)]
        )
        yield Draft(
            rng.choice(
                (
                    "Which of these years is a leap year?",
                    "Which of these years has a 29 February?",
                    "In which of these years does February have an extra day?",
                )
            ),
            str(right),
            [str(y) for y in wrong],
            (9, 120),
            "hard" if centuries else "medium",
            f"{right} is a leap year with 366 days.",
            SOURCE,
        )


def month_lengths(rng: Random) -> Iterator[Draft]:
    """Thirty days hath September."""
    lengths = {m: calendar.monthrange(2023, i + 1)[1] for i, m in enumerate(MONTHS)}
    long, short = [m for m in MONTHS if lengths[m] == 31], [m for m in MONTHS if lengths[m] == 30]
    for month in shuffled(rng, MONTHS):
        if month != "February":
            others = [*short, "February"] if month in long else [*long, "February"]
            yield Draft(
                f"Which of these months has {lengths[month]} days?",
                month,
                others,
                (7, 120),
                "easy",
                f"{month} has {lengths[month]} days.",
                SOURCE,
            )
        first = MONTHS.index(month)
        yield Draft(
            f"Which is the {('first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth', 'eleventh', 'twelfth')[first]} month of the year?",
            month,
            [m for m in MONTHS if m != month],
            (6, 12),
            "easy",
            f"{month} is month number {first + 1}.",
            SOURCE,
        )
    while True:
        a, b = sorted(rng.sample(range(12), 2))
        if 2 <= b - a <= 4:
            names = MONTHS[a : b + 1]
            total = sum(lengths[m] for m in names)
            listed = ", ".join(names[:-1]) + " and " + names[-1]
            yield Draft(
                f"How many days do {listed} have together in a year that is not a leap year?",
                str(total),
                [str(n) for n in spread(rng, total, 1)],
                JUNIOR,
                "medium",
                f"Together they have {total} days.",
                SOURCE,
            )
        days = rng.randint(2, 9) * 7
        yield Draft(
            f"How many weeks are {days} days?",
            str(days // 7),
            [str(n) for n in spread(rng, days // 7, 1, least=1)],
            (7, 120),
            "easy",
            f"{days} ÷ 7 = {days // 7}.",
            SOURCE,
        )


def days_between(rng: Random) -> Iterator[Draft]:
    """Days from one date to another and dates some days on."""
    while True:
        start = date(rng.randint(2001, 2060), rng.randint(1, 12), rng.randint(1, 28))
        days = rng.choice((10, 14, 20, 25, 30, 45, 60, 90, 100))
        end = start + timedelta(days=days)
        if rng.random() < 0.5:
            yield Draft(
                rng.choice(
                    (
                        f"How many days after {spoken(start)} is {spoken(end)}?",
                        f"Counting from {spoken(start)}, in how many days is it {spoken(end)}?",
                    )
                ),
                str(days),
                [str(n) for n in spread(rng, days, 1)],
                JUNIOR,
                "hard" if days > 30 else "medium",
                f"From {spoken(start)} to {spoken(end)} it is {days} days.",
                SOURCE,
            )
        else:
            wrong = [end + timedelta(days=n) for n in spread(rng, 0, 1, least=-5)]
            yield Draft(
                f"Which date is {days} days after {spoken(start)}?",
                spoken(end),
                [spoken(d) for d in wrong],
                JUNIOR,
                "hard" if days > 30 else "medium",
                f"{days} days after {spoken(start)} is {spoken(end)}.",
                SOURCE,
            )


def zodiac(rng: Random) -> Iterator[Draft]:
    """Animals of the Chinese cycle by year, and its order."""
    animals = ("Rat", "Ox", "Tiger", "Rabbit", "Dragon", "Snake", "Horse", "Goat", "Monkey", "Rooster", "Dog", "Pig")
    while True:
        year = rng.randint(1950, 2040)
        name = animals[(year - 4) % 12]
        if rng.random() < 0.6:
            yield Draft(
                f"Which animal of the Chinese zodiac rules the year that begins in early {year}?",
                name,
                [a for a in animals if a != name],
                JUNIOR,
                "hard",
                f"The year that begins in early {year} is {article(name)} {name} year.",
                "procedural: twelve-year cycle",
            )
        else:
            following = animals[(animals.index(name) + 1) % 12]
            yield Draft(
                f"In the Chinese zodiac, whose year follows the year of the {name}?",
                following,
                [a for a in animals if a not in (name, following)],
                JUNIOR,
                "medium",
                f"After the {name} comes the {following}.",
                "procedural: twelve-year cycle",
            )


SUBJECT = Subject(
    "Calendar and Time",
    (
        Template(day_sequence, 34),
        Template(later_weekday, 18),
        Template(weekday_of, 6),
        Template(leap_years, 18),
        Template(month_lengths, 28),
        Template(days_between, 6),
        Template(clock, 40),
        Template(durations, 20),
        Template(time_zones, 20),
        Template(zodiac, 20),
    ),
)
