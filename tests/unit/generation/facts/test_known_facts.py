"""Facts that everyone can look up. The bank must not contradict one of them, and must ask for most."""

import math
import re
import unicodedata

import pycountry
import pytest

from tests.unit.generation.facts.conftest import Find
from trivia.generation.facts import FactQuestion
from trivia.generation.facts.countries import countries, may_touch
from trivia.generation.facts.distances import distance_km
from trivia.generation.facts.planets import PLANETS, orbits

CAPITALS = {
    "Australia": "Canberra", "Canada": "Ottawa", "Brazil": "Brasília", "Türkiye": "Ankara", "Switzerland": "Bern", "New Zealand": "Wellington", "Kazakhstan": "Astana",
    "Nigeria": "Abuja", "Myanmar": "Naypyidaw", "Pakistan": "Islamabad", "Vietnam": "Hanoi", "Morocco": "Rabat", "Ecuador": "Quito", "Kenya": "Nairobi", "Norway": "Oslo",
    "Cuba": "Havana", "the Philippines": "Manila", "the United States": "Washington, D.C.", "China": "Beijing", "Ukraine": "Kyiv", "Mongolia": "Ulaanbaatar",
    "Ethiopia": "Addis Ababa", "Iceland": "Reykjavik", "Belize": "Belmopan", "Senegal": "Dakar", "Fiji": "Suva", "Nepal": "Kathmandu", "Iraq": "Baghdad",
}  # fmt: skip

KNOWN = [
    (r"chemical symbol of gold\b|symbol stands for gold\b|abbreviate gold\b", "Au"),
    (r"chemical symbol of iron\b|symbol stands for iron\b|abbreviate iron\b", "Fe"),
    (r"(?:symbol|What does|^) ?K (?:stand|is the symbol)|has the symbol K\?", "potassium"),
    (r"(?:symbol|What does|^) ?W (?:stand|is the symbol)|has the symbol W\?", "tungsten"),
    (r"atomic number of oxygen|in an atom of oxygen|oxygen: at which number", "8"),
    (r"atomic number 79\b|has 79 protons", "gold"),
    (r"formula of water\?|formula is water\b", "H₂O"),
    (r"third planet from the Sun", "Earth"),
    (r"between Venus and Mars", "Earth"),
    (r"[Mm]oon Titan\b|^Titan is a moon", "Saturn"),
    (r"[Mm]oon Phobos\b|^Phobos is a moon", "Mars"),
    (r"star Polaris|Polaris shine", "Ursa Minor"),
    (r"star Betelgeuse|Betelgeuse shine", "Orion"),
    (r"Tomato|means? “tomato” in Italian|“tomato” (?:in|called in) Italian|Italian word for “tomato”", "pomodoro"),
    (r"German word “Schmetterling”|In German, what is “Schmetterling”|“Schmetterling” in a German|German speaker says “Schmetterling”", "butterfly"),
    (r"“Suomi”", "Finland"),
    (r"“Hrvatska”", "Croatia"),
    (r"“Magyarország”", "Hungary"),
    (r"calls itself “Deutsch”|offers “Deutsch”|call it “Deutsch”", "German"),
    (r"status (?:code )?404\b", "Not Found"),
    (r"status (?:code )?418\b", "I'm a Teapot"),
    (r"(?:sides does an octagon|an octagon have)", "8"),
    (r"perfect fifth\?$", "7"),
    (r"sharps does the key of D major", "2"),
    (r"musicians play in a quartet", "4"),
    (r"feet are there in a mile|feet are there in one mile", "5,280"),
    (r"inches are there in a foot", "12"),
    (r"^Which letter follows alpha\b", "beta"),
    (r"third month of the year", "March"),
    (r"spotlight shine.*red and.*green|A green and a red spotlight|green and red light make together", "yellow"),
    (r"blue and yellow paint|yellow and blue paint|blue and yellow make|yellow and blue make", "green"),
    (r"shopping in Japan|money of Japan|pay with in Japan", "yen"),
    (r"shopping in Poland|money of Poland|pay with in Poland", "zloty"),
    (r"\+49\b", "Germany"),
    (r"“\.ch”", "Switzerland"),
    (r"“\.de”", "Germany"),
    (r"does the sign π|does π mean", "pi"),
    (r"corners of a cube|corners does a cube", "8"),
    (r"edges of a cube|edges does a cube", "12"),
]  # fmt: skip


