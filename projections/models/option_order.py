"""The order in which a user sees a question's options.

It follows from the user's id and the question's number alone, so that every process, retry and later view agree and nothing is
stored. Options that speak of the others ("none of the above") stay last; where one names others by their place ("both A and B"),
all of them stay where they are, since another order would make it false.
"""

import re
from collections.abc import Callable, Sequence
from hashlib import blake2b
from itertools import permutations
from operator import itemgetter
from typing import Final

_QUANTIFIERS: Final = frozenset(
    "all none any both neither either each some one two three more "
    "alle alles keine keiner keines nichts beide weder toutes tous toute aucune aucun todas todos ninguna ninguno "
    "tutte tutti nessuna nessuno geen beiden".split()
)
"""Words with which an option that speaks of the others begins."""
_OF_TWO: Final = frozenset("both neither either beide weder beiden".split())
_COUNTS: Final = frozenset("one two three more some each either".split())
"""Those that are ordinary answers unless one of `_POINTERS` follows."""
_POINTERS: Final = frozenset(
    "above these those them others other options answers choices listed mentioned following previous preceding "
    "genannten genannte obigen diesen antworten ces réponses propositions précédentes anteriores opciones respuestas "
    "precedenti risposte bovenstaande".split()
)
_FILLERS: Final = _POINTERS | frozenset(
    "of the is are correct right true wrong false incorrect at all one two three four than or only "
    "von der den oben richtig de las los les des ci-dessus estas estos delle dei le queste del van het".split()
)
_LAST_PHRASES: Final = frozenset(
    ("other", "others", "the others", "something else", "not listed", "i don't know", "don't know")
)
_PLACES: Final = {name: place for place, name in enumerate("abcdef")} | {
    "first": 0,
    "second": 1,
    "third": 2,
    "fourth": 3,
    "last": -1,
}
_BESIDE_PLACES: Final = frozenset(
    "both either neither only all of the and or nor options option answers answer".split()
)
_AROUND: Final = "(\"'.,;:/)"
_FIRST_WORDS: Final = _QUANTIFIERS.union(_PLACES, _BESIDE_PLACES, [phrase.split()[0] for phrase in _LAST_PHRASES])
_FIRST_TWO: Final = re.compile("(?:both )?(?:the )?(?:first|last) (?:two|three)(?: options| answers)?")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\S")
_IGNORED: Final = frozenset('.!,;:&/()"')


def fixed_options(options: Sequence[str]) -> tuple[int, ...]:
    """The options, by index in stored order, that come last and in that order; all of them where none may change its place."""
    # Nearly all questions are done here, and this much is quick.
    if _FIRST_WORDS.isdisjoint([option.partition(" ")[0].strip(_AROUND).lower() for option in options]):
        return ()
    split = [_words(option) for option in options]
    last = tuple([index for index, words in enumerate(split) if _speaks_of_others(words)])
    if len(last) == len(options):
        return ()
    of_two = any(split[index][0] in _OF_TWO for index in last) and len(options) - len(last) != 2  # noqa: PLR2004
    return tuple(range(len(options))) if of_two or _name_places(split) else last


def _words(option: str) -> list[str]:
    return [word for word in _WORD.findall(option.replace("\u2019", "'").lower()) if word not in _IGNORED]


def _speaks_of_others(words: Sequence[str]) -> bool:
    if " ".join(words) in _LAST_PHRASES:
        return True
    if not words or words[0] not in _QUANTIFIERS or not _FILLERS.issuperset(words[1:]):
        return False
    return words[0] not in _COUNTS or not _POINTERS.isdisjoint(words)


def _name_places(split: Sequence[Sequence[str]]) -> bool:
    """Whether an option names others by their place: "A and C", "the first two".

    Letters may be names of things (vitamins, notes, statements in the prompt): they name options only where those say something else.
    """
    named: dict[int, set[int]] = {}
    for index, words in enumerate(split):
        if _FIRST_TWO.fullmatch(" ".join(words)):
            return True
        places = {_PLACES[word] % len(split) for word in words if word in _PLACES}
        if places and _BESIDE_PLACES.union(_PLACES).issuperset(words):
            named[index] = places
    return any(len(places) > 1 and named.keys().isdisjoint(places) for places in named.values())


MOST: Final = 6
"""How many options change their places with each other; more of them come after these."""


def options_in_order(options: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options that each user sees in another order, and those that everybody sees after them; each in stored order."""
    fixed = fixed_options(options)
    if not fixed and 2 <= len(options) <= MOST:  # noqa: PLR2004
        return list(options), []
    movable = [option for index, option in enumerate(options) if index not in fixed]
    if len(movable) < 2:  # noqa: PLR2004 - one alone cannot change its place
        return [], list(options)
    return movable[:MOST], movable[MOST:] + [options[index] for index in fixed]


def _orders(count: int) -> tuple[Callable[[Sequence[bytes]], Sequence[bytes]], ...]:
    return tuple([itemgetter(*order) for order in permutations(range(1, count + 1))])


_LOW_64: Final = 2**64 - 1
_ODD: Final = 0x9E3779B97F4A7C15
ORDERS: Final = {count + 2: _orders(count) for count in range(2, MOST + 1)}
"""Every order of some options, as functions of a sequence that has one thing more before and after them; by its length."""


def multiplier_of(user: str) -> int:
    """What the orders of a user's options follow from: an odd number of 64 bits."""
    return int.from_bytes(blake2b(user.encode(), digest_size=8).digest()) | 1


def hash_number(number: int, multiplier: int) -> int:
    """What the order of a question's options follows from, for the user with this multiplier; of N orders it is this one mod N."""
    product = number * multiplier & _LOW_64
    # Products of neighbouring numbers differ by the same; this ends that.
    return (product ^ product >> 29) * _ODD >> 40
