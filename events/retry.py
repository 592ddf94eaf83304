"""Optimistic concurrency: deciding again when an append was refused because a stream had moved."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from events.log import StreamMoved

MAX_ATTEMPTS: Final = 100
EAGER_ATTEMPTS: Final = 3
"""Attempts that follow each other at once; the later ones back off."""

_T = TypeVar("_T")
_dice = random.Random()  # noqa: S311 - jitter, not secrecy


async def retry_on_conflict(attempt: Callable[[], Awaitable[_T]]) -> _T:
    """Run `attempt` (load, decide, append) until it succeeds, MAX_ATTEMPTS times at most.

    Beyond EAGER_ATTEMPTS it waits before each: up to as many milliseconds as there were attempts,
    with full jitter. Raises the last StreamMoved, which HTTP answers as 503, and whatever `attempt`
    raises.
    """
    for made in range(1, MAX_ATTEMPTS):
        try:
            return await attempt()
        except StreamMoved:
            if made >= EAGER_ATTEMPTS:
                await asyncio.sleep(_dice.random() * made / 1_000)
    return await attempt()