def test_nothing_contradicts_a_known_capital(made: tuple[FactQuestion, ...]) -> None:
    asked = 0
    for q in made:
        for country, capital in CAPITALS.items():
            if re.search(rf"capital(?: city)? of {country}[?.]|government of {country} have", q.prompt):
                assert q.answer == capital, q
                asked += 1
            if re.search(
                rf"^{capital} is the capital of|has {capital} as its capital|land in {capital}, a capital", q.prompt
            ):
                assert q.answer == country.removeprefix("the "), q
                asked += 1
    assert asked >= 40


def test_nothing_contradicts_a_known_fact(made: tuple[FactQuestion, ...]) -> None:
    asked = set()
    for q in made:
        for expression, answer in KNOWN:
            if re.search(expression, q.prompt) and (answer in q.options or not q.answer[:1].isupper()):
                assert q.answer == answer, q
                asked.add(expression)
    assert len(asked) >= 25, [e for e, _ in KNOWN if e not in asked]


SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba "
    "La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt "
    "Ds Rg Cn Nh Fl Mc Lv Ts Og"
).split()
ROWS = (2, 10, 18, 36, 54, 86, 118)


def test_elements_stand_in_their_places(find: Find) -> None:
    number = {}
    for q, m in find("Chemistry", r"symbol (?:of|stands for) (?!which)(\w+)|abbreviate (\w+)"):
        number[m[1] or m[2]] = SYMBOLS.index(q.answer) + 1
    for q, m in find("Chemistry", r"has the symbol (\w+)\?|What does (\w+) stand|^(\w+) is the symbol"):
        number.setdefault(q.answer, SYMBOLS.index(m[1] or m[2] or m[3]) + 1)
    assert len(number) > 90
    for q, m in find("Chemistry", r"atomic number of (\w+)|in an atom of (\w+)|table is (\w+):"):
        name = m[1] or m[2] or m[3]
        assert number.get(name, int(q.answer)) == int(q.answer)
    for q, m in find("Chemistry", r"(?:atomic number|element has) (\d+)"):
        assert number.get(q.answer, int(m[1])) == int(m[1])
    for q, m in find("Chemistry", r"periodic table is (\w+)\?"):
        if m[1] in number:
            assert int(q.answer) == 1 + sum(number[m[1]] > last for last in ROWS)


def test_molecules_have_as_many_atoms_as_their_formula_says(find: Find) -> None:
    digits = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
    for q, m in find("Chemistry", r"(?:atoms does (\S+) show|The formula of .+ is (\S+)\. How many atoms)"):
        parts = re.findall(r"[A-Z][a-z]?(\d*)", (m[1] or m[2]).translate(digits))
        assert sum(int(p or 1) for p in parts) == int(q.answer), q


YEARS = {
    "Mercury": 0.2408,
    "Venus": 0.6152,
    "Earth": 1.0,
    "Mars": 1.8808,
    "Jupiter": 11.862,
    "Saturn": 29.457,
    "Uranus": 84.02,
    "Neptune": 164.8,
}


def test_planets_take_as_long_round_the_sun_as_almanacs_say() -> None:
    for planet, axis in orbits().items():
        assert math.isclose(axis**1.5, YEARS[planet], rel_tol=0.01), planet
    assert sorted(PLANETS, key=orbits().__getitem__) == list(PLANETS)


def test_ages_on_other_planets_are_counted_in_their_years(find: Find) -> None:
    for q, m in find(
        "Astronomy",
        r"You are (\d+) on Earth. How many (\w+) years|In (\d+) Earth years, about how many times does (\w+) go",
    ):
        exact = int(m[1] or m[3]) / YEARS[m[2] or m[4]]
        assert min(q.options, key=lambda o: abs(int(o) - exact)) == q.answer, q


