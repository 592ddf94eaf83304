"""Identifiers that sort by the time they were made.

They are unique, and no secrets: the generator is Python's own, seeded by the operating system in each process and again after a
fork, since a call of the system for each event would be felt.
"""

import random
import time

_RANDOM_BITS = 74
_COUNTING_DIGITS = 12


def uuid7() -> str:
    """A UUID version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits; 36 characters."""
    milliseconds = time.time_ns() // 1_000_000
    return format_uuid7(milliseconds, random.getrandbits(_RANDOM_BITS))


def uuid7_run(count: int) -> list[str]:
    """Fresh ids in ascending order: one draw of randomness, counted up (RFC 9562, section 6.2, method 2)."""
    # The last group of digits counts. Its top bit is 0 at first, so that counting cannot overflow into the others.
    prefix = uuid7()[:-_COUNTING_DIGITS]
    first = random.getrandbits(4 * _COUNTING_DIGITS - 1)
    return [f"{prefix}{n:012x}" for n in range(first, first + count)]


def format_uuid7(milliseconds: int, chance: int) -> str:
    """Lay the bits out: time, version 7, 12 random bits, variant 2, 62 random bits."""
    value = milliseconds << 80 | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance & (1 << 62) - 1
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
