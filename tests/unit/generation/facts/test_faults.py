"""Faults that people found in the bank, each as the kind it is one of."""

import re
from fractions import Fraction

import pytest

from tests.unit.generation.facts.conftest import Find, number, wrong
from trivia.generation.facts import FactQuestion, cldr
from trivia.generation.facts.colours import brightness, by_lightness, palette, spoken
from trivia.generation.facts.core import JUNIOR, Draft, finish
from trivia.generation.facts.countries import countries
from trivia.generation.facts.languages import CALENDAR_LANGUAGES
from trivia.generation.facts.mixing import SEVERAL, THINGS
from trivia.generation.facts.vocabulary import LANGUAGES, resembles, things

Made = tuple[FactQuestion, ...]
THIS_YEAR = 2026


def test_films_are_made_in_years_in_which_there_were_films(find: Find) -> None:
    for q, _ in find("Codes and Symbols", "The credits of a film"):
        assert all(1895 <= int(o) <= THIS_YEAR for o in q.options), q


def test_what_is_built_was_built_in_the_past(find: Find) -> None:
    for q, _ in find("Codes and Symbols", "A building carries|A stone bridge"):
        assert all(int(o) <= THIS_YEAR for o in q.options), q


def test_a_past_year_is_in_no_century_to_come(find: Find) -> None:
    for q, _ in find("Calendar and Time", "In which century was"):
        assert all(number(o) <= 21 for o in q.options), q


def test_what_is_asked_of_a_past_day_is_asked_in_the_past(find: Find) -> None:
    for q, m in find("Calendar and Time", r"which weekday (is|was) .*(\d{4})|did .*(\d{4}) fall"):
        assert m[1] != "is"
        assert int(m[2] or m[3]) < THIS_YEAR, q


def test_one_colour_is_the_lightest_or_darkest_by_every_way_of_making_colours_grey(find: Find) -> None:
    named = {spoken(name): rgb for name, rgb in palette().items()}
    greys = (brightness, sum, lambda rgb: max(rgb) + min(rgb), lambda rgb: 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2])
    for q, m in find("Colours", "is the (lightest|darkest)"):
        pick = max if m[1] == "lightest" else min
        assert {pick(q.options, key=lambda o, grey=grey: grey(named[o])) for grey in greys} == {q.answer}, q
        assert not [o for o in q.options if "grey" in o], "dark grey is lighter than grey on web pages"


def test_colours_that_are_light_by_one_measure_only_are_not_far_apart() -> None:
    assert by_lightness([("lime", (0, 255, 0)), ("silver", (192, 192, 192))], lightest=True)[1] < 0
    order, gap = by_lightness([("navy", (0, 0, 128)), ("white", (255, 255, 255))], lightest=True)
    assert order == ["white", "navy"]
    assert gap > 0.5


def test_no_animal_is_a_wrong_answer_to_what_is_eaten_or_ridden(made: Made) -> None:
    # Deer and dolphins are eaten, and horses and elephants ridden, somewhere.
    animals = {t.picture for t in things() if t.group == "animal"}
    asked = [q for q in made if re.search(r"something to (eat|travel)", q.prompt)]
    assert len(asked) > 50
    assert not [q for q in asked if animals & set(q.options)]


def test_months_and_days_are_written_with_capitals_where_the_language_does(find: Find) -> None:
    written = {cldr.language_name(code): {*cldr.months(code), *cldr.days(code)} for code in CALENDAR_LANGUAGES}
    asked = "(?:Which month|Which day of the week|Which (?:month|day of the week) do)"
    for q, m in find(
        "Languages", rf"(\w+) calendar says “(.+?)”|{asked} is “(.+?)” in (\w+)\?|{asked} (\w+) speakers call “(.+?)”"
    ):
        assert (m[2] or m[3] or m[6]) in written[m[1] or m[4] or m[5]], q
    for code in ("de", "tr", "cy", "id"):
        assert all(name[0].isupper() for name in written[cldr.language_name(code)])


def test_no_star_is_asked_for_by_where_and_when_it_is_seen(made: Made) -> None:
    assert not [q for q in made if re.search(r"see first|gets dark|look up|fills the sky", q.prompt)]


def test_a_price_is_not_above_what_it_was_before_the_discount(find: Find) -> None:
    for q, m in find("Mathematics", r"costs (\d+) dollars and is reduced"):
        assert all(int(o) < int(m[1]) for o in q.options), q


