"""How much the words of questions tell: in how many questions of a bank each stands, in a table of one size for any bank."""

import math
from array import array
from functools import lru_cache
from typing import Final, NamedTuple
from zlib import crc32

from trivia.questions.near_duplicates.gist import SOFT, Gist

_BITS: Final = 19
_MASK: Final = 2**_BITS - 1
_MOST: Final = 2**16 - 1
_SEVERAL: Final = 2

_PRIOR_QUESTIONS: Final = 50_000
_PRIOR_SOFT: Final = 1_500
_PRIOR_BY_LENGTH: Final = {1: 40, 2: 40, 3: 40, 4: 40, 5: 20, 6: 20, 7: 20}
_PRIOR_LONG: Final = 10
"""What is supposed of words before the bank says more: in how many of so many questions a word of that length stands."""
_SOFT_SHARE: Final = 0.35
"""What a generic word counts beside another as rare."""


class _Word(NamedTuple):
    places: tuple[int, int]
    prior: int
    share: float


@lru_cache(65_536)
def _look_up(word: str) -> _Word:
    code = hash_of(word)
    prior = _PRIOR_SOFT if word in SOFT else _PRIOR_BY_LENGTH.get(len(word), _PRIOR_LONG)
    return _Word((code & _MASK, code >> (32 - _BITS)), prior, _SOFT_SHARE if word in SOFT else 1.0)


@lru_cache(65_536)
def hash_of(word: str) -> int:
    """A hash of 32 bits that is the same in every process."""
    return crc32(word.encode("utf-8", "surrogatepass"))


class Vocabulary:
    """Counts the questions in which words stand, in 1 MB; a few words share a count, which then is too high."""

    def __init__(self) -> None:
        self._counts = array("H", bytes(2 * 2**_BITS))
        self._questions = 0

    def size_in_bytes(self) -> int:
        """What it takes."""
        return len(self._counts) * self._counts.itemsize

    def note(self, gist: Gist) -> None:
        """Count the words of one question."""
        self._questions += 1
        counts = self._counts
        for word in gist.words:
            for place in _look_up(word).places:
                if counts[place] < _MOST:
                    counts[place] += 1

    def knows(self, word: str) -> bool:
        """Whether more than one question has the word, so that it is hardly a slip of the pen."""
        one, other = _look_up(word).places
        return self._counts[one] >= _SEVERAL and self._counts[other] >= _SEVERAL

    def weight(self, word: str) -> float:
        """How much it tells that two questions share the word: its inverse document frequency, less if it is generic."""
        (one, other), prior, share = _look_up(word)
        count = min(self._counts[one], self._counts[other])
        return share * math.log((_PRIOR_QUESTIONS + self._questions) / (count + prior))
