"""Roman numerals, Morse, alphabets, ciphers, spelling alphabets, playing cards and signs."""

import unicodedata
from collections.abc import Iterator
from random import Random

from trivia.generation.facts.ciphers import alphabet, ciphers, morse_code, spelling_alphabet
from trivia.generation.facts.core import (
    FAMILY,
    JUNIOR,
    TEEN,
    Difficulty,
    Draft,
    Subject,
    Template,
    shuffled,
    spread,
)

ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def roman(number: int) -> str:
    """A number from 1 to 3999 in Roman numerals."""
    result = ""
    for value, letters in ROMAN:
        count, number = divmod(number, value)
        result += letters * count
    return result


FIRST_FILMS = 1900
LATEST = 2020
"""The first year in which a film may have been made, and the last that is past wherever this is asked."""


def roman_numerals(rng: Random) -> Iterator[Draft]:
    """Reading and writing Roman numerals."""
    while True:
        top = rng.choice((20, 60, 100, 400, LATEST))
        number = rng.randint(4, top) if top < LATEST else rng.randint(1400, top)
        ages = (7, 120) if top <= 20 else FAMILY if top <= 100 else JUNIOR
        difficulty: Difficulty = "easy" if number <= 20 else "medium" if number <= 100 else "hard"
        step = 1 if number < 60 else 10
        wrong = spread(rng, number, step, least=FIRST_FILMS if number >= FIRST_FILMS else 1, most=LATEST)
        kind = rng.randrange(3)
        reason = f"{roman(number)} is {number}."
        if kind == 0 and number > 10:
            one, other = number // 3, number - number // 3
            if max(one, other) < 100:
                yield Draft(
                    f"What is {roman(one)} + {roman(other)}?",
                    roman(number),
                    [roman(n) for n in wrong],
                    JUNIOR,
                    "medium" if number < 60 else "hard",
                    f"{one} + {other} = {number}, in Roman numerals {roman(number)}.",
                    "procedural: Roman numerals",
                )
        elif kind == 1:
            wording = (
                (
                    "The credits of a film end with {}. In which year was it made?",
                    "A stone bridge is dated {}. Which year is that?",
                )
                if number >= FIRST_FILMS
                else (
                    "A building carries the date {}. Which year is that?",
                    "A stone bridge is dated {}. Which year is that?",
                )
                if number > 1000
                else ("Which number is {} in Roman numerals?", "A chapter is numbered {}. Which one is it?")
            )
            yield Draft(
                rng.choice(wording).format(roman(number)),
                str(number),
                [str(n) for n in wrong],
                ages,
                difficulty,
                reason,
                "procedural: Roman numerals",
            )
        else:
            yield Draft(
                rng.choice((f"How did the Romans write {number}?", f"What is {number} in Roman numerals?")),
                roman(number),
                [roman(n) for n in wrong],
                ages,
                difficulty,
                reason,
                "procedural: Roman numerals",
            )


GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lamda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega".split()


def greek(rng: Random) -> Iterator[Draft]:
    """The Greek alphabet."""
    shown = {name: name.replace("lamda", "lambda") for name in GREEK}
    ordinal = {1: "first", 2: "second", 3: "third", 4: "fourth", 24: "last"}
    for i, name in shuffled(rng, enumerate(GREEK)):
        small = unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}")
        capital = unicodedata.lookup(f"GREEK CAPITAL LETTER {name.upper()}")
        others = [n for n in GREEK if n != name]
        known = name in ("alpha", "beta", "gamma", "delta", "pi", "omega", "sigma")
        source = "procedural: Unicode character names"
        difficulty: Difficulty = "easy" if known else "medium"
        yield Draft(
            rng.choice((f"Which Greek letter is {small}?", f"What is the name of the Greek letter {small}?")),
            shown[name],
            [shown[n] for n in others],
            JUNIOR,
            difficulty,
            f"{small} is {shown[name]}.",
            source,
            f"greek {name}",
        )
        yield Draft(
            f"Which of these is the Greek letter {shown[name]}?",
            small,
            [unicodedata.lookup(f"GREEK SMALL LETTER {n.upper()}") for n in others],
            JUNIOR,
            difficulty,
            f"{shown[name].capitalize()} is written {small}.",
            source,
            f"greek {name}",
        )
        plain = {
            "Α": 0,
            "Β": 0,
            "Ε": 0,
            "Ζ": 0,
            "Η": 0,
            "Ι": 0,
            "Κ": 0,
            "Μ": 0,
            "Ν": 0,
            "Ο": 0,
            "Ρ": 0,
            "Τ": 0,
            "Υ": 0,
            "Χ": 0,
        }
        if capital not in plain:
            yield Draft(
                f"The capital letter {capital} belongs to which Greek letter?",
                shown[name],
                [shown[n] for n in others],
                TEEN,
                "medium",
                f"{capital} is capital {shown[name]}.",
                source,
            )
        if i < 23:
            yield Draft(
                f"Which letter follows {shown[name]} in the Greek alphabet?",
                shown[GREEK[i + 1]],
                [shown[n] for n in others if n != GREEK[i + 1]],
                TEEN,
                "medium" if i < 4 else "hard",
                f"After {shown[name]} comes {shown[GREEK[i + 1]]}.",
                source,
            )
        if i + 1 in ordinal:
            yield Draft(
                f"What is the {ordinal[i + 1]} letter of the Greek alphabet?",
                shown[name],
                [shown[n] for n in others],
                JUNIOR,
                "easy",
                f"{shown[name].capitalize()} is the {ordinal[i + 1]} letter.",
                source,
            )