def test_internet_endings_are_the_codes_of_another_list_of_countries(find: Find) -> None:
    for q, m in find("World Cultures", r"“\.(\w\w)”"):
        listed = pycountry.countries.get(alpha_2="GB" if m[1] == "uk" else m[1].upper())
        names = " ".join(
            filter(None, (listed.name, getattr(listed, "common_name", ""), getattr(listed, "official_name", "")))
        )
        assert words(names) & words(q.answer) or m[1] in ("ci", "cv"), (q.answer, names)


def words(text: str) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return {
        w
        for w in re.findall(r"[a-z]+", re.sub("[’'ʻ]", "", plain))
        if w not in ("the", "of", "and", "republic", "saint", "islands", "state")
    } or {text.lower()}


def test_currency_codes_are_those_of_another_list(find: Find) -> None:
    for q, m in find("World Cultures", r"(?:says|code|does) ([A-Z]{3})\b"):
        listed = pycountry.currencies.get(alpha_3=m[1])
        assert listed is not None, m[1]
        assert {w[:4] for w in words(listed.name)} & {w[:4] for w in words(q.answer)} or m[1] in (
            "BYN",
            "CNY",
            "PLN",
            "XAF",
            "XOF",
            "RUB",
            "XCD",
        ), (q.answer, listed.name)


def test_only_right_options_share_a_border(find: Find) -> None:
    by_name = {c.name: c for c in countries().values()}
    for q, m in find("Geography", r"(?:land border with|neighbour of|walk straight into) (?:the )?([^?]+?)\?"):
        if " and of " in m[1] or "any other" in m[1] or m[1] not in by_name:
            continue
        assert [o for o in q.options if may_touch(by_name[o], by_name[m[1]])] == [q.answer], q
    for country in countries().values():
        assert all(country.code in countries()[code].neighbours for code in country.neighbours)


KNOWN_BORDERS = [
    ("FR", "DE", True),
    ("ES", "PT", True),
    ("US", "MX", True),
    ("CN", "IN", True),
    ("AR", "CL", True),
    ("EG", "LY", True),
    ("NO", "SE", True),
    ("FR", "PT", False),
    ("DE", "HU", False),
    ("BR", "CL", False),
    ("JP", "CN", False),
    ("IR", "IN", False),
    ("KE", "EG", False),
]


@pytest.mark.parametrize(("one", "other", "touch"), KNOWN_BORDERS)
def test_known_borders(one: str, other: str, touch: bool) -> None:  # noqa: FBT001 - a row of a table
    assert (other in countries()[one].neighbours) == touch
    assert may_touch(countries()[one], countries()[other]) == touch


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ("FR", "GB", 344),
        ("JP", "US", 10_910),
        ("ES", "PT", 503),
        ("AU", "NZ", 2_328),
        ("EG", "KE", 3_540),
        ("DE", "RU", 1_609),
    ],
)
def test_distances_agree_with_published_ones(one: str, other: str, km: int) -> None:
    here, there = countries()[one].place, countries()[other].place
    assert here
    assert there
    assert distance_km(here, there) == pytest.approx(km, rel=0.02)


def test_no_question_asks_for_what_is_disputed_or_has_two_answers(made: tuple[FactQuestion, ...]) -> None:
    asked = [
        q
        for q in made
        if q.topic == "Geography" and re.search(r"capital(?: city)? of|its capital|capital of which", q.prompt)
    ]
    assert len(asked) > 200
    for place in (
        "Israel",
        "South Africa",
        "Bolivia",
        "Sri Lanka",
        "Eswatini",
        "Benin",
        "Burundi",
        "Taiwan",
        "Kosovo",
        "Palestine",
        "Western Sahara",
        "Jerusalem",
        "La Paz",
        "Pretoria",
    ):
        assert not [q for q in asked if place in f"{q.prompt} {q.answer}"], place
