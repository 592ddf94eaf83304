"""Dates, clocks, units and prices, calculated again in another way than the bank does it."""

import math
import re
from fractions import Fraction

from tests.unit.generation.facts.conftest import Find, number

MONTHS = "January February March April May June July August September October November December".split()


def zeller(day: int, month: int, year: int) -> str:
    """Zeller's congruence."""
    month, year = (month + 12, year - 1) if month < 3 else (month, year)
    names = "Saturday Sunday Monday Tuesday Wednesday Thursday Friday".split()
    return names[
        (day + 13 * (month + 1) // 5 + year % 100 + year % 100 // 4 + year // 100 // 4 + 5 * (year // 100)) % 7
    ]


DATE = r"(\d+) (January|February|March|April|May|June|July|August|September|October|November|December) (\d+)"


def julian(day: int, month: int, year: int) -> int:
    """Julian day number of a Gregorian date."""
    a = (14 - month) // 12
    y, m = year + 4800 - a, month + 12 * a - 3
    return day + (153 * m + 2) // 5 + 365 * y + y // 4 - y // 100 + y // 400 - 32045


def parsed(m: tuple[str, ...] | list[str]) -> tuple[int, int, int]:
    return int(m[0]), MONTHS.index(m[1]) + 1, int(m[2])


def test_weekdays_agree_with_zellers_congruence(find: Find) -> None:
    for q, m in find("Calendar and Time", rf"(?:which weekday was|day of the week did) {DATE}"):
        assert zeller(*parsed(m.groups()[-3:])) == q.answer, q
    for _, m in find("Calendar and Time", rf"^If {DATE} was a (\w+),"):
        assert zeller(*parsed(m.groups()[:3])) == m[4]


def test_leap_years_have_366_days_by_julian_day_numbers(find: Find) -> None:
    for q, _ in find("Calendar and Time", r"^(?:Which|In which) of these years"):
        assert [o for o in q.options if julian(1, 1, int(o) + 1) - julian(1, 1, int(o)) == 366] == [q.answer]


def test_days_between_dates_agree_with_julian_day_numbers(find: Find) -> None:
    for q, m in find(
        "Calendar and Time",
        rf"How many days after {DATE} is {DATE}|Counting from {DATE}, in how many days is it {DATE}",
    ):
        dates = [g for g in m.groups() if g]
        assert julian(*parsed(dates[3:])) - julian(*parsed(dates[:3])) == int(q.answer)
    for q, m in find("Calendar and Time", rf"Which date is (\d+) days after {DATE}"):
        for option in q.options:
            then = re.fullmatch(DATE, option)
            assert then
            assert (julian(*parsed(then.groups())) - julian(*parsed(m.groups()[1:])) == int(m[1])) == (
                option == q.answer
            )


def minutes(text: str) -> int:
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def test_lessons_last_as_long_as_the_clock_says(find: Find) -> None:
    for q, m in find("Calendar and Time", r"lesson runs from ([\d:]+) to ([\d:]+)"):
        assert (minutes(m[2]) - minutes(m[1])) % 1440 == number(q.answer)


OFFSETS = {
    "Tokyo": 9,
    "Delhi": 5.5,
    "Beijing": 8,
    "Nairobi": 3,
    "Dubai": 4,
    "Lagos": 1,
    "Johannesburg": 2,
    "Singapore": 8,
    "Honolulu": -10,
    "Reykjavik": 0,
    "Buenos Aires": -3,
    "Bangkok": 7,
    "Kathmandu": 5.75,
    "Seoul": 9,
    "Moscow": 3,
}


SUMMER = {
    "London": (0, 1),
    "Paris": (1, 2),
    "Berlin": (1, 2),
    "Athens": (2, 3),
    "New York": (-5, -4),
    "Chicago": (-6, -5),
    "Denver": (-7, -6),
    "Los Angeles": (-8, -7),
    "Sydney": (11, 10),
    "Auckland": (13, 12),
}


def test_clocks_elsewhere_show_what_a_table_of_offsets_gives(find: Find) -> None:
    for q, m in find(
        "Calendar and Time", r"In (\w+), when the clocks in ([\w ]+) say ([\d:]+), what time is it in ([\w ]+)\?"
    ):
        offset = {city: OFFSETS.get(city, SUMMER.get(city, (0, 0))[m[1] == "July"]) for city in (m[2], m[4])}
        assert (minutes(m[3]) + (offset[m[4]] - offset[m[2]]) * 60) % 1440 == minutes(q.answer), q


def test_centuries_end_with_the_year_that_is_full(find: Find) -> None:
    for q, m in find("Calendar and Time", r"century was the year (\d+)"):
        assert math.ceil(int(m[1]) / 100) == int(re.sub(r"\D", "", q.answer))


def test_temperatures_agree_with_the_formula_that_starts_at_minus_forty(find: Find) -> None:
    for q, m in find("Measures and Money", r"(−?\d+) °C(?: in degrees Fahrenheit|\. What would)"):
        assert [o for o in q.options if (number(m[1]) + 40) * Fraction(9, 5) - 40 == number(o)] == [q.answer]
    for q, m in find("Measures and Money", r"(−?\d+) °F in degrees Celsius"):
        assert [o for o in q.options if (number(m[1]) + 40) * Fraction(5, 9) - 40 == number(o)] == [q.answer]


def test_metric_units_differ_by_their_prefixes(find: Find) -> None:
    prefix = {"milli": -3, "centi": -2, "": 0, "hecto": 2, "kilo": 3}
    for q, m in find(
        "Measures and Money",
        r"(?:How many (milli|centi|kilo|hecto|)(metres|grams|litres) are ([\d,]+) (milli|centi|kilo|hecto|)(?:metres|grams|litres)\?)",
    ):
        assert number(q.answer) == number(m[3].replace(",", "")) * Fraction(10) ** (prefix[m[4]] - prefix[m[1]])


METRES = {
    "mm": 0.001,
    "cm": 0.01,
    "inch": 0.0254,
    "inches": 0.0254,
    "foot": 0.3048,
    "feet": 0.3048,
    "yard": 0.9144,
    "metre": 1,
    "kilometre": 1000,
    "mile": 1609.344,
    "nautical mile": 1852,
    "fathom": 1.8288,
    "furlong": 201.168,
    "hand (for horses)": 0.1016,
    "hands (for horses)": 0.1016,
}


def test_the_longest_and_the_shortest_distance_are_so_in_metres(find: Find) -> None:
    def metres(option: str) -> float:
        amount, unit = option.split(" ", 1)
        return int(amount) * (METRES[unit] if unit in METRES else METRES[unit.removesuffix("s")])

    for q, m in find("Measures and Money", r"the (longest|shortest) distance"):
        assert (max if m[1] == "longest" else min)(q.options, key=metres) == q.answer


def test_change_is_what_is_left(find: Find) -> None:
    for q, m in find("Measures and Money", r"\$(\d+\.\d\d)\D+\$(\d+\.\d\d)\D+\$(\d+\.\d\d)"):
        if "change" in q.prompt or "left of" in q.prompt:
            assert number(q.answer) == Fraction(m[3]) - Fraction(m[1]) - Fraction(m[2])