SIGNS = {
    "♠": "spades", "♥": "hearts", "♦": "diamonds", "♣": "clubs", "♔": "chess king", "♕": "chess queen", "♖": "chess rook", "♗": "chess bishop",
    "♘": "chess knight", "♙": "chess pawn", "♩": "quarter note", "♪": "eighth note", "♯": "sharp in music", "♭": "flat in music", "∞": "infinity",
    "√": "square root", "π": "pi", "Σ": "sum", "≠": "not equal", "≤": "less than or equal to", "≈": "about equal", "∠": "angle", "⊥": "at right angles",
    "∥": "parallel", "∈": "is an element of", "∅": "empty set", "∩": "intersection of sets", "∪": "union of sets", "⇒": "implies", "∀": "for all", "∃": "there exists",
    "€": "euro", "£": "pound", "¥": "yen or yuan", "₹": "Indian rupee", "₽": "Russian ruble", "₩": "Korean won", "₿": "bitcoin", "₺": "Turkish lira", "₴": "Ukrainian hryvnia",
    "₪": "Israeli shekel", "₫": "Vietnamese dong",
    "♈": "Aries", "♉": "Taurus", "♊": "Gemini", "♋": "Cancer", "♌": "Leo", "♍": "Virgo", "♎": "Libra", "♏": "Scorpio", "♐": "Sagittarius", "♑": "Capricorn",
    "♒": "Aquarius", "♓": "Pisces", "©": "copyright", "®": "registered trademark", "§": "section or paragraph", "&": "and (ampersand)", "@": "at", "♻": "recycling",
    "☢": "radioactive", "☣": "biological hazard", "⚓": "anchor", "♂": "male, or Mars", "♀": "female, or Venus", "☮": "peace", "☯": "yin and yang", "°": "degree",
    "‰": "per thousand", "%": "per cent", "÷": "divided by", "±": "plus or minus", "∴": "therefore", "∆": "difference", "∫": "integral",
}  # fmt: skip


def signs(rng: Random) -> Iterator[Draft]:
    """What a sign stands for and which sign stands for something."""
    items = list(SIGNS.items())
    for i, (sign, name) in shuffled(rng, enumerate(items)):
        near = [items[j] for j in range(max(0, i - 7), min(len(items), i + 8)) if j != i]
        known = sign in "♠♥♦♣♔♕♖♗♘♙∞√π≠€£@&%÷♻°♩♪"
        ages = (7, 120) if sign in "♠♥♦♣♔♕♖♗♘♙€£@%÷♻" else JUNIOR
        difficulty: Difficulty = (
            "easy" if known else "medium" if i < 12 or sign in "♈♉♊♋♌♍♎♏♐♑♒♓©®§♂♀☮☯☢±≤≈" else "hard"
        )
        yield Draft(
            rng.choice((f"What does the sign {sign} stand for?", f"What does {sign} mean?")),
            name,
            [n for _, n in near],
            ages,
            difficulty,
            f"{sign} means “{name}”.",
            "procedural: Unicode symbols",
            f"sign {sign}",
        )
        yield Draft(
            f"Which sign means “{name}”?",
            sign,
            [s for s, _ in near],
            ages,
            difficulty,
            f"{sign} means “{name}”.",
            "procedural: Unicode symbols",
            f"sign {sign}",
        )


SUBJECT = Subject(
    "Codes and Symbols",
    (
        Template(roman_numerals, 36),
        Template(morse_code, 18),
        Template(spelling_alphabet, 40),
        Template(greek, 28),
        Template(ciphers, 44),
        Template(alphabet, 16),
        Template(signs, 80),
    ),
)
