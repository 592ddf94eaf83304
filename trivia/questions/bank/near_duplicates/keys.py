"""Under which keys a question is filed, and looked for, so that questions about the same fact share one and hardly any others do.

A key is a word of the prompt together with a word of the answer. A question is filed under few, those that tell most, and looked for
under many: what it shares with another need not be what tells most of both.
"""

from collections.abc import Collection
from typing import Final

from trivia.questions.bank.near_duplicates.gist import MINOR, Gist
from trivia.questions.bank.near_duplicates.word_counts import WordCounts, hash_of

FILED_WORDS: Final = 4
FILED_ANSWERS: Final = 2
"""Words of prompt and answer under which a question is filed: all but the last with the first of the other kind."""
SEARCHED_WORDS: Final = 16
SEARCHED_ANSWERS: Final = 4
"""Words of prompt and answer that are looked for in all combinations."""

_32_BITS: Final = 2**32 - 1
_ODD: Final = 2_654_435_761  # Knuth's multiplier for hashing, the prime next to 2**32 divided by the golden ratio
_SHORT_NUMBER: Final = 2
YEAR: Final = 7.0
"""What a number of many digits counts among words; one of few says nothing."""


def filed_keys(gist: Gist, org: str, word_counts: WordCounts) -> set[int]:
    """The keys, of 32 bits and not 0, under which a question in the bank of an organisation is filed: five at most."""
    base = hash_of(org)
    words = _rarest(_words(gist), word_counts, FILED_WORDS)
    answers = _rarest(_answers(gist), word_counts, FILED_ANSWERS)
    keys = set(_pair_keys(base, words[: FILED_WORDS - len(answers) + 1], answers[:1]))
    keys.update(_pair_keys(base, words[:1], answers[1:]))
    keys.add(_prompt_key(base, gist))
    return keys


def searched_keys(gist: Gist, org: str, word_counts: WordCounts) -> tuple[list[int], int]:
    """The keys under which what asks for the same fact is to be found: pairs of words, and the whole prompt."""
    base = hash_of(org)
    words: Collection[str] = _words(gist)
    if len(words) > SEARCHED_WORDS:
        words = _rarest(words, word_counts, SEARCHED_WORDS)
    answers: Collection[str] = _answers(gist)
    if len(answers) > SEARCHED_ANSWERS:
        answers = _rarest(answers, word_counts, SEARCHED_ANSWERS)
    return _pair_keys(base, words, answers), _prompt_key(base, gist)


def _pair_keys(base: int, words: Collection[str], answers: Collection[str]) -> list[int]:
    mixed = [(hash_of(word) + base) * _ODD & _32_BITS for word in words]
    return [code ^ key or 1 for key in map(hash_of, answers) for code in mixed]


def _prompt_key(base: int, gist: Gist) -> int:
    return (sum(map(hash_of, gist.words | gist.numbers)) * _ODD ^ ~base) & _32_BITS or 1


def _words(gist: Gist) -> set[str]:
    """What may be a key of a prompt; something in any case."""
    return (gist.words | gist.numbers).difference(gist.answer) or gist.words or {""}


def _answers(gist: Gist) -> set[str]:
    return set(gist.answer) - MINOR or set(gist.answer) or {""}


def _rarest(words: Collection[str], word_counts: WordCounts, most: int) -> list[str]:
    """Those that tell most, first."""
    if len(words) == 1:
        return list(words)
    weighed = [(-_weight(word, word_counts), word) for word in words]
    weighed.sort()
    return [word for _, word in weighed[:most]]


def _weight(word: str, word_counts: WordCounts) -> float:
    if word[:1].isdigit():
        return YEAR if len(word) > _SHORT_NUMBER else 0.0
    return word_counts.weight(word)
