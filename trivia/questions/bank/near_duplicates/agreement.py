"""Whether two questions ask for the same fact, to be told from their gists.

Their answers have to agree, and so much of the shorter prompt has to be in the other, words weighted by how rare they are, that what
only one of them says is a clue more or another wording. Numbers, names of one kind and opposites that stand on both sides make two
questions; so do a negation or a sign that only one has, and words that changed places.
"""

import re
from enum import Enum
from typing import Final, NamedTuple

from trivia.questions.bank.near_duplicates.answer_comparison import (
    EQUAL,
    MEMBER,
    SHORT_NUMBER,
    VARIANT,
    compare_answers,
    is_common,
)
from trivia.questions.bank.near_duplicates.gist import OPPOSITES, SOFT, Gist, Words, stem
from trivia.questions.bank.near_duplicates.lexicon import CALENDAR, COUNTRIES
from trivia.questions.bank.near_duplicates.spelling import is_form, is_slip_of_any
from trivia.questions.bank.near_duplicates.word_counts import WordCounts


class Agreement(Enum):
    """What a comparison finds."""

    SAME = "same"
    UNSURE = "unsure"
    """A person should look."""
    OTHER = "other"


COVERED: Final = 0.8
"""How much of the shorter prompt's weight the other has to share, where they share as much as `TYPICAL`."""
TYPICAL: Final = 16.0
"""Weight of two rare words."""
MOST: Final = 45.0
"""Weight beyond which more makes no difference."""
EASE: Final = 0.0035
STRAIN: Final = 0.008
"""By how much less has to be shared for each unit beyond TYPICAL, and by how much more for each below."""
COMMON_ANSWER: Final = 0.05
"""How much more has to be shared where the answers are not equal, or a number that many questions have."""
UNSURE: Final = 0.12
"""How much less than that is worth a person's look."""
LEAST_COMMON: Final = 0.2
"""How much the two prompts have to share of all that is in either."""
LITTLE: Final = 6.0
POINTING: Final = 10.0
"""Weight up to which prompts are nothing without their options, and those that point at options or a picture."""
SAME_OPTIONS: Final = 2
"""Wrong options that two such questions have in common if they are the same."""
ALL_BUT_SAME: Final = 0.85
SIMILAR: Final = 0.6
"""Share of what is in either prompt from which a negation, or a sign, that one alone has makes another question."""
HALF: Final = 0.5
"""Share of what is in either prompt up to which an answer that many questions have says nothing."""
LONG: Final = 24.0
"""Weight from which a prompt may have a negation that is not what it asks for."""
NAME: Final = 3.0
"""Weight from which a name makes a question another one."""
IN_ANSWER: Final = 0.5
"""What a word of the prompt counts that the answer has too."""
NUMBER: Final = 7.0
NUMBER_LEFT: Final = 3.0
"""What numbers weigh that both have, or one alone."""
UNCASED: Final = 7.0
"""Weight from which a word may be a name, where letter case does not tell."""

_CALENDAR: Final = frozenset(map(stem, CALENDAR))
_COUNTRIES: Final = frozenset(map(stem, COUNTRIES))
_GENERIC: Final = SOFT - _COUNTRIES
_CATCH_ALL: Final = re.compile(
    r"(?:all|none|any|both|neither|either)\b.*\b(?:these|above|them|options?|answers?|choices?|those)"
    r"|tru|fals|yes|no|all|none|both|neither"  # as `stem` leaves them
)


def compare(a: Gist, b: Gist, word_counts: WordCounts) -> Agreement:
    """Whether the two ask for the same fact."""
    answers = compare_answers(a.answer, b.answer, word_counts)
    if not answers or (a.answer != b.answer and (a.answer in b.wrong or b.answer in a.wrong)):
        return Agreement.OTHER
    prompts = _compare_prompts(a, b, word_counts)
    margin = prompts.margin
    if answers < EQUAL or is_common(a.answer):
        margin -= COMMON_ANSWER
    # Most end here.
    if margin < -UNSURE or _is_other_fact(a, b, prompts, answers) or _has_other_names(a, b, prompts, word_counts):
        return Agreement.OTHER
    # What the options say depends on all of them.
    points = a.deictic and b.deictic and answers < EQUAL
    is_certain = margin >= 0 and answers != MEMBER and not points and not _has_one_word_replaced(a, b, prompts)
    return Agreement.SAME if is_certain else Agreement.UNSURE


