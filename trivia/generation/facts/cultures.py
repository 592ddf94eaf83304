"""Money, official languages, country names at home, telephone and internet codes."""

from collections import Counter
from collections.abc import Iterator
from random import Random

from trivia.generation.facts import cldr
from trivia.generation.facts.core import (
    FAMILY,
    JUNIOR,
    TEEN,
    WRONG_OPTIONS,
    Draft,
    Subject,
    Template,
    shared_start,
    shuffled,
    version_of,
)
from trivia.generation.facts.countries import LITTLE_KNOWN, WELL_KNOWN, Country, countries, source, states
from trivia.generation.facts.vocabulary import alike, resembles


def _near(country: Country, among: list[Country]) -> list[Country]:
    near = [c for c in among if c is not country and (c.continent or c.region) == (country.continent or country.region)]
    return near if len(near) > 5 else [c for c in among if c is not country]


def _unit(name: str) -> str:
    """The noun of a currency's name: krone for Danish krone."""
    words = name.split()
    return " ".join(words[-2:]) if words[-1].lower() in ("mark", "dram", "oro") or words[-1] == "rights" else words[-1]


def _units() -> dict[str, str]:
    return {c.code: _unit(cldr.currency(c.currency)).lower() for c in states() if c.currency}


def money(rng: Random) -> Iterator[Draft]:
    """Country to the unit of its money."""
    units = _units()
    counted = Counter(units.values())
    for code, unit in shuffled(rng, units.items()):
        country = countries()[code]
        if shared_start(country.name, unit):
            continue
        pool = sorted({units[c.code] for c in _near(country, [countries()[k] for k in units])} - {unit})
        pool = pool if len(pool) > 4 else sorted(set(units.values()) - {unit})
        yield Draft(
            rng.choice(
                (
                    "You are shopping in {}. What are the prices in?",
                    "What is the money of {} called?",
                    "Which unit of money do people pay with in {}?",
                )
            ).format(country.in_text),
            unit,
            [u for u in pool if alike(u, unit) < 0.6],
            country.ages,
            "easy" if country.code in WELL_KNOWN else "medium" if counted[unit] > 1 else "hard",
            f"People in {country.in_text} pay with the {unit}.",
            source(),
            f"money {code}",
        )


def money_country(rng: Random) -> Iterator[Draft]:
    """Unit of money to the only one of four countries that has it."""
    units = _units()
    for code, unit in shuffled(rng, units.items()):
        country = countries()[code]
        if shared_start(country.name, unit):
            continue
        wrong = [
            c.name
            for c in _near(country, [countries()[k] for k in units])
            if units[c.code] != unit and alike(units[c.code], unit) < 0.7
        ]
        yield Draft(
            rng.choice(
                (
                    "In which of these countries is the currency called the {}?",
                    "Where would you pay with the {}?",
                    "Which of these countries has money called the {}?",
                )
            ).format(unit),
            country.name,
            wrong,
            country.ages,
            "easy" if country.code in WELL_KNOWN else "hard" if country.code in LITTLE_KNOWN else "medium",
            f"The currency of {country.in_text} is the {unit}.",
            source(),
            f"money {code}",
        )


def euro_or_dollar(rng: Random) -> Iterator[Draft]:
    """Who shares a currency with its neighbours and who does not."""
    members = [c for c in states() if c.currency == "EUR"]
    others = [c for c in states() if c.continent == "Europe" and c.currency and c.currency != "EUR"]
    for country in shuffled(rng, members):
        yield Draft(
            rng.choice(
                ("Which of these countries uses the euro?", "In which of these countries can you pay with euro coins?")
            ),
            country.name,
            [c.name for c in others],
            FAMILY,
            "medium",
            f"{country.name} uses the euro.",
            source(),
        )


MISSPELT = {"Guyanaese": "Guyanese", "Kyrgystani": "Kyrgyzstani"}
"""As CLDR writes them, and as others do."""


