"""Words, months, days and country names in other languages, and what languages call themselves."""

from collections.abc import Iterator
from random import Random

from trivia.generation.facts import cldr
from trivia.generation.facts.core import (
    FAMILY,
    JUNIOR,
    TEEN,
    Difficulty,
    Draft,
    Subject,
    Template,
    article,
    shuffled,
)
from trivia.generation.facts.countries import LITTLE_KNOWN, WELL_KNOWN, countries
from trivia.generation.facts.vocabulary import LANGUAGES, LIKE_ENGLISH, Thing, alike, resembles, source, things

TOO_ALIKE = 0.6
"""From this likeness on, two words might be taken for one."""


def _words() -> list[tuple[str, Thing]]:
    """Each language with each thing whose name there does not look English."""
    return [
        (code, thing)
        for code in LANGUAGES
        for thing in things()
        if code in thing.words and not resembles(thing.words[code], thing.name)
    ]


def _others(thing: Thing, code: str) -> list[Thing]:
    """Things of the same kind whose word in the language is another and no near double."""
    word = thing.words[code]
    return [
        t
        for t in things()
        if t.group == thing.group and t is not thing and code in t.words and alike(t.words[code], word) < TOO_ALIKE
    ]


def _foreign(thing: Thing, code: str) -> list[str]:
    """The words of such things, but for those that say in English what they are."""
    return [t.words[code] for t in _others(thing, code) if not resembles(t.words[code], t.name)]


def _difficulty(code: str) -> Difficulty:
    return "easy" if code in ("es", "fr", "de") else "medium" if code in ("it", "pt") else "hard"


def meaning(rng: Random) -> Iterator[Draft]:
    """Foreign word to English."""
    for code, thing in shuffled(rng, _words()):
        word = thing.words[code]
        prompt = rng.choice(
            (
                "What does the {0} word “{1}” mean?",
                "In {0}, what is “{1}”?",
                "{A} {0} speaker points and says “{1}”. What do they see?",
                "You read “{1}” in {a} {0} book. What is it in English?",
            )
        )
        yield Draft(
            prompt.format(LANGUAGES[code], word, a=article(LANGUAGES[code]), A=article(LANGUAGES[code]).capitalize()),
            thing.name,
            [t.name for t in _others(thing, code)],
            FAMILY if code in ("es", "fr", "de") else JUNIOR,
            _difficulty(code),
            f"“{word}” is {LANGUAGES[code]} for “{thing.name}”.",
            source(),
            f"word {code} {thing.name}",
        )


def translation(rng: Random) -> Iterator[Draft]:
    """English word to a foreign one."""
    for code, thing in shuffled(rng, _words()):
        prompt = rng.choice(
            (
                "How do you say “{1}” in {0}?",
                "Which of these is the {0} word for “{1}”?",
                "What is “{1}” called in {0}?",
            )
        )
        yield Draft(
            prompt.format(LANGUAGES[code], thing.name),
            thing.words[code],
            _foreign(thing, code),
            FAMILY if code in ("es", "fr", "de") else JUNIOR,
            "medium" if _difficulty(code) == "easy" else "hard",
            f"“{thing.name}” is “{thing.words[code]}” in {LANGUAGES[code]}.",
            source(),
            f"word {code} {thing.name}",
        )


def picture(rng: Random) -> Iterator[Draft]:
    """Foreign word to picture."""
    for code, thing in shuffled(rng, [pair for pair in _words() if pair[0] in ("es", "fr", "de", "it")]):
        yield Draft(
            rng.choice(
                (
                    "Which picture shows what “{1}” means in {0}?",
                    "“{1}” is {a} {0} word. Which picture fits?",
                    "Point to the {0} “{1}”!",
                )
            ).format(LANGUAGES[code], thing.words[code], a=article(LANGUAGES[code])),
            thing.picture,
            [t.picture for t in _others(thing, code)],
            (6, 14),
            "easy",
            f"“{thing.words[code]}” is {LANGUAGES[code]} for “{thing.name}”.",
            source(),
            f"word {code} {thing.name}",
        )


def which_language(rng: Random) -> Iterator[Draft]:
    """Foreign word to its language."""
    for code, thing in shuffled(rng, _words()):
        word = thing.words[code]
        different = [c for c in LANGUAGES if c in thing.words and alike(thing.words[c], word) < LIKE_ENGLISH]
        yield Draft(
            rng.choice(
                (
                    "In which language is “{0}” the word for “{1}”?",
                    "“{0}” means “{1}” in which of these languages?",
                    "Which of these languages has the word “{0}” for “{1}”?",
                )
            ).format(word, thing.name),
            LANGUAGES[code],
            [LANGUAGES[c] for c in different],
            JUNIOR,
            "medium",
            f"“{word}” is {LANGUAGES[code]} for “{thing.name}”.",
            source(),
            f"word {code} {thing.name}",
        )


CALENDAR_LANGUAGES = "es fr de it nl sv fi pl cs hu tr id eu cy hr".split()


