"""How hard a text is to read, as the age of those who can: by its words, sentences and syllables.

The Flesch-Kincaid grade level: J. P. Kincaid, R. P. Fishburne, R. L. Rogers, B. S. Chissom, "Derivation of new readability formulas …
for Navy enlisted personnel", Research Branch Report 8-75, Naval Technical Training Command, 1975. It was made for English and for
passages of a hundred words; of one sentence it says little more than whether that is far beyond a reader.
"""

import re
from typing import Final

SCHOOL_AGE: Final = 5.0
"""Age in years of those who come to school: grade 0."""

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001 - an apostrophe as it is printed
_SENTENCE_END: Final = re.compile(r"[.!?:;…]+(?:\s|$)")
_VOWELS: Final = re.compile(r"[aeiouyà-ü]+")
_SILENT: Final = re.compile(r"(?:[^laeiouy]e|[^aeiouytd]ed|[^aeiouyscxz]es)$")


def count_syllables(word: str) -> int:
    """The syllables of an English word, by its groups of vowels; at least one."""
    word = word.lower()
    return max(1, len(_VOWELS.findall(word)) - (1 if _SILENT.search(word) else 0))


def reading_age(text: str) -> float | None:
    """The age in years at which a text can be read; None where it has too few words to say, or is not in Latin letters."""
    words = _WORD.findall(text)
    if len(words) < FEWEST_WORDS or not all(word[0] < "\u0250" for word in words):
        return None
    sentences = max(1, len(_SENTENCE_END.findall(text)))
    syllables = sum(map(count_syllables, words))
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59 + SCHOOL_AGE


FEWEST_WORDS: Final = 8
"""Words below which the formula says nothing."""
