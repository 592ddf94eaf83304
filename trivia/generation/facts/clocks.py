"""Clock times, spans of time and time zones; calculated."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from trivia.generation.facts.core import (
    JUNIOR,
    TEEN,
    Draft,
    spread,
)

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


SOURCE = "procedural: Gregorian calendar"


CLOCK = "procedural: clock arithmetic"


def clock(rng: Random) -> Iterator[Draft]:
    """Clock times, durations, hands."""
    while True:
        minutes = rng.randrange(60, 1380, 5)
        length = rng.choice((15, 20, 25, 35, 40, 45, 50, 75, 80, 90, 95, 110, 135, 150))
        kind = rng.randrange(5)
        if kind == 1:
            # A lesson is in the morning or the afternoon, and nobody sits through two hours of it.
            minutes, length = rng.randrange(480, 960, 5), rng.choice((25, 35, 40, 45, 50, 75, 80, 90, 95))
        begin, end = divmod(minutes, 60), divmod((minutes + length) % 1440, 60)
        show = "{}:{:02d}".format
        long = (
            f"{length} minutes"
            if length < 60
            else f"{length // 60} hour{'s' if length > 119 else ''} and {length % 60} minutes"
            if length % 60
            else f"{length // 60} hours"
        )
        if kind == 0:
            yield Draft(
                rng.choice(
                    (
                        f"A {'film' if length > 70 else 'cartoon'} starts at {show(*begin)} and lasts {long}. When does it end?",
                        f"It is {show(*begin)}. What time is it in {long}?",
                        f"A train leaves at {show(*begin)} and arrives {long} later. At what time?",
                    )
                ),
                show(*end),
                [show(*divmod((minutes + v) % 1440, 60)) for v in spread(rng, length, rng.choice((5, 10)))],
                (8, 120),
                "easy" if length < 50 else "medium",
                f"{show(*begin)} plus {long} is {show(*end)}.",
                CLOCK,
            )
        elif kind == 1:
            yield Draft(
                f"A lesson runs from {show(*begin)} to {show(*end)}. How many minutes is that?",
                f"{length} minutes",
                [f"{n} minutes" for n in spread(rng, length, 5 if length < 60 else 10, least=5)],
                (8, 120),
                "medium",
                f"From {show(*begin)} to {show(*end)} it is {length} minutes.",
                CLOCK,
            )
        elif kind == 2:
            hour = rng.randint(1, 12)
            words, minute = rng.choice((("half past", 30), ("quarter past", 15), ("quarter to", -15)))
            h = (hour + (-1 if minute < 0 else 0) - 1) % 12 + 1
            right = f"{h}:{minute % 60:02d}"
            wrong = [
                f"{hour}:30",
                f"{hour}:15",
                f"{hour}:45",
                f"{hour % 12 + 1}:15",
                f"{hour % 12 + 1}:30",
                f"{(hour - 2) % 12 + 1}:45",
                f"{(hour - 2) % 12 + 1}:30",
            ]
            yield Draft(
                f"How does a digital clock show {words} {NUMBERS[hour]}?",
                right,
                sorted({w for w in wrong if w != right}),
                (6, 10),
                "easy",
                f"{words.capitalize()} {NUMBERS[hour]} is {right}.",
                CLOCK,
            )
        elif kind == 3:
            hour = rng.choice((1, 2, 3, 4, 5, 7, 8, 9, 10, 11))
            angle = min(hour * 30, 360 - hour * 30)
            yield Draft(
                f"What is the smaller angle between the hands of a clock at {NUMBERS[hour]} o'clock?",
                f"{angle}°",
                [f"{n}°" for n in spread(rng, angle, 15 if angle in (30, 150) else 30, least=15, most=180)],
                JUNIOR,
                "hard",
                f"Each hour is 30°, so the angle is {angle}°.",
                CLOCK,
            )
        else:
            hour = rng.randint(13, 23)
            yield Draft(
                rng.choice(
                    (
                        f"Which time is {hour}:00 on a twelve-hour clock?",
                        f"The train leaves at {hour}:00. What is that on a twelve-hour clock?",
                    )
                ),
                f"{hour - 12} p.m.",
                [
                    f"{n} {half}"
                    for n, half in (
                        (hour - 12, "a.m."),
                        ((hour - 11) % 12 or 12, "p.m."),
                        ((hour - 13) % 12 or 12, "p.m."),
                        ((hour - 10) % 12 or 12, "p.m."),
                    )
                ],
                (7, 14),
                "easy",
                f"{hour} − 12 = {hour - 12}.",
                CLOCK,
            )


NUMBERS = ("twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def durations(rng: Random) -> Iterator[Draft]:
    """Units of time into each other; centuries."""
    while True:
        n = rng.randint(2, 12)
        year = rng.randint(801, 1999)
        century = (year - 1) // 100 + 1
        kind = rng.randrange(4)
        if kind == 0:
            right, prompt, ages = rng.choice(
                (
                    (n * 60, f"How many minutes are there in {n} hours?", (8, 120)),
                    (n * 24, f"How many hours are there in {n} days?", (8, 120)),
                    (n * 12, f"How many months are there in {n} years?", (7, 120)),
                    (n * 3600, f"How many seconds are there in {n} hours?", (10, 120)),
                    (n * 10, f"How many years are there in {n} decades?", (8, 120)),
                    (n * 60, f"How many seconds are there in {n} minutes?", (7, 120)),
                )
            )
            yield Draft(
                prompt,
                f"{right:,}",
                [f"{v:,}" for v in spread(rng, right, max(2, right // n // (1 if right > 100 else 2)), least=1)],
                ages,
                "easy" if right < 200 else "medium",
                f"{prompt.removeprefix('How many ').split(' are there in ')[1].rstrip('?').capitalize()} are {right:,} {prompt.removeprefix('How many ').split()[0]}.",
                CLOCK,
            )
        elif kind == 1:
            yield Draft(
                f"In which century was the year {year}?",
                f"{ordinal(century)} century",
                [f"{ordinal(c)} century" for c in spread(rng, century, 1, least=1, most=21)],
                JUNIOR,
                "medium",
                f"The {ordinal(century)} century ran from {(century - 1) * 100 + 1} to {century * 100}.",
                SOURCE,
            )
        elif kind == 2:
            born, age = rng.randint(1905, 2005), rng.randint(18, 90)
            yield Draft(
                f"Somebody was born in {born}. In which year do they turn {age}?",
                str(born + age),
                [str(v) for v in spread(rng, born + age, rng.choice((1, 10)))],
                (9, 120),
                "easy",
                f"{born} + {age} = {born + age}.",
                SOURCE,
            )
        else:
            seconds = rng.choice((90, 150, 200, 300, 500, 1000, 1500, 5000, 10_000, 100_000))
            minutes, rest = divmod(seconds, 60)
            hours, minutes = divmod(minutes, 60)
            text = span(hours, minutes, rest)
            yield Draft(
                f"How long are {seconds:,} seconds?",
                text,
                [
                    span(h, m, s)
                    for h, m, s in (
                        (hours, minutes + 1, rest),
                        (hours + 1, minutes, rest),
                        (hours, minutes, (rest + 20) % 60),
                        (hours, (minutes + 10) % 60, rest),
                    )
                    if (h, m, s) != (hours, minutes, rest)
                ],
                JUNIOR,
                "hard" if seconds > 500 else "medium",
                f"{seconds:,} seconds are {text}.",
                CLOCK,
            )


def span(hours: int, minutes: int, seconds: int) -> str:
    """A length of time in words."""
    return " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if n)


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


CITIES = {
    "London": "Europe/London", "New York": "America/New_York", "Tokyo": "Asia/Tokyo", "Sydney": "Australia/Sydney", "Paris": "Europe/Paris",
    "Los Angeles": "America/Los_Angeles", "Delhi": "Asia/Kolkata", "Beijing": "Asia/Shanghai", "Nairobi": "Africa/Nairobi", "Moscow": "Europe/Moscow",
    "Dubai": "Asia/Dubai", "Lagos": "Africa/Lagos", "Johannesburg": "Africa/Johannesburg", "Singapore": "Asia/Singapore", "Chicago": "America/Chicago",
    "Denver": "America/Denver", "Honolulu": "Pacific/Honolulu", "Reykjavik": "Atlantic/Reykjavik", "Buenos Aires": "America/Argentina/Buenos_Aires",
    "Bangkok": "Asia/Bangkok", "Kathmandu": "Asia/Kathmandu", "Auckland": "Pacific/Auckland", "Berlin": "Europe/Berlin", "Athens": "Europe/Athens", "Seoul": "Asia/Seoul",
}  # fmt: skip


def time_zones(rng: Random) -> Iterator[Draft]:
    """What the clocks say elsewhere, on a day of 2024, for which the rules are settled."""
    from zoneinfo import ZoneInfo

    while True:
        home, away = rng.sample(sorted(CITIES), 2)
        month = rng.choice((1, 7))
        moment = datetime(2024, month, 15, rng.randint(6, 22), 0, tzinfo=ZoneInfo(CITIES[home]))
        there = moment.astimezone(ZoneInfo(CITIES[away]))
        gap = int((there.replace(tzinfo=UTC) - moment.replace(tzinfo=UTC)).total_seconds() // 60)
        if gap == 0:
            continue
        show = "{0.hour}:{0.minute:02d}".format
        right = show(there)
        wrong = [show(there + timedelta(minutes=m)) for m in (-60, 60, -120, 120, 180, -180)] + [
            show(moment - timedelta(minutes=gap))
        ]
        ahead = f"{abs(gap) // 60} h" + (f" {abs(gap) % 60} min" if gap % 60 else "")
        yield Draft(
            rng.choice(
                (
                    f"In {MONTHS[month - 1]}, when the clocks in {home} say {show(moment)}, what time is it in {away}?",
                    f"You phone {away} from {home} on a {MONTHS[month - 1]} day at {show(moment)}. What does the clock there say?",
                )
            ),
            right,
            sorted(set(wrong) - {right, show(moment)}),
            TEEN,
            "hard" if abs(gap) > 180 else "medium",
            f"In {MONTHS[month - 1]}, {away} is {ahead} {'ahead of' if gap > 0 else 'behind'} {home}.",
            "Python zoneinfo (IANA time zones, 2024)",
        )
