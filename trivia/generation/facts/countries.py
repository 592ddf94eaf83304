"""Countries as the geography and culture templates need them, from countryinfo's tables with names and currencies from CLDR (babel).

Countryinfo's figures are some years old and a few of its entries are wrong or disputed. They were compared once with a second gazetteer;
what disagreed is left out by the sets below, and templates compare figures only across gaps that no error bridges.
"""

from datetime import date
from functools import cache
from typing import Any

import msgspec

from trivia.generation.facts import cldr
from trivia.generation.facts.core import Ages, Difficulty, version_of

UNITED_NATIONS = frozenset(
    (
        "AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU CV CY CZ DE "
        "DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW GY HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG "
        "KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP "
        "NR NZ OM PA PE PG PH PK PL PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR "
        "TT TV TZ UA UG US UY UZ VC VE VN VU WS YE ZA ZM ZW"
    ).split()
)
"""Member states; territories and states whose standing is disputed are not asked about."""

WITHOUT_CAPITAL = frozenset("IL BI BJ BO GQ ID LK NR SG MC SM SZ YE ZA MY NL CI KI TZ".split())
"""Several capitals, none, a disputed, a moved or moving one, or a city that is the country."""

WITHOUT_AREA = frozenset("BH BT FR KM OM RS MC SA MA IL SD IN CN UA RU PK AZ GE CY".split())
"""Area depends on the source by a third or more, or on a frontier that is disputed."""

WITHOUT_POPULATION = frozenset("IE SY SS LB JO AF MV SO CY UA VE ER PG QA AE BH KP".split())
"""Population that moved far, or that sources disagree on."""

WITHOUT_CURRENCY = frozenset("BG ZW HT BT CU KH CH PA SV LS NA TL EC KP SS VE".split())
"""Two legal tenders, another country's money, or a change under way."""

NEAR_NEIGHBOURS = frozenset(
    frozenset(pair.split("-"))
    for pair in (
        "BW-ZM IN-LK IN-AF MM-BT MM-IN MM-LA KW-IR KW-IQ CN-NP TD-SS TD-SD SR-FR CU-US CY-GB EG-PS IL-PS JO-PS CN-HK SD-SS SD-CF ES-MA ES-GB "
        "MA-DZ CA-DK NL-FR FR-BR FR-SR SG-MY BH-SA RS-AL IL-SY IL-LB GE-RU AM-AZ ZA-MZ NA-ZW NA-ZM RU-UA BN-MY KP-RU AE-QA PK-IN ER-ET "
        "AZ-TR GB-FR GB-ES GB-CY UG-CD"
    ).split()
)
"""Pairs that touch by a river junction, an enclave, overseas land or not at all, according to whom one asks: neither neighbours nor not."""

NAMES = {
    "CD": "Democratic Republic of the Congo",
    "CG": "Republic of the Congo",
    "CI": "Ivory Coast",
    "MM": "Myanmar",
    "KR": "South Korea",
    "KP": "North Korea",
    "US": "United States",
    "VC": "Saint Vincent and the Grenadines",
}

WITH_ARTICLE = frozenset("AE BS CD CF CG DO GB GM KM MH MV NL PH SB SC US".split())

CAPITALS = {
    "US": "Washington, D.C.",
    "VA": "Vatican City",
    "AG": "St. John's",
    "KZ": "Astana",
    "UA": "Kyiv",
    "MD": "Chișinău",
    "MN": "Ulaanbaatar",
}
"""Spellings current in English where countryinfo has another."""

COORDINATES_WRONG = frozenset("AG BR GD TL TN".split())
"""Countryinfo places these capitals elsewhere."""

WELL_KNOWN = frozenset(
    "US GB FR DE IT ES JP CN IN AU CA BR MX EG RU GR TR IE PT NL SE NO KR AR NZ ZA CH AT PL DK BE".split()
)
LITTLE_KNOWN = frozenset(
    (
        "AD AG BB BF BJ BN BT BW BZ CF CG CV DJ DM ER FM GA GD GM GN GQ GW GY KG KI KM KN LC LI LR LS MH ML MR MW NE NR PW RW SB SC SL SM SN "
        "SR SS ST SZ TD TG TJ TL TM TO TV TT VC VU WS SI MD ME MK LV BI BS MU MV"
    ).split()
)