def test_a_part_is_less_than_the_whole(find: Find) -> None:
    for q, m in find("Mathematics", r"\d+% of (?:the )?(\d+)"):
        assert all(int(o) < int(m[1]) for o in q.options), q
    for q, m in find("Mathematics", r"had (\d+) \w+ and gave|^(\d+) \w+ lie on the table"):
        assert all(int(o) < int(m[1] or m[2]) for o in q.options), q
    for q, m in find("Logic and Puzzles", r"hens and cows: (\d+) heads"):
        assert all(int(o) < int(m[1]) for o in q.options), q
    for q, m in find("Measures and Money", r"(?:pay with|left of) \$(\d+\.\d\d)"):
        assert all(number(o) < Fraction(m[1]) for o in q.options), q
    for q, _ in find("Chemistry", "How many electrons remain"):
        assert max(map(int, q.options)) <= 19
    for q, _ in find("Calendar and Time", "smaller angle"):
        assert all(number(o) <= 180 for o in q.options), q


def test_no_two_capitals_are_farther_apart_than_the_earth_allows(find: Find) -> None:
    for q, _ in find("Geography", "How far is it|how far is it|direct flight"):
        assert all(number(o) <= 20_016 for o in q.options), q


def test_no_island_stands_among_countries_that_may_share_a_border(find: Find) -> None:
    by_name = {c.name: c for c in countries().values()}
    for q, _ in find("Geography", r"land border with (?!any)|neighbour of|walk straight into|border with both"):
        assert all(by_name[o].neighbours for o in q.options), q


def test_words_of_a_spelling_alphabet_all_begin_with_the_letter_that_is_spelled(find: Find) -> None:
    for q, m in find("Codes and Symbols", r"for the letter ([A-Z]) when they spell|word stands for ([A-Z])\?"):
        assert all(o[0] == (m[1] or m[2]) for o in q.options), q
    for q, m in find("Codes and Symbols", r"How does a pilot spell ([A-Z]+)"):
        assert all("".join(w[0] for w in o.split()) == m[1] for o in q.options), q


GIVEN_AWAY = [
    ("Srbsko", "Serbia"), ("Japonsko", "Japan"), ("Libanas", "Lebanon"), ("Etiyopya", "Ethiopia"), ("Kolumbija", "Colombia"), ("Meksyk", "Mexico"),
    ("Finnország", "Finland"), ("Zuid-Afrika", "South Africa"), ("Polska", "Poland"), ("polski", "Polish"), ("dansk", "Danish"), ("Kinija", "China"),
]  # fmt: skip
NOT_GIVEN_AWAY = [
    ("Allemagne", "Germany"), ("Suomi", "Finland"), ("Magyarország", "Hungary"), ("Hrvatska", "Croatia"), ("euskara", "Basque"), ("Schmetterling", "butterfly"),
    ("Mısır", "Egypt"), ("Niemcy", "Germany"), ("ไทย", "Thailand"), ("vendredi", "Friday"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "english"), GIVEN_AWAY)
def test_a_word_that_sounds_like_the_english_one_resembles_it(word: str, english: str) -> None:
    assert resembles(word, english)


@pytest.mark.parametrize(("word", "english"), NOT_GIVEN_AWAY)
def test_a_word_of_its_own_resembles_nothing(word: str, english: str) -> None:
    assert not resembles(word, english)


def test_no_foreign_name_tells_which_country_language_word_or_day_it_is(made: Made) -> None:
    asked = 0
    for q in made:
        if q.topic == "Languages" or (q.topic == "World Cultures" and "own name" in q.prompt):
            for word in re.findall(r"“(.+?)”", q.prompt):
                if q.prompt.count("“") == 1 and word[0].isalpha() and q.answer[0].isalpha():
                    asked += 1
                    assert not resembles(word, q.answer), q
    assert asked > 500


def test_no_name_of_a_constellation_tells_its_figure(find: Find) -> None:
    for q, m in find("Astronomy", r"in the constellation ([\w ]+)\?|the constellation ([\w ]+) supposed"):
        assert not resembles(m[1] or m[2], q.answer), q
    for q, m in find("Astronomy", r"constellations (?:do stargazers see|shows) (.+)\?"):
        assert not resembles(m[1], q.answer), q


