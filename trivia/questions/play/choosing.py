"""Chooses unseen questions uniformly at random, at a cost that does not grow with the bank.

Two ways, by how much is left. While a good share of the candidates is unseen, random ranks among
the candidates are probed and seen ones thrown back: no set is built. When little is left, the
unseen ones are listed, once, and the list is kept while its user goes on drawing from the same
candidates.
"""

import random
from collections.abc import Sequence
from typing import Final

from pyroaring import BitMap

from projections.models.question_pool import Candidates

FEW: Final = 4
"""Candidates are probed while at least one in so many is unseen: so many probes on average."""


class Chooser:
    """Chooses for one user; remembers the list of what is left, if it is short."""

    __slots__ = ("_candidates", "_left")

    def __init__(self) -> None:
        self._candidates: Candidates | None = None
        self._left = BitMap()

    def choose(self, candidates: Candidates, seen: BitMap, limit: int, dice: random.Random) -> tuple[list[int], int]:
        """Up to `limit` unseen candidates in random order, and how many unseen ones there were."""
        if self._candidates is candidates:
            return pick(self._left, limit, dice), len(self._left)
        self._candidates = None
        unseen = candidates.unseen(seen)
        if unseen > limit and unseen * FEW >= len(candidates.bits):
            return probe(candidates.numbers, seen, limit, dice), unseen
        left = candidates.bits - seen
        if unseen > limit:
            self._candidates, self._left = candidates, left
        return pick(left, limit, dice), unseen

    def take(self, questions: Sequence[int]) -> None:
        """These are seen now."""
        if self._candidates is not None:
            self._left.difference_update(BitMap(questions))

    def forget(self) -> None:
        """The seen set has changed in some other way."""
        self._candidates = None


def pick(left: BitMap, limit: int, dice: random.Random) -> list[int]:
    """Up to `limit` of these, in random order."""
    size = len(left)
    if size <= limit:
        chosen = list(left)
        dice.shuffle(chosen)
        return chosen
    return [left[rank] for rank in dice.sample(range(size), limit)]


def probe(candidates: Sequence[int], seen: BitMap, limit: int, dice: random.Random) -> list[int]:
    """`limit` of the candidates that were not seen, of which there must be at least as many."""
    chosen: dict[int, None] = {}
    size = len(candidates)
    chance = dice.random
    while len(chosen) < limit:
        number = candidates[int(chance() * size)]
        if number not in seen:
            chosen[number] = None
    return list(chosen)
