"""Whether one word is another misspelt, or another form of it."""

from typing import Final

from trivia.questions.bank.near_duplicates.gist import READ_AS
from trivia.questions.bank.near_duplicates.lexicon import ALIKE
from trivia.questions.bank.near_duplicates.word_counts import WordCounts

SLIP_LENGTH: Final = 5
"""Shortest word in which one letter more, less, other or in another place may be a slip."""
BEGINNING: Final = 5
ENDING: Final = 2
"""Letters that two forms of a word share at least at the beginning, and by which the shorter one differs at most at its end."""


def is_slip(a: str, b: str, word_counts: WordCounts) -> bool:
    """Whether one of two words is probably a misspelling of the other: one edit apart, and not both of them words."""
    return (
        min(len(a), len(b)) >= SLIP_LENGTH - 1
        and max(len(a), len(b)) >= SLIP_LENGTH
        and is_one_edit(a, b)
        and (a + b).isalpha()
        and not {a, b} <= ALIKE
        and not (word_counts.knows(a) and word_counts.knows(b))
    )


def is_slip_of_any(a: str, b: str, word_counts: WordCounts) -> bool:
    """Whether one is a misspelling of the other, or of a word that is read as the other: `collor` of `color`, read as `colour`."""
    return is_slip(a, b, word_counts) or any(
        is_slip(word, spelt, word_counts) for word, read in ((a, b), (b, a)) for spelt in READ_AS.get(read, ())
    )


def is_one_edit(a: str, b: str) -> bool:
    """Whether one letter put in, taken out or replaced, or two neighbours that changed places, make one word the other."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    start = next((place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    rest_a, rest_b = a[start:], b[start:]
    if len(a) < len(b):
        return rest_a == rest_b[1:]
    return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])


def is_form(a: str, b: str) -> bool:
    """Whether two words begin alike and differ in their endings: `constitution`, `constitutional`."""
    shorter = min(len(a), len(b))
    return (
        shorter >= BEGINNING
        and abs(len(a) - len(b)) < BEGINNING
        and a[: max(BEGINNING, shorter - ENDING)] == b[: max(BEGINNING, shorter - ENDING)]
        and not {a, b} <= ALIKE
    )
