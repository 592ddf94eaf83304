"""Whether two answers mean the same."""

from difflib import SequenceMatcher
from typing import Final

from trivia.questions.bank.near_duplicates.gist import MINOR, SOFT, Words
from trivia.questions.bank.near_duplicates.lexicon import ALIKE, NEGATIONS
from trivia.questions.bank.near_duplicates.spelling import is_one_edit, is_slip
from trivia.questions.bank.near_duplicates.word_counts import WordCounts

EQUAL: Final = 1.0
SPELT: Final = 0.9
"""One is a misspelling of the other."""
PART: Final = 0.8
"""One says more than the other: `Van Buren`, `Martin Van Buren`."""
MOSTLY: Final = 0.7
"""They are phrases that share most of their words."""
MEMBER: Final = 0.6
"""One may be a list that the other is in (`Tomato`, `Garlic, tomato and vinegar`), or count something else (`6`, `6 months`)."""
VARIANT: Final = 0.5
"""They may be two spellings of a name: `Bucharest`, `Bucuresti`. Only the same prompt makes them so."""
NONE: Final = 0.0

PHRASE: Final = 3
"""Fewest words of an answer that may share most of them with another, and in which short words may be slips: `van`, `von`."""
SHORT_WORD: Final = 3
SHORT_NUMBER: Final = 2
VARIANT_LENGTH: Final = 6
VARIANT_BEGINNING: Final = 3
VARIANT_RATIO: Final = 0.75


def compare_answers(a: Words, b: Words, word_counts: WordCounts) -> float:
    """How well two answers agree, as one of the above. If they do not, nothing else matters."""
    if a == b:
        return EQUAL
    joined = "".join(a)
    if joined == "".join(b) and joined.isalpha():
        return EQUAL
    in_a, in_b = set(a) - MINOR or set(a), set(b) - MINOR or set(b)
    left_a, left_b = in_a - in_b, in_b - in_a
    if left_a and left_b:
        _pair_slips(left_a, left_b, word_counts, is_phrase=len(in_a) >= PHRASE)
    if left_a and left_b:
        return _compare_different(left_a, left_b, len(in_a) - len(left_a))
    if not left_a and not left_b:
        return EQUAL if in_a == in_b else SPELT
    if any(word in NEGATIONS or not word.isalnum() for word in left_a | left_b):
        return NONE
    return MEMBER if ("and" in a) != ("and" in b) or is_common(in_a & in_b) else PART


def is_common(answer: Words | set[str]) -> bool:
    """Whether so many questions have the answer, a small number, that it tells little."""
    return all(word.isdecimal() and len(word) <= SHORT_NUMBER for word in answer)


def _compare_different(left_a: set[str], left_b: set[str], shared: int) -> float:
    """Of answers that both have words that the other has not."""
    if len(left_a) == len(left_b) == 1 and _may_be_variants(*left_a, *left_b):
        return VARIANT
    has_other_numbers = any(word[0].isdigit() for word in left_a) and any(word[0].isdigit() for word in left_b)
    is_other = has_other_numbers or not (left_a <= SOFT or left_b <= SOFT)
    return MOSTLY if shared >= PHRASE and len(left_a) + len(left_b) <= shared and not is_other else NONE


def _pair_slips(left_a: set[str], left_b: set[str], word_counts: WordCounts, *, is_phrase: bool) -> None:
    """Take out of both sets what is the same word but for a slip."""
    for word in sorted(left_a):
        for other in sorted(left_b):
            are_short = is_phrase and len(word) == len(other) == SHORT_WORD and (word + other).isalpha()
            if is_slip(word, other, word_counts) or (are_short and is_one_edit(word, other)):
                left_a.discard(word)
                left_b.discard(other)
                break


def _may_be_variants(a: str, b: str) -> bool:
    return (
        min(len(a), len(b)) >= VARIANT_LENGTH
        and a[:VARIANT_BEGINNING] == b[:VARIANT_BEGINNING]
        and (a + b).isalpha()
        and not {a, b} <= ALIKE
        and SequenceMatcher(None, a, b, autojunk=False).ratio() >= VARIANT_RATIO
    )