def test_no_initials_tell_the_country_or_its_money(find: Find) -> None:
    for q, m in find("World Cultures", r"“\.(\w\w)”"):
        assert "".join(w[0] for w in q.answer.lower().split()) != m[1], q
        assert q.answer[0].lower() != m[1][0] or all(o[0] == q.answer[0] for o in q.options), q
    for q, m in find("World Cultures", r"\b([A-Z]{3})\b"):
        assert q.answer[0] != m[1][0] or all(o[0] == m[1][0] for o in q.options), q


def test_no_wrong_translation_says_in_english_what_it_is(find: Find) -> None:
    english = {(code, t.words[code]): t.name for t in things() for code in t.words}
    codes = {name: code for code, name in LANGUAGES.items()}
    for q, m in find("Languages", r"say “.+” in (\w+)\?|is the (\w+) word for|called in (\w+)\?"):
        code = codes[m[1] or m[2] or m[3]]
        assert not [o for o in wrong(q) if resembles(o, english[code, o])], q


def test_no_language_tells_the_country_where_it_is_spoken(find: Find) -> None:
    for q, m in find("Languages", r"country is called “.+” in (\w+)|On an? (\w+) map|where (\w+) speakers say"):
        language = m[1] or m[2] or m[3]
        assert language[:4] != q.answer[:4], q


def test_times_are_spoken_of_as_people_do(made: Made) -> None:
    assert not [q for q in made if re.search(r"(?<![\d.])2 times\b", f"{q.prompt} {q.explanation}")]


def test_things_of_which_there_are_several_have_their_verb(find: Find, made: Made) -> None:
    for q, m in find("Colours", r"[Ww](?:hich|hat) colour (is|are) (?:this|these|the) ([\w ]+)\?"):
        assert (m[1] == "are") == (m[2] in SEVERAL), q
    assert {t.split(" ", 1)[1] for ts in THINGS.values() for t in ts if t.endswith("s")} <= {*SEVERAL}
    plural = r"\b(this|a|an|is the) (jeans|glasses|scissors|socks|gloves|grapes|cherries|beans|peanuts|blueberries)\b"
    assert not [q for q in made if re.search(plural, q.prompt)]


def test_one_is_followed_by_the_singular(made: Made) -> None:
    several = r"(?<![\d.,/:−-])\b1 (cents|minutes|hours|days|people|children|semitones|sides|sharps|flats|kilometres)\b"
    assert not [q for q in made if re.search(several, f"{q.prompt} {' '.join(q.options)} {q.explanation}")]


def test_minus_signs_are_minus_signs_outside_of_program_text(made: Made) -> None:
    hyphens = [q for q in made if re.search(r"(?<![\w(\[])-\d", f"{q.prompt} {q.explanation}")]
    assert {q.topic for q in hyphens} <= {"Computing"}


def test_names_of_currencies_and_countries_are_written_as_in_a_sentence(find: Find, made: Made) -> None:
    for q, _ in find("World Cultures", r"[A-Z]{3}\b.*(currency|money)|international code"):
        assert not [o for o in q.options if "&" in o or o.split()[-1][0].isupper()], q
    articles = "Bahamas|Comoros|Gambia|Maldives|Netherlands|Philippines|Seychelles|United States|Marshall Islands"
    assert not [q for q in made if q.topic == "Geography" and re.match(articles, q.explanation)]


def test_a_pattern_of_pictures_may_show_what_comes_next(find: Find) -> None:
    assert len(find("Logic and Puzzles", "How does the pattern go on|What comes next[?] ")) > 20


def test_a_fair_draft_is_not_refused_for_a_picture_in_it() -> None:
    draft = Draft("What comes next? 🔴 🐱 🔴", "🐱", ["🔴", "🐸", "⭐"], JUNIOR, "easy", "Because.", "procedural: test")
    assert finish("Test", draft)


def test_nothing_is_asked_of_codes_that_hardly_anybody_meets(find: Find) -> None:
    for q, _ in find("Computing", "status"):
        assert not re.search(r"\b(226|102|510|IM Used|Not Extended)\b", f"{q.prompt} {q.answer}"), q


def test_quantities_that_are_compared_are_not_worlds_apart(find: Find) -> None:
    for q, _ in find("Measures and Money", "shortest time"):
        text = " ".join(q.options)
        assert not ("second" in text and ("centur" in text or "decade" in text)), q