def _in_text(code: str) -> str:
    """A currency's name as it stands in a sentence: Polish zloty, euro."""
    *country, unit = cldr.currency(code).replace("&", "and").replace("New Shekel", "Shekel").split()
    return " ".join((*[MISSPELT.get(word, word) for word in country], unit.lower()))


LONG_NAME = 28


def currency_code(rng: Random) -> Iterator[Draft]:
    """Three-letter code to currency."""
    # A long name would stick out.
    codes = sorted({c.currency for c in states() if c.currency and len(_in_text(c.currency)) < LONG_NAME})
    for code in shuffled(rng, codes):
        name = _in_text(code)
        alikes = [_in_text(c) for c in codes if c != code and c[0] == code[0]]
        if name[0] == code[0]:
            # Or the first letter would tell.
            alikes = [other for other in alikes if other[0] == code[0]]
        if len(alikes) < WRONG_OPTIONS or _initials(name)[:2] == code[:2].lower():
            continue
        yield Draft(
            rng.choice(
                (
                    "A price tag says {}. Which currency is that?",
                    "Which currency has the international code {}?",
                    "At the exchange counter, which money does {} stand for?",
                )
            ).format(code),
            name,
            alikes,
            TEEN,
            "easy"
            if code in ("USD", "EUR", "GBP", "JPY", "AUD", "CAD", "INR")
            else "medium"
            if code[0] == name[0]
            else "hard",
            f"{code} is the code of the {name}.",
            cldr.source(),
        )


UNSETTLED = {
    "fr": "DZ MA MU TN BF ML NE LB".split(),
    "en": "MG SD ER US GB AU NZ".split(),
    "ar": "IL ER SS".split(),
    "ru": ["UA"],
}
"""Countries where CLDR's view of a language is out of date or disputed, or no law says so: neither right nor wrong."""


def official_language(rng: Random) -> Iterator[Draft]:
    """Where a language has official standing."""
    widespread = "es fr pt ar en de nl ru sw ms fa it ta tr".split()
    for language, country in shuffled(rng, [(language, c) for language in widespread for c in states()]):
        name, use, unsettled = cldr.language_name(language), cldr.language_use(language), UNSETTLED.get(language, [])
        official = cldr.official_everywhere(language)
        if country.code not in official or country.code in unsettled or shared_start(country.name, name, 3):
            continue
        elsewhere = [
            c.name
            for c in _near(country, states())
            if use.get(c.code, (False, 0.0)) < (False, 10.0) and c.code not in unsettled
        ]
        yield Draft(
            rng.choice(
                (
                    "In which of these countries is {} an official language?",
                    "{} is an official language of which of these countries?",
                    "Where is {} an official language?",
                )
            ).format(name),
            country.name,
            elsewhere,
            JUNIOR if country.code in WELL_KNOWN else TEEN,
            "easy" if country.code in WELL_KNOWN else "medium" if country.code not in LITTLE_KNOWN else "hard",
            f"{name} is an official language of {country.in_text}.",
            cldr.source(),
        )


HOME = (
    "FI/fi HU/hu HR/hr AL/sq GR/el DE/de AT/de SE/sv NO/nb EE/et LT/lt LV/lv PL/pl CZ/cs SK/sk SI/sl RO/ro BG/bg RU/ru UA/uk GE/ka AM/hy TR/tr JP/ja "
    "CN/zh KR/ko TH/th VN/vi IN/hi EG/ar MA/ar DZ/ar IR/fa IE/ga IS/is DK/da NL/nl ES/es IT/it MN/mn KE/sw TZ/sw ET/am KH/km LA/lo MM/my NP/ne BD/bn "
    "UZ/uz KZ/kk AZ/az MK/mk BY/be RS/sr MT/mt PK/ur LK/si TM/tk KG/ky JO/ar IQ/ar TN/ar LB/ar SY/ar LY/ar SA/ar ZA/zu CH/de BE/nl PT/pt BR/pt MX/es FR/fr"
).split()


