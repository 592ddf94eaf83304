"""How much the words of questions tell: in how many questions of a bank each stands, in a table of one size for any bank."""

import math
from array import array
from functools import lru_cache
from typing import Final
from zlib import crc32

from trivia.questions.bank.near_duplicates.gist import SOFT, Gist

_BITS: Final = 19
_MASK: Final = 2**_BITS - 1
_REST: Final = 32 - _BITS
_MOST: Final = 2**16 - 1
_SEVERAL: Final = 2

_PRIOR_QUESTIONS: Final = 50_000
_PRIOR_SOFT: Final = 1_500
_PRIOR_BY_LENGTH: Final = {1: 40, 2: 40, 3: 40, 4: 40, 5: 20, 6: 20, 7: 20}
_PRIOR_LONG: Final = 10
"""What is supposed of words before the bank says more: in how many of so many questions a word of that length stands."""
_SOFT_SHARE: Final = 0.35
"""What a generic word counts beside another as rare."""


_CACHED: Final = 2_048
"""Questions after which weights are worked out again: they hardly change with each."""


@lru_cache(32_768)
def hash_of(word: str) -> int:
    """A hash of 32 bits that is the same in every process."""
    return crc32(word.encode("utf-8", "surrogatepass"))


class WordCounts:
    """Counts the questions in which words stand, in 1 MB; a few words share a count, which then is too high."""

    def __init__(self) -> None:
        self._counts = array("H", bytes(2 * 2**_BITS))
        self._questions = 0
        self._weights: dict[str, float] = {}

    def size_in_bytes(self) -> int:
        """What it takes."""
        return len(self._counts) * self._counts.itemsize

    def note(self, gist: Gist) -> None:
        """Count the words of one question."""
        self._questions += 1
        if self._questions % _CACHED == 0:
            self._weights.clear()
        counts = self._counts
        for code in map(hash_of, gist.words):
            one, other = code & _MASK, code >> _REST
            if counts[one] < _MOST:
                counts[one] += 1
            if counts[other] < _MOST:
                counts[other] += 1

    def knows(self, word: str) -> bool:
        """Whether more than one question has the word, so that it is hardly a slip of the pen."""
        return self._count(word) >= _SEVERAL

    def weight(self, word: str) -> float:
        """How much it tells that two questions share the word: its inverse document frequency, less if it is generic."""
        weight = self._weights.get(word)
        if weight is None:
            weight = self._weights[word] = self._weigh(word)
        return weight

    def _count(self, word: str) -> int:
        code = hash_of(word)
        return min(self._counts[code & _MASK], self._counts[code >> _REST])

    def _weigh(self, word: str) -> float:
        prior = _PRIOR_SOFT if word in SOFT else _PRIOR_BY_LENGTH.get(len(word), _PRIOR_LONG)
        weight = math.log((_PRIOR_QUESTIONS + self._questions) / (self._count(word) + prior))
        return _SOFT_SHARE * weight if word in SOFT else weight
