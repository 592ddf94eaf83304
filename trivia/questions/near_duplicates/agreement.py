"""Whether two questions ask for the same fact, to be told from their gists.

Their answers have to agree, and so much of both prompts has to be the same, words weighted by how rare they are, that what only one
of them says is a clue more or another wording. On both sides something left over of weight makes two questions; so do numbers,
names and contrasts on both sides, a negation or a sign that only one has, and words that changed places.
"""

import re
from difflib import SequenceMatcher
from enum import Enum
from typing import Final

from trivia.questions.near_duplicates.gist import MINOR, OPPOSITES, READ_AS, SOFT, Gist, Words, stem
from trivia.questions.near_duplicates.lexicon import ALIKE, CALENDAR, COUNTRIES, NEGATIONS
from trivia.questions.near_duplicates.vocabulary import Vocabulary


class Agreement(Enum):
    """What a comparison finds."""

    SAME = "same"
    UNSURE = "unsure"
    """A person should look."""
    OTHER = "other"


EQUAL: Final = 1.0
SPELT: Final = 0.9
"""One is a misspelling of the other."""
PART: Final = 0.8
"""One answer says more than the other: `Van Buren`, `Martin Van Buren`."""
MOSTLY: Final = 0.7
MEMBER: Final = 0.6
"""One may be a list that the other is in (`Tomato`, `Garlic, tomato and vinegar`), or count something else (`6`, `6 months`)."""
VARIANT: Final = 0.5
"""They may be two spellings of a name: `Bucharest`, `Bucuresti`. Only the same prompt makes them so."""

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
"""How much more has to be shared where the answers are not equal, or a small number, which many questions have."""
SHORT_NUMBER: Final = 2
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
LONG: Final = 40.0
"""Weight from which a prompt may have a negation that is not what it asks for."""
NAME: Final = 3.0
NUMBER: Final = 7.0
NUMBER_LEFT: Final = 3.0
"""What numbers weigh that both have, or one alone."""
UNCASED: Final = 7.0
"""Weight from which a word may be a name, where letter case does not tell."""
SLIP_LENGTH: Final = 5
"""Shortest word in which one letter more, less, other or in another place may be a slip."""
BEGINNING: Final = 5
ENDING: Final = 2
"""Letters that two forms of a word share at least at the beginning, and by which the shorter one differs at most at its end."""
VARIANT_LENGTH: Final = 6
VARIANT_BEGINNING: Final = 3
VARIANT_RATIO: Final = 0.75

_CALENDAR: Final = frozenset(map(stem, CALENDAR))
_COUNTRIES: Final = frozenset(map(stem, COUNTRIES))
_CATCH_ALL: Final = re.compile(
    r"(?:all|none|any|both|neither|either)\b.*\b(?:these|above|them|options?|answers?|choices?|those)"
    r"|tru|fals|yes|no|all|none|both|neither"  # as `stem` leaves them
)


def compare(a: Gist, b: Gist, vocabulary: Vocabulary) -> Agreement:
    """Whether the two ask for the same fact."""
    answers = compare_answers(a.answer, b.answer, vocabulary)
    if not answers or (a.answer != b.answer and (a.answer in b.wrong or b.answer in a.wrong)):
        return Agreement.OTHER
    left_a, left_b = a.words - b.words, b.words - a.words
    slips = _pair_forms(left_a, left_b, vocabulary) if left_a and left_b else {}
    told = {*a.answer, *b.answer}
    left_a -= told
    left_b -= told
    numbers_a, numbers_b = a.numbers - b.numbers - told, b.numbers - a.numbers - told
    if numbers_a and numbers_b:
        return Agreement.OTHER
    weight = vocabulary.weight
    common = a.words & b.words
    shared = sum([weight(word) * (0.5 if word in told else 1.0) for word in common])
    shared += NUMBER * (len(slips) + len(a.numbers & b.numbers))
    rest_a = sum(map(weight, left_a)) + sum(map(_weigh_number, numbers_a))
    rest_b = sum(map(weight, left_b)) + sum(map(_weigh_number, numbers_b))
    margin = _margin(shared, rest_a, rest_b)
    if answers < EQUAL or _is_common(a.answer):
        margin -= COMMON_ANSWER
    if margin < -UNSURE:
        return Agreement.OTHER
    similarity = shared / (shared + rest_a + rest_b) if shared else float(not rest_a and not rest_b)
    if similarity < HALF and _is_common(a.answer):
        return Agreement.OTHER
    if _is_other_fact(a, b, shared, similarity) or (answers <= VARIANT and similarity < SIMILAR):
        return Agreement.OTHER
    if left_a and left_b and _has_other_names(a, b, left_a, left_b, vocabulary):
        return Agreement.OTHER
    if _has_opposites(left_a | numbers_a, left_b | numbers_b):
        return Agreement.OTHER
    if left_a <= SOFT and left_b <= SOFT and _changed_places(a, b, slips):
        return Agreement.OTHER
    points = a.deictic and b.deictic
    is_certain = margin >= 0 and answers != MEMBER and (answers == EQUAL or not points) and not _is_replaced(left_a, left_b, numbers_a or numbers_b)
    return Agreement.SAME if is_certain else Agreement.UNSURE


