"""Codes, programs and music, read back in another way than the bank writes them."""

import http.client
import re
import unicodedata

from tests.unit.generation.facts.conftest import Find, wrong


def from_roman(text: str) -> int:
    total = 0
    for letter, following in zip(text, text[1:] + " ", strict=True):
        worth = int(unicodedata.numeric(unicodedata.lookup(f"ROMAN NUMERAL {WORDS[letter]}")))
        next_worth = (
            int(unicodedata.numeric(unicodedata.lookup(f"ROMAN NUMERAL {WORDS[following]}"))) if following != " " else 0
        )
        total += -worth if worth < next_worth else worth
    return total


WORDS = {
    "I": "ONE",
    "V": "FIVE",
    "X": "TEN",
    "L": "FIFTY",
    "C": "ONE HUNDRED",
    "D": "FIVE HUNDRED",
    "M": "ONE THOUSAND",
}


def test_roman_numerals_read_back_as_their_numbers(find: Find) -> None:
    for q, m in find("Codes and Symbols", r"(?:Romans write|What is) (\d+)(?: in Roman numerals)?\?"):
        assert [o for o in q.options if from_roman(o) == int(m[1])] == [q.answer]
    for q, m in find("Codes and Symbols", r"(?:the date|end with|number is|is marked) ([IVXLCDM]+)\b"):
        assert from_roman(m[1]) == int(q.answer)
    for q, m in find("Codes and Symbols", r"What is ([IVXLCDM]+) \+ ([IVXLCDM]+)"):
        assert from_roman(m[1]) + from_roman(m[2]) == from_roman(q.answer)


def test_morse_letters_stand_where_the_morse_tree_has_them(find: Find) -> None:
    tree = "\0\0ETIANMSURWDKGOHVF\0L\0PJBXCYZQ"
    for q, m in find("Codes and Symbols", r"letter is ([●▬]+) in Morse"):
        node = 1
        for sign in m[1]:
            node = 2 * node + (sign == "▬")
        assert tree[node] == q.answer


def test_ciphers_read_back(find: Find) -> None:
    steps = {"one": 1, "two": 2, "three": 3}
    for q, m in find("Codes and Symbols", r"moved on by (\w+) places? in the alphabet and became (\w+)"):
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        assert "".join(alphabet[alphabet.index(c) - steps[m[1]]] for c in m[2]) == q.answer
    for q, m in find("Codes and Symbols", r"which word is ([\d-]+)\?"):
        assert "".join(" ABCDEFGHIJKLMNOPQRSTUVWXYZ"[int(n)] for n in m[1].split("-")) == q.answer


def test_greek_letters_have_the_names_that_unicode_gives_them(find: Find) -> None:
    for q, m in find("Codes and Symbols", r"Greek letter(?: is)? ([α-ωΑ-Ω])\?|capital letter ([Α-Ω])"):
        assert unicodedata.name(m[1] or m[2]).split()[-1].lower().replace("lamda", "lambda") == q.answer


def test_binary_and_hexadecimal_numbers_read_back(find: Find) -> None:
    for q, m in find("Computing", r"(?:number is|the bits) ([01]+)(?: in binary|\.)"):
        assert sum(2**i for i, bit in enumerate(reversed(m[1])) if bit == "1") == int(q.answer)
    for q, m in find("Computing", r"How is (\d+) written in binary"):
        assert [o for o in q.options if int(o, 2) == int(m[1])] == [q.answer]
    for q, m in find("Computing", r"(?:number is|hexadecimal number) ([0-9A-F]+)(?: in hexadecimal)?\?"):
        if "hexadecimal" in q.prompt:
            assert bytes.fromhex(m[1].zfill(4)) == int(q.answer).to_bytes(2)


def test_status_codes_mean_what_the_http_client_says(find: Find) -> None:
    renamed = {413, 414, 416, 422}
    for q, m in find("Computing", r"status(?: code)? (\d{3})"):
        assert int(m[1]) in renamed or http.client.responses[int(m[1])] == q.answer


