"""What is left of a question when its wording is taken away: words that carry meaning, numbers and signs, the answer, the other options."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from zlib import crc32

from trivia.questions.bank.near_duplicates.lexicon import (
    CONTRASTS,
    DEICTIC,
    LIGHT,
    LOOKALIKES,
    NEGATIONS,
    NUMBERS,
    ORDINALS,
    STOPWORDS,
    SYNONYMS,
)

Words = tuple[str, ...]

_TOKEN: Final = re.compile(
    r"[^\W\d_]+(?![\w])"  # by far most are words
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])"  # thousands apart
    r"|\d+\.\d+"
    r"|[^\W_]+"
    r"|(?<![\w)])-(?=[\w(.])|(?<=[\d)])\s?-\s?(?=[\d(])"  # a minus, but no hyphen and no dash
    r"|(?<=\d)/(?=\d)"
    r"|[^\w\s.,;:!?\"'“”„‘’«»()\[\]{}…`´|/\-¿¡]"  # noqa: RUF001 - what is typed in texts
)
_MORE_THAN_WORDS: Final = re.compile(r"[0-9#$%&*+<=>@\\^~]|(?<![a-z)])-(?=[a-z(.])")
_NOTHING_BUT_WORDS: Final = str.maketrans(dict.fromkeys("!\"'(),-./:;?[]_`{|}", " "))
_CONTRACTED: Final = re.compile(r"['’](?:s|d|ll|re|ve|m|t)(?![^\W_])")  # noqa: RUF001 - an apostrophe as it is printed
_MATHEMATICS: Final = re.compile(r"[+\-*/^=<>√∫∂]")
_LONG_WORD: Final = re.compile(r"[^\W\d_]{3}")
_ORDINAL: Final = re.compile(r"\d+(?:st|nd|rd|th)")
_ROMAN: Final = frozenset("ii iii iv vi vii viii ix xi xii xiii xiv xv xvi xvii xviii xix xx xxi".split())
_LINKS: Final = frozenset("to from by of than with over for in on at into as".split())
_ARTICLES: Final = frozenset(("a", "an", "the"))
_DASHES: Final = str.maketrans("‐‑‒–—―−", "-------")  # noqa: RUF001 - they are what is looked for
_SIGN_WORDS: Final = {"&": "and", "%": "percent"}
_SCRIPT_OF_LOOKALIKES: Final = frozenset(map(chr, LOOKALIKES))
_ACCENTED: Final = 4
"""Shortest word whose accents may be left out."""


def stem(word: str) -> str:
    """A word without the s of a plural, and one for all that mean the same."""
    word = SYNONYMS.get(word, word)
    return word[:-1] if len(word) > 4 and word[-1] == "s" and word[-2] != "s" else word  # noqa: PLR2004 - "gas", "bus"


HARD: Final = frozenset(map(stem, CONTRASTS))
"""Words, as `stem` leaves them, that are never just another way to put it."""
SOFT: Final = frozenset(map(stem, LIGHT)) - HARD
"""Words, as `stem` leaves them, that may be."""


class Token(NamedTuple):
    """A token of a prompt: as it was `spelt`, and the `text` it is read as.

    `spot` is a hash of 32 bits by which words sort, those that tell most first.
    """

    kind: Literal["word", "mark", "negation", "grammar"]
    text: str
    spelt: str
    spot: int = 0
    deictic: bool = False


@lru_cache(16_384)
def _read(token: str) -> Token:
    text = _SIGN_WORDS.get(token, token)
    if text in NEGATIONS:
        return Token("negation", text, token)
    if text in STOPWORDS:
        return Token("grammar", text, token, deictic=text in DEICTIC)
    text = ORDINALS.get(text, text)
    if text in NUMBERS or text in _ROMAN or not (text.isalpha() or _ORDINAL.fullmatch(text)):
        return Token("mark", NUMBERS.get(text) or text.replace(",", "").strip(), token)
    word = stem(text)
    return Token("word", word, token, spot_of(word), text in DEICTIC)


def spot_of(word: str) -> int:
    """The hash of a word, as `stem` leaves it."""
    # The longer, the rarer, mostly; what may come and go is a poor name to look under.
    rank = 15 if word in SOFT else max(0, 14 - len(word))
    return rank << 28 | crc32(word.encode("utf-8", "surrogatepass")) >> 4


class Keys(NamedTuple):
    """The keys of a question, of 32 bits, none of them 0, at most five in all.

    What has to be equal anyway (numbers, signs, negations) is part of each. `words` has one for each of the longest words together with
    the answer; `prompt` does without the answer, for the same prompt with an answer that is spelt or abbreviated otherwise.
    """

    words: list[int]
    prompt: int

    @property
    def all(self) -> set[int]:
        """All of them, each once."""
        return {*self.words, self.prompt}


class Gist:
    """Of a question, what is compared.

    `words` are those that carry meaning, in the order of the text, `spots` has the hash of each. `marks` are numbers, Roman numerals and
    signs, sorted. `negations` counts the words that turn the question round; `deictic` says that it points at its options or at a
    picture. `answer` is told from other options by signs too; `keys` is for `keys.py` to keep what it made. What few comparisons ask
    for is made when they do.
    """

    __slots__ = ("_options", "_tokens", "answer", "deictic", "keys", "marks", "negations", "spots", "words")

    def __init__(self, prompt: str, options: Sequence[str], answer: str) -> None:
        self._options = [option for option in options if option != answer]
        self.keys: tuple[str, Keys] | None = None
        self._tokens = tokens = list(map(_read, tokens_of(prompt)))
        words: list[str] = []
        spots: list[int] = []
        marks: list[str] = []
        self.negations = 0
        self.deictic = False
        for kind, text, _, spot, deictic in tokens:
            if kind == "word":
                words.append(text)
                spots.append(spot)
            elif kind == "mark":
                marks.append(text)
            elif kind == "negation":
                self.negations += 1
            if deictic:
                self.deictic = True
        self.words: Words = tuple(words)
        self.spots = spots
        self.marks: Words = tuple(sorted(marks))
        self.answer = gist_of_answer(answer)

    @property
    def spelt(self) -> Words:
        """`words`, as they are spelt."""
        return tuple([token.spelt for token in self._tokens if token.kind == "word"])

    @property
    def order(self) -> Words:
        """Words and marks in the order of the text."""
        return tuple([token.text for token in self._tokens if token.kind in {"word", "mark"}])

    @property
    def linked(self) -> Words:
        """The same, with the prepositions that stand between them."""
        return tuple([token.text for token in self._tokens if token.kind in {"word", "mark"} or token.text in _LINKS])

    @property
    def others(self) -> frozenset[Words]:
        """The options that are wrong."""
        return frozenset(map(gist_of_answer, self._options))


def tokens_of(text: str) -> list[str]:
    """The words, numbers and signs of a text, in lower case."""
    text = plain(text)
    if "'" in text or "’" in text:  # noqa: RUF001 - an apostrophe as it is printed
        text = _CONTRACTED.sub(" ", text)
    # Nearly all text is plain ASCII, and most of that has nothing but words in it.
    if text.isascii() and not _MORE_THAN_WORDS.search(text):
        return text.translate(_NOTHING_BUT_WORDS).split()
    return _TOKEN.findall(text)


def plain(text: str) -> str:
    """A text in lower case, with one kind of dash, and without accents and letters of other scripts that pass for Latin ones."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return " ".join([word if word.isascii() else _plain_word(word) for word in text.split()]).lower()


def _plain_word(word: str) -> str:
    # A word wholly in Cyrillic or Greek is left in peace; one that has Latin letters too, or none but look-alikes, was meant as Latin.
    letters = [letter for letter in word if letter.isalpha()]
    if len(letters) > 1 and all(letter.isascii() or letter in _SCRIPT_OF_LOOKALIKES for letter in letters):
        word = word.translate(LOOKALIKES)
    if len(letters) >= _ACCENTED and not word.isascii():
        word = "".join([c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn"])
    return word


def gist_of_answer(text: str) -> Words:
    """The words and signs of an option.

    Where a sign may be all that tells it from others (`C++`, `cos(x)`), it stays as it is, spacing and capitals apart.
    """
    text = plain(text)
    if text.isalpha():
        return (text,)
    tokens = tokens_of(text)
    is_plain_number = len(tokens) == 1 and tokens[0][0].isdigit()
    if not is_plain_number and (not _LONG_WORD.search(text) or ("(" in text and _MATHEMATICS.search(text))):
        return ("".join(text.split()),)
    if len(tokens) > 1 and tokens[0] in _ARTICLES:
        del tokens[0]
    return tuple([token.replace(",", "").strip() for token in tokens])