def _weigh_number(number: str) -> float:
    """What a number weighs that one prompt alone has: when or for the first time something was is told in passing, which it is not."""
    return NUMBER_LEFT if number == "1" or len(number) > SHORT_NUMBER else NUMBER


def _is_common(answer: Words) -> bool:
    """Whether so many questions have the answer that it tells little."""
    return all(word.isdecimal() and len(word) <= SHORT_NUMBER for word in answer)


def _margin(shared: float, rest_a: float, rest_b: float) -> float:
    """By how much more of the shorter prompt is shared than has to be."""
    if rest_a == rest_b == 0:
        return 1.0
    if shared / (shared + rest_a + rest_b) < LEAST_COMMON:
        return -1.0
    wanted = COVERED + (STRAIN * (TYPICAL - shared) if shared < TYPICAL else EASE * (TYPICAL - min(shared, MOST)))
    return shared / (shared + min(rest_a, rest_b)) - wanted


def _is_other_fact(a: Gist, b: Gist, shared: float, similarity: float) -> bool:
    """Whether two questions differ although most of their words are the same."""
    if a.negations != b.negations and similarity >= ALL_BUT_SAME and shared < LONG:
        return True
    if a.signs != b.signs and (similarity >= SIMILAR or (a.signs and b.signs) or _is_common(a.answer)):
        return True
    says_little = shared < (POINTING if a.deictic or b.deictic else LITTLE) or _is_catch_all(a) or _is_catch_all(b)
    return says_little and len(a.wrong & b.wrong) < SAME_OPTIONS


def _is_catch_all(gist: Gist) -> bool:
    return _CATCH_ALL.fullmatch(" ".join(gist.answer)) is not None


def compare_answers(a: Words, b: Words, vocabulary: Vocabulary) -> float:
    """How well two answers agree, from 0 to 1. If they do not, nothing else matters."""
    if a == b or "".join(a) == "".join(b):
        return EQUAL
    in_a, in_b = set(a) - MINOR or set(a), set(b) - MINOR or set(b)
    left_a, left_b = in_a - in_b, in_b - in_a
    if left_a and left_b:
        _pair_slips(left_a, left_b, vocabulary, short=len(in_a) > 2)
    if not left_a and not left_b:
        return EQUAL if in_a == in_b else SPELT
    shared = len(in_a) - len(left_a)
    if shared and not (left_a and left_b):
        if any(word in NEGATIONS or not word.isalnum() for word in left_a | left_b):
            return 0.0
        is_unsure = ("and" in a) != ("and" in b) or _is_common(tuple(in_a & in_b))
        return MEMBER if is_unsure else PART
    if len(left_a) == len(left_b) == 1 and _may_be_variants(*left_a, *left_b):
        return VARIANT
    differ_in_numbers = any(word[0].isdigit() for word in left_a) and any(word[0].isdigit() for word in left_b)
    differ = bool(left_a - SOFT) and bool(left_b - SOFT)
    if shared > 2 and len(left_a) + len(left_b) <= shared and not differ and not differ_in_numbers:
        return MOSTLY
    return 0.0


def _pair_slips(left_a: set[str], left_b: set[str], vocabulary: Vocabulary, *, short: bool) -> None:
    """Take out of both sets what is the same word but for a slip; in long answers also `van`, `von`."""
    for word in sorted(left_a):
        for other in sorted(left_b):
            both_short = short and len(word) == len(other) == SLIP_LENGTH - 2 and (word + other).isalpha()
            if is_slip(word, other, vocabulary) or (both_short and is_one_edit(word, other)):
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