class Country(msgspec.Struct, frozen=True):
    """One member state; what may not be asked for is empty or zero.

    `place` is the capital's latitude and longitude in degrees, `area` is in square kilometres.
    """

    code: str
    name: str
    in_text: str
    capital: str
    place: tuple[float, float] | None
    continent: str
    region: str
    area: int
    population: int
    neighbours: frozenset[str]
    calling_code: str
    currency: str

    @property
    def at_start(self) -> str:
        """Its name at the beginning of a sentence."""
        return self.in_text[0].upper() + self.in_text[1:]

    @property
    def ages(self) -> Ages:
        """Who may be expected to have heard of it."""
        return (7, 120) if self.code in WELL_KNOWN else (10, 120) if self.code not in LITTLE_KNOWN else (12, 120)

    @property
    def difficulty(self) -> Difficulty:
        """How well it is known."""
        return "easy" if self.code in WELL_KNOWN else "medium" if self.code not in LITTLE_KNOWN else "hard"


def _continent(region: str, subregion: str, intermediate: str) -> str:
    if region != "Americas":
        return region
    return "South America" if intermediate == "South America" else "North America" if subregion else ""


ON_TWO_CONTINENTS = frozenset("RU TR KZ AZ GE AM CY EG TL PA".split())


@cache
def countries() -> dict[str, Country]:
    """Member states by their two-letter code, in the order of the codes."""
    from babel.numbers import get_territory_currencies
    from countryinfo import all_countries

    tables: dict[str, dict[str, Any]] = {}
    for country in all_countries():
        table: dict[str, Any] = {**country.info()}
        if table.get("region") and table.get("ISO", {}).get("alpha2") in UNITED_NATIONS:
            tables[table["ISO"]["alpha2"]] = table
    alpha2 = {table["ISO"]["alpha3"]: code for code, table in tables.items()}
    touching = {code: {alpha2[b] for b in table.get("borders", []) if b in alpha2} for code, table in tables.items()}
    result = {}
    for code, table in sorted(tables.items()):
        name = NAMES.get(code) or cldr.territory("en", code).replace("&", "and").replace("St.", "Saint").replace(
            "’", "'"
        )
        latitude, longitude = table["capital_latlng"]
        tender = get_territory_currencies(code, start_date=date(2025, 7, 1), end_date=date(2025, 7, 1))
        calling = table.get("callingCodes") or []
        result[code] = Country(
            code=code,
            name=name,
            in_text=f"the {name}" if code in WITH_ARTICLE else name,
            capital="" if code in WITHOUT_CAPITAL else CAPITALS.get(code, table.get("capital") or ""),
            place=None if code in COORDINATES_WRONG | WITHOUT_CAPITAL else (float(latitude), float(longitude)),
            continent=""
            if code in ON_TWO_CONTINENTS
            else _continent(table["region"], table["subregion"], table.get("intermediateregion", "")),
            region=table.get("intermediateregion") or table["subregion"],
            area=0 if code in WITHOUT_AREA else int(table["area"]),
            population=0 if code in WITHOUT_POPULATION else int(table["population"]),
            neighbours=frozenset(
                b for b in touching[code] if code in touching[b] and frozenset((b, code)) not in NEAR_NEIGHBOURS
            ),
            calling_code=calling[0] if len(calling) == 1 else "",
            currency=tender[0] if len(tender) == 1 and code not in WITHOUT_CURRENCY else "",
        )
    return result


def states() -> list[Country]:
    """All of them, in the order of the codes."""
    return list(countries().values())


def may_touch(one: Country, other: Country) -> bool:
    """Whether the two have, or by some source may have, a common border."""
    return (
        other.code in one.neighbours
        or one.code in other.neighbours
        or frozenset((one.code, other.code)) in NEAR_NEIGHBOURS
    )


def source() -> str:
    """Where the tables come from."""
    return f"{version_of('countryinfo')}; {cldr.source()}"
