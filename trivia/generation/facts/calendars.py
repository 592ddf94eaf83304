"""Days, dates, clocks, leap years and time zones; calculated."""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

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


def spoken(day: date) -> str:
    """A date as people say it."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_sequence(rng: Random) -> Iterator[Draft]:
    """Days and months before and after, for children."""
    while True:
        names, what = rng.choice(((DAYS, "day"), (MONTHS, "month")))
        i, steps = rng.randrange(len(names)), rng.choice((-2, -1, 1, 2, 3))
        right = names[(i + steps) % len(names)]
        where = {-2: "two {}s before", -1: "right before", 1: "right after", 2: "two {}s after", 3: "three {}s after"}[
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
        right = DAYS[(i + days) % 7]
        yield Draft(
            rng.choice(
                (
                    f"If today is {DAYS[i]}, which day of the week is it in {days} days?",
                    f"A parcel is sent on a {DAYS[i]} and takes {days} days. On which day does it arrive?",
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
        year = rng.randint(1900, 2099)
        day = date(year, rng.randint(1, 12), rng.randint(1, 28))
        name = DAYS[day.weekday()]
        if rng.random() < 0.6:
            other = day.replace(day=rng.randint(1, 28))
            if abs((other - day).days) < 3 or (other - day).days % 7 == 0:
                continue
            prompt = f"In {MONTHS[day.month - 1]} {year}, day {other.day} is a {DAYS[other.weekday()]}. Which weekday is day {day.day}?"
            wrong = [d for d in DAYS if d not in (name, DAYS[other.weekday()])]
            ages: Ages = (8, 120)
            difficulty: Difficulty = "medium"
        else:
            prompt = rng.choice(
                (
                    f"On which day of the week does {spoken(day)} fall?",
                    f"Calendar wizards only: which weekday is {spoken(day)}?",
                )
            )
            wrong, ages, difficulty = [d for d in DAYS if d != name], TEEN, "hard"
        yield Draft(prompt, name, wrong, ages, difficulty, f"{spoken(day)} is a {name}.", SOURCE)


def is_leap(year: int) -> bool:
    """Every fourth year, but of the full centuries only every fourth."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def leap_years(rng: Random) -> Iterator[Draft]:
    """Leap years among others."""
    while True:
        low = rng.choice((1600, 1800, 1900, 2000, 2100))
        right = rng.choice([y for y in range(low, low + 101) if is_leap(y)])
        wrong = (
            [y for y in (1700, 1800, 1900, 2100, 2200, 2300) if abs(y - right) < 300]
            if rng.random() < 0.3
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
            "hard" if any(y % 100 == 0 for y in wrong[:4]) else "medium" if right % 2 else "easy",
            f"{right} is a leap year with 366 days.",
            SOURCE,
        )


def month_lengths(rng: Random) -> Iterator[Draft]:
    """Thirty days hath September."""
    lengths = {m: calendar.monthrange(2023, i + 1)[1] for i, m in enumerate(MONTHS)}
    long, short = [m for m in MONTHS if lengths[m] == 31], [m for m in MONTHS if lengths[m] == 30]
    for month in shuffled(rng, MONTHS):
        if month != "February":
            others = short + ["February"] if month in long else long + ["February"]
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


def clock(rng: Random) -> Iterator[Draft]:
    """Clock times, durations, hands."""
    while True:
        minutes = rng.randrange(60, 1380, 5)
        length = rng.choice((15, 20, 25, 35, 40, 45, 50, 75, 80, 90, 95, 110, 135, 150))
        begin, end = divmod(minutes, 60), divmod((minutes + length) % 1440, 60)
        show = "{}:{:02d}".format
        kind = rng.randrange(5)
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
                        f"A film starts at {show(*begin)} and lasts {long}. When does it end?",
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
            hour = rng.randint(1, 11)
            angle = min(hour * 30, 360 - hour * 30)
            yield Draft(
                f"What is the smaller angle between the hands of a clock at {NUMBERS[hour]} o'clock?",
                f"{angle}°",
                [f"{n}°" for n in spread(rng, angle, 15 if angle < 60 else 30, least=15)],
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
                [f"{ordinal(c)} century" for c in spread(rng, century, 1, least=1)],
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
        Template(day_sequence, 70),
        Template(later_weekday, 55),
        Template(weekday_of, 75),
        Template(leap_years, 40),
        Template(month_lengths, 60),
        Template(days_between, 60),
        Template(clock, 120),
        Template(durations, 80),
        Template(time_zones, 50),
        Template(zodiac, 35),
    ),
)