class _Prompts(NamedTuple):
    """What two prompts share and what only one of them has, answers apart; weights of all that."""

    left_a: set[str]
    left_b: set[str]
    numbers_a: set[str]
    numbers_b: set[str]
    slips: dict[str, str]
    """Words of b by those of a that are misspelt, or another form."""
    shared: float
    rest_a: float
    rest_b: float

    @property
    def similarity(self) -> float:
        """What they share of all that is in either, from 0 to 1."""
        rest = self.rest_a + self.rest_b
        return self.shared / (self.shared + rest) if rest else 1.0

    @property
    def margin(self) -> float:
        """By how much more of the shorter one is shared than has to be."""
        if self.rest_a == self.rest_b == 0:
            return 1.0
        if self.similarity < LEAST_COMMON:
            return -1.0
        beyond = min(self.shared, MOST) - TYPICAL
        if beyond < 0 and self.left_a <= SOFT and self.left_b <= SOFT and not self.numbers_a and not self.numbers_b:
            beyond = 0.0
        wanted = COVERED - beyond * (EASE if beyond > 0 else STRAIN)
        return self.shared / (self.shared + min(self.rest_a, self.rest_b)) - wanted

    @property
    def has_opposites(self) -> bool:
        """Whether all that differs is one word instead of its opposite: `first`, `last`."""
        sides = (self.left_a | self.numbers_a, self.left_b | self.numbers_b)
        weighty = [[word for word in left if word not in SOFT or word in OPPOSITES] for left in sides]
        if not all(len(left) == 1 for left in weighty):
            return False
        one, other = (OPPOSITES.get(left[0]) for left in weighty)
        return one is not None and one == other


def _compare_prompts(a: Gist, b: Gist, word_counts: WordCounts) -> _Prompts:
    left_a, left_b = a.words - b.words, b.words - a.words
    slips = _pair_forms(left_a, left_b, word_counts) if left_a and left_b else {}
    in_answer = {*a.answer, *b.answer}
    left_a -= in_answer
    left_b -= in_answer
    numbers_a, numbers_b = a.numbers - b.numbers - in_answer, b.numbers - a.numbers - in_answer
    weight = word_counts.weight
    shared = sum([weight(word) * (IN_ANSWER if word in in_answer else 1.0) for word in a.words & b.words])
    shared += NUMBER * (len(slips) + len(a.numbers & b.numbers))
    rest_a = sum(map(weight, left_a)) + sum(map(_weigh_number, numbers_a))
    rest_b = sum(map(weight, left_b)) + sum(map(_weigh_number, numbers_b))
    return _Prompts(left_a, left_b, numbers_a, numbers_b, slips, shared, rest_a, rest_b)


def _weigh_number(number: str) -> float:
    """What a number weighs that one prompt alone has. Years and first times are mentioned in passing; which one it was is not."""
    return NUMBER_LEFT if number == "1" or len(number) > SHORT_NUMBER else NUMBER


def _is_other_fact(a: Gist, b: Gist, prompts: _Prompts, answers: float) -> bool:
    """Whether two questions differ although most of their words are the same."""
    similarity = prompts.similarity
    if (prompts.numbers_a and prompts.numbers_b) or prompts.has_opposites:
        return True
    if (answers <= VARIANT and similarity < SIMILAR) or (is_common(a.answer) and similarity < HALF):
        return True
    if a.negations != b.negations and similarity >= ALL_BUT_SAME and prompts.shared < LONG:
        return True
    if a.signs != b.signs and (similarity >= SIMILAR or (a.signs and b.signs) or is_common(a.answer)):
        return True
    if prompts.left_a <= SOFT and prompts.left_b <= SOFT and _changed_places(a, b, prompts.slips):
        return True
    says_little = prompts.shared < (POINTING if a.deictic or b.deictic else LITTLE)
    return (says_little or _is_catch_all(a) or _is_catch_all(b)) and len(a.wrong & b.wrong) < SAME_OPTIONS


