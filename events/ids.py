"""Identifiers that sort by the time they were made.

They are unique, and no secrets: whoever knows one can guess the next.
"""

import os
import random
import time
from itertools import count, islice
from typing import Final

_COUNTING_BYTES: Final = 6
_FIXED_BITS: Final = 26


class _Ids:
    """Makes UUIDs of version 7 (RFC 9562, section 5.7) whose lower bits count up from a random number (section 6.2, method 2).

    An id costs a piece of formatting, and those of a process ascend. What two processes make within a millisecond differs in 26 random
    bits and in where they began to count. For any number of threads: `next` on a counter is not divided.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start somewhere else."""
        # The top bit is 0 at first, so that counting cannot overflow.
        self._numbers = count(random.getrandbits(8 * _COUNTING_BYTES - 1))
        self._moment = -1
        self._prefix = ""

    def one(self) -> str:
        """A fresh id: 36 characters."""
        return self._beginning() + next(self._numbers).to_bytes(_COUNTING_BYTES, "big").hex()

    def run(self, number: int) -> list[str]:
        """Fresh ids in ascending order."""
        prefix = self._beginning()
        return [prefix + n.to_bytes(_COUNTING_BYTES, "big").hex() for n in islice(self._numbers, number)]

    def _beginning(self) -> str:
        """All but the last group: 48 bits of milliseconds, the version 7, 12 random bits, the variant 2, 14 random bits."""
        milliseconds = time.time_ns() // 1_000_000
        if milliseconds != self._moment:
            chance = random.getrandbits(_FIXED_BITS)
            # The prefix first: another thread that sees the new moment must not be given the old one's.
            self._prefix = f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-{0x7000 | chance >> 14:x}-{0x8000 | chance & 0x3FFF:x}-"
            self._moment = milliseconds
        return self._prefix


_ids: Final = _Ids()
# A forked process would count on from where its parent is.
os.register_at_fork(after_in_child=_ids.begin)

uuid7: Final = _ids.one
uuid7_run: Final = _ids.run