def test_python_gives_what_the_answer_says_and_no_other_option(find: Find) -> None:
    for q, m in find(
        "Computing", r"(?:Python expression give: |You type |the value of )(.+?)(?: into Python\. What appears\?|\?|$)"
    ):
        result = eval(m[1], {})  # noqa: S307 - our own arithmetic on words and numbers
        shown = repr(result)
        assert q.answer == shown, q
        assert shown not in wrong(q)


FIFTHS = {
    "minor second": -5,
    "major second": 2,
    "minor third": -3,
    "major third": 4,
    "perfect fourth": -1,
    "augmented fourth": 6,
    "diminished fifth": -6,
    "perfect fifth": 1,
    "minor sixth": -4,
    "major sixth": 3,
    "minor seventh": -2,
    "major seventh": 5,
}


def on_the_line_of_fifths(note: str) -> int:
    return "FCGDAEB".index(note[0]) + 7 * (note.count("♯") - note.count("♭"))


def test_intervals_lie_on_the_line_of_fifths(find: Find) -> None:
    for q, m in find("Music", r"Which note is an? (\w+ \w+) above ([A-G][♯♭]?)\?"):
        assert on_the_line_of_fifths(q.answer) - on_the_line_of_fifths(m[2]) == FIFTHS[m[1]]
        sounds = {on_the_line_of_fifths(o) % 12 for o in q.options}
        assert len(sounds) >= 2
        assert all((on_the_line_of_fifths(o) - on_the_line_of_fifths(q.answer)) % 12 for o in wrong(q)), (
            "the same key of the piano"
        )
    for q, m in find("Music", r"interval leads from ([A-G][♯♭]?) up to ([A-G][♯♭]?)\?"):
        assert FIFTHS[q.answer] == on_the_line_of_fifths(m[2]) - on_the_line_of_fifths(m[1])


def test_chords_and_keys_follow_the_circle_of_fifths(find: Find) -> None:
    shapes = {"major": (4, 1), "minor": (-3, 1), "diminished": (-3, -6)}
    for q, m in find("Music", r"Which notes make an? ([A-G][♯♭]?) (major|minor|diminished) chord"):
        root, third, fifth = map(on_the_line_of_fifths, q.answer.split("–"))
        assert (third - root, fifth - root) == shapes[m[2]]
        assert root == on_the_line_of_fifths(m[1])
    for q, m in find("Music", r"How many (sharp|flat)s does the key of ([A-G][♯♭]?) major have"):
        assert int(q.answer) == abs(on_the_line_of_fifths(m[2]) - 1)
        assert (on_the_line_of_fifths(m[2]) > 1) == (m[1] == "sharp")
    for q, m in find("Music", r"relative minor of ([A-G][♯♭]?) major"):
        assert on_the_line_of_fifths(q.answer.removesuffix(" minor")) - on_the_line_of_fifths(m[1]) == 3


def test_scale_notes_are_the_seven_around_the_tonic_on_the_line_of_fifths(find: Find) -> None:
    for q, m in find("Music", r"(?:belongs to the|a note of) ([A-G][♯♭]?) (major|natural minor)"):
        low = on_the_line_of_fifths(m[1]) - (1 if m[2] == "major" else 4)
        pitches = {n % 12 for n in range(low, low + 7)}
        assert [o for o in q.options if on_the_line_of_fifths(o) % 12 in pitches] == [q.answer]


def test_the_brightest_colour_code_has_the_highest_value(find: Find) -> None:
    for q, m in find("Colours", r"most (red|green|blue) in it"):
        place = {"red": 1, "green": 3, "blue": 5}[m[1]]
        assert max(q.options, key=lambda code: code[place : place + 2]) == q.answer


def test_scrambled_words_have_the_letters_of_the_answer_only(find: Find) -> None:
    for q, m in find("Words and Pictures", r"([A-Z]{4,})"):
        if any(start in q.prompt for start in ("Unscramble", "can be made", "fell on the floor")):
            assert [o for o in q.options if sorted(o.upper()) == sorted(m[1])] == [q.answer]
    for q, m in find("Words and Pictures", r"which [\w ]+ is ([A-Z]+)\?$"):
        assert [o for o in q.options if re.sub("[AEIOU]", "", o.upper()) == m[1]] == [q.answer]
