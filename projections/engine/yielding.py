"""Long work that leaves the event loop to others now and then."""

import asyncio
import time
from typing import Final

BREATH_SECONDS: Final = 0.005
"""How long others wait for their turn, about."""


class Breath:
    """To be awaited after each step of the work."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    async def __call__(self) -> None:
        """Let other tasks run, if they have waited long enough."""
        if time.monotonic() - self._last > BREATH_SECONDS:
            await asyncio.sleep(0)
            self._last = time.monotonic()
