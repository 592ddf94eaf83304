"""Which entries were filed under a key, in a few bytes each: a hash table that grows by one bucket at a time.

Linear hashing (W. Litwin, "Linear hashing: a new tool for file and table addressing", VLDB 1980): no insertion ever has to move more
than one bucket's entries, so a bank that grows never holds up what else the process does.
"""

import sys
from array import array
from collections.abc import Iterable
from typing import Final

KEYS: Final = 5
"""Most keys of one entry."""
CROWD: Final = 32
"""Entries under one key beyond which no more are filed there: it tells nothing apart, and whoever looks would have to go through all."""
_START: Final = 1024


class KeyIndex:
    """Entries are numbered from 0 in the order they come; keys are integers of 32 bits, not 0. At most 60 bytes an entry."""

    def __init__(self) -> None:
        self._heads = array("I", bytes(4 * _START))
        self._level = _START
        # Entry n owns the cells from n * KEYS + 1; cell 0 ends every chain.
        self._tags = array("I", [0])
        self._next = array("I", [0])
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def size_in_bytes(self) -> int:
        """What it takes, with what is kept free for more."""
        return sum(map(sys.getsizeof, (self._heads, self._tags, self._next)))

    def add(self, keys: Iterable[int]) -> int:
        """File the next entry under at most KEYS different keys; its number."""
        tags, following, heads = self._tags, self._next, self._heads
        free = self._size * KEYS + 1
        tags.extend(_EMPTY)
        following.extend(_EMPTY)
        for key in keys:
            bucket = key & (2 * self._level - 1)
            if bucket >= len(heads):
                bucket -= self._level
            first = cell = heads[bucket]
            crowd = 0
            while cell:
                if tags[cell] == key:
                    crowd += 1
                cell = following[cell]
            if crowd < CROWD:
                tags[free] = key
                following[free] = first
                heads[bucket] = free
                free += 1
                self._split()
        self._size += 1
        return self._size - 1

    def find(self, keys: Iterable[int]) -> list[int]:
        """The entries under any of the keys, as often as they are; very rarely one that is under another."""
        tags, following, heads = self._tags, self._next, self._heads
        found = []
        for key in keys:
            bucket = key & (2 * self._level - 1)
            cell = heads[bucket if bucket < len(heads) else bucket - self._level]
            while cell:
                if tags[cell] == key:
                    found.append((cell - 1) // KEYS)
                cell = following[cell]
        return found

    def _split(self) -> None:
        """Add a bucket and move to it what belongs there."""
        tags, following, heads, level = self._tags, self._next, self._heads, self._level
        old, new = len(heads) - level, len(heads)
        stay = move = 0
        cell = heads[old]
        while cell:
            after = following[cell]
            if tags[cell] & level:
                following[cell], move = move, cell
            else:
                following[cell], stay = stay, cell
            cell = after
        heads[old] = stay
        heads.append(move)
        if new + 1 == 2 * level:
            self._level = 2 * level


_EMPTY: Final = array("I", bytes(4 * KEYS))
