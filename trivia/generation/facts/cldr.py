"""Names of countries, languages, currencies, months and days in many languages, from CLDR as babel ships it."""

from functools import cache
from typing import TYPE_CHECKING

from trivia.generation.facts.core import version_of

if TYPE_CHECKING:
    from babel import Locale


@cache
def _locale(language: str) -> "Locale":
    from babel import Locale

    return Locale(language)


def territory(language: str, code: str) -> str:
    """What the language calls a country."""
    return str(_locale(language).territories[code])


def language_name(code: str, language: str = "en") -> str:
    """What one language calls another, in English unless told; Norwegian is not told apart by its ways of writing."""
    return str(_locale(language).languages["no" if (code, language) == ("nb", "en") else code])


def currency(code: str) -> str:
    """A currency's English name."""
    return str(_locale("en").currencies[code])


@cache
def months(language: str) -> tuple[str, ...]:
    """January to December as they stand alone."""
    names = _locale(language).months["stand-alone"]["wide"]
    return tuple(names[n] for n in range(1, 13))


@cache
def days(language: str) -> tuple[str, ...]:
    """Monday to Sunday as they stand alone."""
    names = _locale(language).days["stand-alone"]["wide"]
    return tuple(names[n] for n in range(7))


@cache
def language_use(language: str) -> dict[str, tuple[bool, float]]:
    """For each territory where the language is spoken: whether it has any official standing, and by how many per cent of the people."""
    from babel.core import get_global

    table = get_global("territory_languages")
    return {
        code: (bool(spoken[language].get("official_status")), float(spoken[language].get("population_percent") or 0))
        for code, spoken in table.items()
        if language in spoken
    }


@cache
def official_everywhere(language: str) -> frozenset[str]:
    """Territories where the language is official for the whole of them."""
    from babel.core import get_global

    table = get_global("territory_languages")
    full = ("official", "de_facto_official")
    return frozenset(code for code, spoken in table.items() if spoken.get(language, {}).get("official_status") in full)


def source() -> str:
    """Where the names come from."""
    return f"{version_of('babel')} (CLDR)"
