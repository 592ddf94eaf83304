"""Whether two questions ask for the same fact, to be told from their gists.

They do only if their answers agree and nothing of weight is left over of both prompts, slips of the pen apart. Numbers, signs and
negations must be the same; words that changed places about what stands between them (who beat whom) make another question.
"""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Final

from trivia.questions.bank.near_duplicates.gist import HARD, SOFT, Gist, Words
from trivia.questions.bank.near_duplicates.lexicon import ALIKE

Known = Callable[[str], bool]
"""Whether a word stands in more than one question of the bank, so that it is hardly a slip."""

SLIP_LENGTH: Final = 5
"""Shortest word in which one letter more, less, other or in another place may be a slip."""
SURNAME_LENGTH: Final = 4
FEW_WORDS: Final = 1
"""With so few words or less a prompt ("Name the composer.") says nothing without its options."""
SAME_OPTIONS: Final = 2
"""Of three wrong options, how many make two questions with the same options."""
LETTERS: Final = 2
"""Letters of the longest word that is a thing of its own: a note, an initial, the symbol of an element."""
LEFT: Final = 0.5
WEIGHTY_LEFT: Final = 0.2
"""How much of both prompts' words may be left over, and how much that is not `SOFT`, as shares."""


def agree(a: Gist, b: Gist, known: Known) -> bool:
    """Whether the two ask for the same fact."""
    if a.marks != b.marks or a.negations != b.negations:
        return False
    if a.answer != b.answer and not _answers_agree(a, b, known):
        return False
    left_a, left_b = _left_over(a, b)
    slips = _pair_slips(a, b, left_a, left_b, known) if left_a and left_b else {}
    if left_a or left_b:
        if a.answer != b.answer or _is_other_fact(left_a, left_b, len(a.words) + len(b.words)):
            return False
    elif _changed_places(a, b, slips):
        return False
    if a.deictic or b.deictic or min(len(a.words), len(b.words)) <= FEW_WORDS:
        return len(a.others & b.others) >= SAME_OPTIONS
    return True


def _is_other_fact(left_a: Collection[str], left_b: Collection[str], words: int) -> bool:
    """Whether what only one of two prompts says makes another fact of it; `words` counts those of both prompts.

    Something of weight may be added on one side. On both, it is something else that is asked for.
    """
    if any(word in HARD or len(word) <= LETTERS or not word.isalpha() for word in (*left_a, *left_b)):
        return True
    weighty_a, weighty_b = ([word for word in left if word not in SOFT] for left in (left_a, left_b))
    if weighty_a and weighty_b:
        return True
    left = len(left_a) + len(left_b)
    return len(weighty_a) + len(weighty_b) > WEIGHTY_LEFT * words or left > LEFT * words


def answers_may_agree(a: Words, b: Words, known: Known) -> bool:
    """Whether two answers are equal, or mean the same: by a slip, or one by the surname alone. If not, nothing else matters."""
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    if len(short) == len(long):
        return all(x == y or is_slip(x, y, known) for x, y in zip(short, long, strict=True))
    is_surname = bool(short) and len(short[-1]) >= SURNAME_LENGTH and long[-len(short) :] == short
    return is_surname and all(word.isalpha() for word in long)


def _answers_agree(a: Gist, b: Gist, known: Known) -> bool:
    """Whether answers that differ mean the same; neither may be wrong in the other question."""
    return answers_may_agree(a.answer, b.answer, known) and a.answer not in b.others and b.answer not in a.others


def _left_over(a: Gist, b: Gist) -> tuple[list[str], list[str]]:
    """The words of each that the other has not, or not as often."""
    if a.words == b.words:
        return [], []
    in_a, in_b = Counter(a.words), Counter(b.words)
    return list((in_a - in_b).elements()), list((in_b - in_a).elements())


def _pair_slips(a: Gist, b: Gist, left_a: list[str], left_b: list[str], known: Known) -> dict[str, str]:
    """Take out of both lists what is the same word but for a slip; the words of b by those of a."""
    # As they are spelt: a slip in a word that stands for others ("collor") hides what it stands for.
    spelt_a, spelt_b = (dict(zip(gist.words, gist.spelt, strict=True)) for gist in (a, b))
    slips = {}
    for word in list(left_a):
        for other in left_b:
            unknown = not (known(word) and known(other))
            if unknown and (is_slip(word, other, known) or is_slip(spelt_a[word], spelt_b[other], known)):
                left_a.remove(word)
                left_b.remove(other)
                slips[word] = other
                break
    return slips


def is_slip(a: str, b: str, known: Known) -> bool:
    """Whether one of two words is probably a misspelling of the other: one edit apart, and not both of them words."""
    return (
        min(len(a), len(b)) >= SLIP_LENGTH - 1
        and max(len(a), len(b)) >= SLIP_LENGTH
        and is_one_edit(a, b)
        and a.isalpha()
        and b.isalpha()
        and not {a, b} <= ALIKE
        and not (known(a) and known(b))
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


def _changed_places(a: Gist, b: Gist, slips: dict[str, str]) -> bool:
    """Whether the same words and marks stand in an order that makes them mean something else: `x beat y`, `y beat x`, `12 - 5`, `5 - 12`.

    A clause that was put in front, or behind, leaves the order within itself and within the rest.
    """
    mine, theirs = _spelt_alike(a.order, slips), _spelt_alike(b.order, slips)
    if mine == theirs:
        return False
    mine, theirs = _between_same_ends(mine, theirs)
    if not any(word.isalpha() for word in mine) or not _is_rotation(mine, theirs):
        return True
    linked_a, linked_b = _spelt_alike(a.linked, slips), _spelt_alike(b.linked, slips)
    if sorted(linked_a) == sorted(linked_b):
        return not _is_rotation(*_between_same_ends(linked_a, linked_b))
    return len(mine) == 2  # noqa: PLR2004 - two words that changed places


def _spelt_alike(words: Words, slips: dict[str, str]) -> Words:
    return tuple([slips.get(word, word) for word in words]) if slips else words


def _between_same_ends(a: Words, b: Words) -> tuple[Words, Words]:
    """What two sequences of one length have between the beginning and the end that they share."""
    start = next((place for place in range(len(a)) if a[place] != b[place]), len(a))
    end = next((place for place in range(len(a) - start) if a[-1 - place] != b[-1 - place]), len(a) - start)
    return a[start : len(a) - end], b[start : len(b) - end]


def _is_rotation(a: Words, b: Words) -> bool:
    return any(a[place:] + a[:place] == b for place in range(max(1, len(a))))