def calendar_word(rng: Random) -> Iterator[Draft]:
    """Months and days of the week in other languages."""
    cells = [
        (code, kind, n)
        for code in CALENDAR_LANGUAGES
        for kind, count in (("months", 12), ("days", 7))
        for n in range(1, count + 1)
    ]
    for code, kind, number in shuffled(rng, cells):
        table = cldr.months if kind == "months" else cldr.days
        ours, names = table("en"), table(code)
        word, meant, language = names[number - 1], ours[number - 1], cldr.language_name(code)
        if resembles(word, meant) or names.count(word) > 1:
            continue
        what = "month" if kind == "months" else "day of the week"
        yield Draft(
            rng.choice(
                (
                    "Which {what} is “{word}” in {language}?",
                    "{A} {language} calendar says “{word}”. Which {what} is that?",
                    "Which {what} do {language} speakers call “{word}”?",
                )
            ).format(what=what, word=word, language=language, A=article(language).capitalize()),
            meant,
            [name for name in ours if name != meant],
            JUNIOR if code in ("es", "fr", "de", "it", "nl", "sv") else TEEN,
            "easy"
            if code in ("es", "fr", "de")
            else "medium"
            if code in ("it", "nl", "sv", "pl", "tr", "id")
            else "hard",
            f"“{word}” is {language} for {meant}.",
            cldr.source(),
        )


SELF_NAMED = (
    "de es fr it pt nl sv da fi is et lv lt pl cs sk hu ro hr sl sq tr el bg ru uk ka hy he ar fa ur hi bn ta th ko ja zh vi id sw cy ga gd eu ca mt af so "
    "am km lo my mn ne si te kn ml gu pa az uz lb fy br gl mi haw yo zu xh ha ig"
).split()
SCRIPTS = frozenset("el bg ru uk ka hy he ar fa ur hi bn ta th ko ja zh am km lo my mn ne si te kn ml gu pa".split())


def self_name(rng: Random) -> Iterator[Draft]:
    """A language's own name to its English one."""
    for code in shuffled(rng, SELF_NAMED):
        word = cldr.language_name(code, code)
        if not word or resembles(word, cldr.language_name(code)):
            continue
        pool = [c for c in SELF_NAMED if c != code and (c in SCRIPTS) == (code in SCRIPTS)]
        if code in ("hi", "ne"):
            pool = [c for c in pool if c not in ("hi", "ne")]
        yield Draft(
            rng.choice(
                (
                    "Which language calls itself “{}”?",
                    "Which language do its own speakers call “{}”?",
                    "A language menu offers “{}”. Which language is that?",
                )
            ).format(word),
            cldr.language_name(code),
            [cldr.language_name(c) for c in pool],
            JUNIOR if code in ("de", "es", "fi", "el", "ja", "zh", "ru", "ko") else TEEN,
            "easy"
            if code in ("de", "es", "fr", "el", "ru", "ja", "zh", "ko", "ar")
            else "medium"
            if code in ("fi", "hu", "he", "hi", "th", "sw", "cy", "hr", "sq")
            else "hard",
            f"“{word}” is what {cldr.language_name(code)} is called in the language itself.",
            cldr.source(),
        )


ALSO_CALLED = {"US": ["United States of America"], "GB": ["Great Britain"], "CZ": ["Czech Republic"], "NL": ["Holland"]}
"""What else a country is called in English."""


def exonym(rng: Random) -> Iterator[Draft]:
    """Countries as other languages call them."""
    codes = "fr de es it nl sv fi pl hu cs et lv lt cy tr is".split()
    known = [c for c in countries().values() if c.code not in LITTLE_KNOWN | {"CD", "CG", "KR", "KP"}]
    cells = [(code, country) for code in codes for country in known]
    for code, country in shuffled(rng, cells):
        word = cldr.territory(code, country.code)
        # Magyarország in Hungarian: the language would tell.
        if country.code in cldr.official_everywhere(code) or "(" in word:
            continue
        if any(resembles(word, name, 2) for name in (country.name, *ALSO_CALLED.get(country.code, ()))):
            continue
        if any(alike(word, c.name) > LIKE_ENGLISH for c in known if c is not country):
            continue
        yield Draft(
            rng.choice(
                (
                    "Which country is called “{0}” in {1}?",
                    "You land where {1} speakers say “{0}”. Which country is it?",
                    "On {a} {1} map, which country is labelled “{0}”?",
                )
            ).format(word, cldr.language_name(code), a=article(cldr.language_name(code))),
            country.name,
            [c.name for c in known if c is not country and c.continent == country.continent]
            if country.continent
            else [c.name for c in known if c is not country],
            JUNIOR if code in ("fr", "de", "es", "it") else TEEN,
            "easy"
            if code in ("fr", "de", "es") and country.code in WELL_KNOWN
            else "medium"
            if code in ("fr", "de", "es", "it", "nl")
            else "hard",
            f"“{word}” is the {cldr.language_name(code)} name of {country.in_text}.",
            cldr.source(),
            f"exonym {country.code}",
        )


SUBJECT = Subject(
    "Languages",
    (
        Template(meaning, 110),
        Template(translation, 80),
        Template(picture, 60),
        Template(which_language, 40),
        Template(calendar_word, 40),
        Template(self_name, 42),
        Template(exonym, 48),
    ),
)
