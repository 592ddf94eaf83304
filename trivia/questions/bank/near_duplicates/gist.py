"""What of a question is compared with another: the words that carry meaning, numbers and signs, the answer, the other options."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from trivia.questions.bank.near_duplicates.lexicon import (
    CONTRASTS,
    DEICTIC,
    LIGHT,
    LOOKALIKES,
    MINOR_IN_ANSWERS,
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
_CONTRACTED: Final = re.compile(r"['’`](?:s|d|ll|re|ve|m|t)(?![^\W_])")  # noqa: RUF001 - an apostrophe as it is printed
_IRISH: Final = re.compile(r"\b(o|d)['’`](?=[a-z]{3})")  # noqa: RUF001
_INITIALS: Final = re.compile(r"(?<![\w.])(?:[a-z]\. ?)+[a-z](?:\.(?!\w)|(?![\w.]))")
_COMPOUND: Final = re.compile(
    r"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ]"
    r"(one|two|three|four|five|six|seven|eight|nine|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b"
)
_MATHEMATICS: Final = re.compile(r"[+\-*/^=<>√∫∂]")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_MOST_CAPITALS: Final = 0.6
"""Share of capitalised words beyond which a text is a heading."""
_LONG_WORD: Final = re.compile(r"[^\W\d_]{3}")
_ORDINAL: Final = re.compile(r"(\d+)(?:st|nd|rd|th)")
_DECADE: Final = re.compile(r"(?:19)?(\d0)s")
_ROMAN: Final = {
    numeral: str(number)
    for number, numeral in enumerate(
        "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii xxiv".split(), 1
    )
    if len(numeral) > 1
}
_POWERS: Final = frozenset(("hundred", "thousand", "million", "billion"))
_LINKS: Final = frozenset("to from by of than with over for in on at into as".split())
_LETTER_A: Final = re.compile(r"(?<=[a-z,] )A\b")
"""No article: vitamin A, the note A."""
_ARTICLES: Final = frozenset(("a", "an", "the"))
_DASHES: Final = str.maketrans("‐‑‒–—―−", "-------", "\u00ad")  # noqa: RUF001 - they are what is looked for
_SIGN_WORDS: Final = {"&": "and", "%": "percent"}
_SCRIPT_OF_LOOKALIKES: Final = frozenset(map(chr, LOOKALIKES))
_ACCENTED: Final = 4
"""Shortest word whose accents may be left out."""
_SHORT: Final = 3
_STEM: Final = 4
"""Letters of the longest word that has no ending, and of the shortest word that is left of one."""


def stem(word: str) -> str:
    """A word without the usual endings of English, and one for all that mean the same: `hosts`, `hosted` and `hosting` are one."""
    word = SYNONYMS.get(word, word)
    if len(word) <= _SHORT or word in _NO_ENDING:
        return word
    if word.endswith("ies") and len(word) > _STEM:
        word = word[:-3] + "y"
    elif (word[-1] == "s" and word[-2] not in "ius") or word.endswith("sss"):
        word = word[:-1]
    if word.endswith("ing") and len(word) > _STEM + 1:
        word = word[:-3]
    elif word.endswith("ed") and len(word) > _STEM:
        word = word[:-2]
    if len(word) > _SHORT and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]
    if len(word) > _SHORT and word[-1] == "e":
        word = word[:-1]
    if len(word) > _SHORT and word[-1] == "y":
        word = word[:-1] + "i"
    return word


_NO_ENDING: Final = frozenset(("united", "during", "king", "string", "spring"))
SOFT: Final = frozenset(map(stem, LIGHT))
"""Words, as `stem` leaves them, that say little."""
OPPOSITES: Final = {stem(word): number for number, line in enumerate(CONTRASTS) for word in line.split()}
"""Words, as `stem` leaves them, by the kind of those of which one instead of another makes another question."""
READ_AS: Final = {
    read: tuple([word for word in SYNONYMS if stem(word) == read]) for read in map(stem, SYNONYMS.values())
}
"""By what words are read as, as `stem` leaves it, those words."""
MINOR: Final = MINOR_IN_ANSWERS | frozenset(map(stem, MINOR_IN_ANSWERS))
"""Words that an answer may have or not have."""


class Token(NamedTuple):
    """A token of a prompt, and the `text` it is read as."""

    kind: Literal["word", "number", "sign", "negation", "grammar"]
    text: str


@lru_cache(16_384)
def read_token(token: str) -> Token:
    """What a token of `tokens_of` is."""
    text = _SIGN_WORDS.get(token, token)
    if text in NEGATIONS:
        return Token("negation", text)
    if text in STOPWORDS:
        return Token("grammar", text)
    if found := _ORDINAL.fullmatch(ORDINALS.get(text, text)):
        return Token("number", found[1])
    if text[-1] == "s" and text[:-1] in _ROMAN:
        text = text[:-1]
    if number := NUMBERS.get(text) or _ROMAN.get(text):
        return Token("number", number)
    if text[0].isdigit():
        found = _DECADE.fullmatch(text)
        return Token("number", f"19{found[1]}s" if found else text.replace(",", ""))
    return Token("word", stem(text)) if text.isalnum() else Token("sign", text.strip())


def _read(text: str) -> list[Token]:
    """The tokens of a text; `twenty thousand` is one."""
    tokens = tokens_of(text)
    read = list(map(read_token, tokens))
    if not _POWERS.isdisjoint(tokens):
        for place in range(len(tokens) - 1, 0, -1):
            before = read[place - 1]
            if tokens[place] in _POWERS and before.kind == "number" and before.text.isdecimal():
                read[place - 1 : place + 1] = [Token("number", str(int(before.text) * int(read[place].text)))]
    return read


class Gist:
    """Of a question, what is compared.

    `words` are those that carry meaning, as `stem` leaves them; `numbers` are those of the prompt, however they are written; `signs`
    are sorted. `negations` counts the words that turn the question round; `deictic` says that it points at its options or at a
    picture. `answer` is read by `terms_of_answer`. What few comparisons ask for is made when they do.
    """

    __slots__ = ("_options", "_tokens", "answer", "deictic", "negations", "numbers", "prompt", "signs", "words")

    def __init__(self, prompt: str, options: Sequence[str], answer: str) -> None:
        self._options = [option for option in options if option != answer]
        self.prompt = prompt
        self._tokens = tokens = _read(prompt)
        words: set[str] = set()
        numbers: set[str] = set()
        signs: list[str] = []
        self.negations = 0
        self.deictic = False
        for place, (kind, text) in enumerate(tokens):
            if kind == "word":
                words.add(text)
            elif kind == "number":
                numbers.add(text)
            elif kind == "negation":
                self.negations += 1
            elif kind == "sign":
                # "#1" is a number, "C#" is not C.
                if text != "#" or tokens[place + 1 : place + 2] == [] or tokens[place + 1].kind != "number":
                    signs.append(text)
            elif text in DEICTIC:
                self.deictic = True
        if " A" in prompt and _LETTER_A.search(prompt):
            words.add("A")
        self.words = words
        self.numbers = numbers
        self.signs: Words = tuple(sorted(signs))
        self.answer = terms_of_answer(answer)

    @property
    def order(self) -> Words:
        """The words, numbers and signs of the prompt, and the prepositions between them, in the order of the text."""
        return tuple([text for kind, text in self._tokens if kind in _MEANING or text in _LINKS])

    @property
    def names(self) -> set[str] | None:
        """The words that have a capital letter within the prompt; None where letter case does not tell."""
        spelt = _LETTERS.findall(self.prompt)
        capitals = [word for word in spelt[1:] if word[0].isupper()]
        if not spelt or spelt[0][0].islower() or len(capitals) > _MOST_CAPITALS * len(spelt):
            return None
        return {token.text for token in map(read_token, map(plain, capitals)) if token.kind == "word"} | {"A"}

    @property
    def wrong(self) -> frozenset[Words]:
        """The options that are wrong, each as `terms_of_answer` reads it."""
        return frozenset(map(terms_of_answer, self._options))


_MEANING: Final = frozenset(("word", "number", "sign"))


def tokens_of(text: str) -> list[str]:
    """The words, numbers and signs of a text, in lower case."""
    text = plain(text).replace("--", " ")
    if "'" in text or "’" in text or "`" in text:  # noqa: RUF001 - an apostrophe as it is printed
        text = _IRISH.sub(r"\1", _CONTRACTED.sub(" ", text))
    if "." in text[:-1]:
        text = _INITIALS.sub(_join_initials, text)
    if "ty-" in text or "ty " in text:
        text = _COMPOUND.sub(_add_up, text)
    # Nearly all text is plain ASCII, and most of that has nothing but words in it.
    if text.isascii() and not _MORE_THAN_WORDS.search(text):
        return text.translate(_NOTHING_BUT_WORDS).split()
    return _TOKEN.findall(text)


def _join_initials(found: re.Match[str]) -> str:
    letters = found[0].replace(".", "").replace(" ", "")
    return "usa" if letters == "us" else letters


def _add_up(found: re.Match[str]) -> str:
    unit = read_token(found[2]).text
    return str(int(NUMBERS[found[1]]) + (int(unit) if unit.isdecimal() else 1))


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


@lru_cache(4_096)
def terms_of_answer(text: str) -> Words:
    """The words, as `stem` leaves them, and numbers of an option; of one that lives by its signs, all as it is."""
    exact = gist_of_answer(text)
    if len(exact) == 1 and not exact[0].isalnum():
        return exact
    return tuple([token.text for token in _read(text) if token.text not in _ARTICLES]) or exact