def name_at_home(rng: Random) -> Iterator[Draft]:
    """Countries under the name that they use themselves."""
    for pair in shuffled(rng, HOME):
        code, language = pair.split("/")
        country, word = countries()[code], cldr.territory(language, code)
        if resembles(word, country.name):
            continue
        other_script = not word.isascii() and sum(ord(c) > 0x24F for c in word) > 1
        pool = [p.split("/") for p in HOME]
        same_kind = [
            countries()[c].name
            for c, lang in pool
            if c != code and lang != language and (lang in SCRIPTS) == other_script
        ]
        yield Draft(
            rng.choice(
                (
                    "Which country calls itself “{}”?",
                    "A stamp is printed with “{}”. Which country does it come from?",
                    "Which country's own name is “{}”?",
                )
            ).format(word),
            country.name,
            same_kind,
            FAMILY if code in WELL_KNOWN and not other_script else JUNIOR,
            "easy"
            if code in ("DE", "JP", "GR", "CN", "FI")
            else "medium"
            if code in WELL_KNOWN or code in ("HU", "FI", "HR")
            else "hard",
            f"“{word}” is the {cldr.language_name(language)} name of {country.in_text}.",
            cldr.source(),
        )


SCRIPTS = frozenset("el bg ru uk ka hy ja zh ko th hi ar fa mn am km lo my ne bn kk mk be sr ur si ky".split())


def dialling(rng: Random) -> Iterator[Draft]:
    """International telephone codes."""
    known = [
        c
        for c in states()
        if c.calling_code and len(c.calling_code) <= 3 and c.code not in ("US", "CA", "RU", "KZ", "VA", "IT", "GB")
    ]
    for country in shuffled(rng, [c for c in known if c.code not in LITTLE_KNOWN]):
        near = [
            c
            for c in known
            if c is not country
            and c.calling_code != country.calling_code
            and (c.continent or c.region) == (country.continent or country.region)
        ]
        forward = rng.random() < 0.5
        if len(near) < 4:
            continue
        yield Draft(
            rng.choice(
                (
                    "Your phone shows a call from +{}. Which country is it from?",
                    "Which country do you reach by dialling +{}?",
                )
            ).format(country.calling_code)
            if forward
            else f"Which code do you dial to call {country.in_text} from abroad?",
            country.name if forward else f"+{country.calling_code}",
            [c.name if forward else f"+{c.calling_code}" for c in near],
            TEEN,
            "medium" if country.code in WELL_KNOWN else "hard",
            f"+{country.calling_code} is the telephone code of {country.in_text}.",
            version_of("countryinfo"),
        )


def _initials(name: str) -> str:
    return "".join(word[0].lower() for word in name.split())


def internet_ending(rng: Random) -> Iterator[Draft]:
    """Country endings of internet addresses, where these are not just the beginning of the name."""
    for country in shuffled(rng, states()):
        ending = "uk" if country.code == "GB" else country.code.lower()
        plain = country.name.lower().replace(" ", "")
        if plain.startswith(ending) or ending == _initials(country.name) or country.code in ("SU", "KP"):
            continue
        alikes = [c.name for c in states() if c is not country and c.name[0].lower() == ending[0]]
        if ending[0] == plain[0] and len(alikes) < WRONG_OPTIONS:
            continue  # its first letter would tell
        wrong = alikes if len(alikes) >= WRONG_OPTIONS else [c.name for c in _near(country, states())]
        yield Draft(
            rng.choice(
                (
                    "Web addresses of which country end in “.{}”?",
                    "You are on a website ending in “.{}”. Which country is that ending for?",
                )
            ).format(ending),
            country.name,
            wrong,
            JUNIOR if country.code in WELL_KNOWN else TEEN,
            "easy" if country.code in WELL_KNOWN else "medium" if ending[0] == plain[0] else "hard",
            f"“.{ending}” is the internet ending of {country.in_text}.",
            version_of("countryinfo"),
        )


SUBJECT = Subject(
    "World Cultures",
    (
        Template(money, 50),
        Template(money_country, 40),
        Template(euro_or_dollar, 12),
        Template(currency_code, 15),
        Template(official_language, 50),
        Template(name_at_home, 44),
        Template(dialling, 12),
        Template(internet_ending, 35),
    ),
)