def _has_one_word_replaced(a: Gist, b: Gist, prompts: _Prompts) -> bool:
    """Whether one word of weight stands instead of another, and all else is word for word the same: `magenta light`, `cyan light`."""
    if not len(prompts.left_a) == len(prompts.left_b) == 1 or (prompts.left_a | prompts.left_b) & _GENERIC:
        return False
    order_a, order_b = a.order, b.order
    return len(order_a) == len(order_b) and sum([x != y for x, y in zip(order_a, order_b, strict=True)]) == 1


def _is_catch_all(gist: Gist) -> bool:
    return _CATCH_ALL.fullmatch(" ".join(gist.answer)) is not None


def _pair_forms(left_a: set[str], left_b: set[str], word_counts: WordCounts) -> dict[str, str]:
    """Take out of both sets what is another form of one word, or a slip; the words of b by those of a."""
    pairs = {}
    for word in sorted(left_a):
        for other in sorted(left_b):
            if is_form(word, other) or is_slip_of_any(word, other, word_counts):
                left_a.discard(word)
                left_b.discard(other)
                pairs[word] = other
                break
    return pairs


def _has_other_names(a: Gist, b: Gist, prompts: _Prompts, word_counts: WordCounts) -> bool:
    """Whether both prompts have names of one kind that the other has not."""
    if not prompts.left_a or not prompts.left_b:
        return False
    kinds_a, kinds_b = (
        {_kind_of_name(word) for word in _names(gist, left, word_counts) if word_counts.weight(word) >= NAME}
        for gist, left in ((a, prompts.left_a), (b, prompts.left_b))
    )
    return not kinds_a.isdisjoint(kinds_b)


def _names(gist: Gist, words: set[str], word_counts: WordCounts) -> set[str]:
    """Those of the words that are names; where letter case does not tell, every rare word may be one."""
    names = gist.names
    return {word for word in words if word_counts.weight(word) >= UNCASED} if names is None else words & names


def _kind_of_name(word: str) -> str:
    if len(word) == 1:
        return "letter"
    if word in _CALENDAR:
        return "calendar"
    return "country" if word in _COUNTRIES else "name"


def _changed_places(a: Gist, b: Gist, slips: dict[str, str]) -> bool:
    """Whether the same words and numbers stand in an order that makes them mean something else: `x beat y`, `y beat x`.

    A clause that was put in front, or behind, leaves the order within itself and within the rest. Where wording differs too, only the
    order of names and numbers counts.
    """
    mine, theirs = _with_slips(a.order, slips), b.order
    if mine == theirs:
        return False
    if sorted(mine) != sorted(theirs):
        names = (a.names or set()) | (b.names or set())
        mine, theirs = (
            tuple([word for word in words if word in names or word[0].isdigit()]) for words in (mine, theirs)
        )
        return sorted(mine) == sorted(theirs) and not _is_rotation(*_between_same_ends(mine, theirs))
    mine, theirs = _between_same_ends(mine, theirs)
    return not any(word.isalpha() for word in mine) or not _is_rotation(mine, theirs)


def _with_slips(words: Words, slips: dict[str, str]) -> Words:
    return tuple([slips.get(word, word) for word in words]) if slips else words


def _between_same_ends(a: Words, b: Words) -> tuple[Words, Words]:
    """What two sequences of one length have between the beginning and the end that they share."""
    start = next((place for place in range(len(a)) if a[place] != b[place]), len(a))
    end = next((place for place in range(len(a) - start) if a[-1 - place] != b[-1 - place]), len(a) - start)
    return a[start : len(a) - end], b[start : len(b) - end]


def _is_rotation(a: Words, b: Words) -> bool:
    return any(a[place:] + a[:place] == b for place in range(max(1, len(a))))
