"""Texts as a search sees them: words of letters and digits only, in lower case and without accents.

What is stored and what is asked for are folded alike, here and nowhere else, so both databases find the same.
"""

import re
import unicodedata
from typing import Final

MAX_WORD: Final = 500
"""Longer runs of letters are cut, since PostgreSQL would leave them out: it takes 2,046 bytes."""

# Han and Kana are written without spaces, so each of their characters counts as a word.
_WORDS: Final = re.compile(
    rf"(?!_)(?=\w)(?:[\u3041-\u30ff\u3400-\u9fff]|[^\W_\u3041-\u30ff\u3400-\u9fff]{{1,{MAX_WORD}}})"
)

# Letters that Unicode does not take for another with an accent, though people who cannot type them do.
_UNACCENTED: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)

# What nobody sees (soft hyphens, zero-width characters, tags) neither ends a word nor hides it.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u115f\u1160\u180b-\u180f\u200b-\u200f\u061c\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]+"
)

# Nearly all text is plain ASCII, and translating its bytes is many times as fast as the expression.
_ASCII: Final = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256))  # noqa: PLR2004


def words_of(text: str) -> list[str]:
    """The words of a text, in order."""
    if text.isascii():
        words = text.encode().translate(_ASCII).decode().split()
        if len(text) <= MAX_WORD or max(map(len, words), default=0) <= MAX_WORD:
            return words
    folded = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold()
    bare = "".join([c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c)])
    return _WORDS.findall(bare.translate(_UNACCENTED))


def fold(*texts: str | None) -> str:
    """The words of several texts, with a space between two."""
    return " ".join(words_of(" ".join([text for text in texts if text])))
