"""Under which keys a question is filed, so that questions about the same fact share one and hardly any others do."""

from typing import ClassVar, Final
from zlib import crc32

from trivia.questions.bank.near_duplicates.gist import Gist, Keys

WORD_KEYS: Final = 4
"""How many words of the prompt are a key, each together with the answer. With one of them spelt wrong, the others are left."""

_VOCABULARY_BITS: Final = 20
_VOCABULARY_MASK: Final = 2**_VOCABULARY_BITS - 1
_SHIFT: Final = 12
_SEVERAL: Final = 2
_32_BITS: Final = 2**32 - 1
_ODD: Final = 2_654_435_761  # Knuth's multiplier for hashing, the prime next to 2**32 divided by the golden ratio


def keys_of(gist: Gist, org: str) -> Keys:
    """The keys of a question in the bank of an organisation."""
    # Whoever looks for a question files it next.
    if gist.keys is None or gist.keys[0] != org:
        gist.keys = (org, _make_keys(gist, org))
    return gist.keys[1]


def _make_keys(gist: Gist, org: str) -> Keys:
    asked = "\n".join((org, str(gist.negations), *gist.marks))
    base = crc32(asked.encode("utf-8", "surrogatepass"))
    # By the last word, because a name may be given in full or not.
    with_answer = crc32(gist.answer[-1].encode("utf-8", "surrogatepass"), base) if gist.answer else base
    spots = sorted(set(gist.spots))
    words = [(spot * _ODD ^ with_answer) & _32_BITS or 1 for spot in spots[:WORD_KEYS]] if spots else [with_answer or 1]
    return Keys(words, (sum(spots) * _ODD ^ ~base) & _32_BITS or 1)


class Vocabulary:
    """Which words stand in more than one question: a counting filter of 1 MB, which takes a few unknown words for known ones."""

    BYTES: ClassVar[int] = 2**_VOCABULARY_BITS

    def __init__(self) -> None:
        self._counts = bytearray(self.BYTES)

    def note(self, gist: Gist) -> None:
        """Count the words of one question."""
        counts = self._counts
        for spot in set(gist.spots):
            for place in (spot & _VOCABULARY_MASK, spot * _ODD >> _SHIFT & _VOCABULARY_MASK):
                if counts[place] < _SEVERAL:
                    counts[place] += 1

    def knows(self, spot: int) -> bool:
        """Whether more than one question has the word with this hash."""
        counts = self._counts
        return (
            counts[spot & _VOCABULARY_MASK] >= _SEVERAL and counts[spot * _ODD >> _SHIFT & _VOCABULARY_MASK] >= _SEVERAL
        )