def _pair_forms(left_a: set[str], left_b: set[str], vocabulary: Vocabulary) -> dict[str, str]:
    """Take out of both sets what is another form of one word, or a slip; the words of b by those of a."""
    pairs = {}
    for word in sorted(left_a):
        for other in sorted(left_b):
            if _is_form(word, other) or _is_slip_of_any(word, other, vocabulary):
                left_a.discard(word)
                left_b.discard(other)
                pairs[word] = other
                break
    return pairs


def _is_slip_of_any(a: str, b: str, vocabulary: Vocabulary) -> bool:
    """Whether one is a misspelling of the other, or of a word that is read as the other: `collor` of `color`, read as `colour`."""
    return is_slip(a, b, vocabulary) or any(
        is_slip(word, spelt, vocabulary) for word, read in ((a, b), (b, a)) for spelt in READ_AS.get(read, ())
    )


def _is_form(a: str, b: str) -> bool:
    """Whether two words begin alike and differ in their endings: `constitution`, `constitutional`."""
    shorter = min(len(a), len(b))
    return (
        shorter >= BEGINNING
        and abs(len(a) - len(b)) < BEGINNING
        and a[: max(BEGINNING, shorter - ENDING)] == b[: max(BEGINNING, shorter - ENDING)]
        and not {a, b} <= ALIKE
    )


def is_slip(a: str, b: str, vocabulary: Vocabulary) -> bool:
    """Whether one of two words is probably a misspelling of the other: one edit apart, and not both of them words."""
    return (
        min(len(a), len(b)) >= SLIP_LENGTH - 1
        and max(len(a), len(b)) >= SLIP_LENGTH
        and is_one_edit(a, b)
        and (a + b).isalpha()
        and not {a, b} <= ALIKE
        and not (vocabulary.knows(a) and vocabulary.knows(b))
    )


def is_one_edit(a: str, b: str) -> bool:
    """Whether one letter put in, taken out or replaced, or two neighbours that changed places, make one word the other."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    start = next((place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    rest_a, rest_b = a[start:], b[start:]
    if len(a) < len(b):
        return rest_a == rest_b[1:]
    return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])


def _has_other_names(a: Gist, b: Gist, left_a: set[str], left_b: set[str], vocabulary: Vocabulary) -> bool:
    """Whether both prompts have names of one kind that the other has not."""
    kinds_a, kinds_b = (
        {_kind_of_name(word) for word in _names(gist, left, vocabulary) if vocabulary.weight(word) >= NAME}
        for gist, left in ((a, left_a), (b, left_b))
    )
    return not kinds_a.isdisjoint(kinds_b)


def _names(gist: Gist, words: set[str], vocabulary: Vocabulary) -> set[str]:
    """Those of the words that are names; where letter case does not tell, every rare word may be one."""
    names = gist.names
    return {word for word in words if vocabulary.weight(word) >= UNCASED} if names is None else words & names


def _kind_of_name(word: str) -> str:
    if len(word) == 1:
        return "letter"
    if word in _CALENDAR:
        return "calendar"
    return "country" if word in _COUNTRIES else "name"


def _is_replaced(left_a: set[str], left_b: set[str], numbers: set[str]) -> bool:
    """Whether all that differs is one word of weight instead of another: `magenta and yellow light`, `cyan and yellow light`."""
    told_a, told_b = ([word for word in left if word not in SOFT or word in _COUNTRIES] for left in (left_a, left_b))
    return not numbers and len(told_a) == len(told_b) == 1


def _has_opposites(left_a: set[str], left_b: set[str]) -> bool:
    """Whether all that differs is one word instead of its opposite."""
    told_a, told_b = ([word for word in left if word not in SOFT or word in OPPOSITES] for left in (left_a, left_b))
    if len(told_a) != 1 or len(told_b) != 1:
        return False
    kind = OPPOSITES.get(told_a[0])
    return kind is not None and kind == OPPOSITES.get(told_b[0])


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
        mine, theirs = (tuple([word for word in words if word in names or word[0].isdigit()]) for words in (mine, theirs))
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
