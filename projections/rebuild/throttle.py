"""Yields to the event loop during a rebuild, and leaves the machine to a busy service."""

import asyncio
import time
from typing import Final

from events.log import EventLog

WORK_SECONDS: Final = 0.005
"""Work between two pauses, about."""
BUSY_SHARE: Final = 0.25
"""The part of the time that a rebuild works while others append."""
BUSY_EVENTS: Final = 10
"""Events appended in a second that count as busy."""
LOOK_SECONDS: Final = 0.25
"""Time between two looks at the head of the log, which tells whether others append."""
MAX_PAUSE_SECONDS: Final = 1.0


class Throttle:
    """To be awaited between the steps of a rebuild.

    A copy has no readers, so it may take longer while others work.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._resumed = time.monotonic()
        self._head: int | None = None
        self._looked = self._resumed
        self.is_busy = False
        """Whether others append at the moment."""

    async def __call__(self) -> None:
        """Let other tasks run, and pause while others append. Raises LogUnavailable."""
        worked = time.monotonic() - self._resumed
        if worked < WORK_SECONDS:
            return
        await self._look()
        await asyncio.sleep(min(worked * (1 / BUSY_SHARE - 1), MAX_PAUSE_SECONDS) if self.is_busy else 0)
        self._resumed = time.monotonic()

    async def _look(self) -> None:
        since = time.monotonic() - self._looked
        if self._head is not None and since < LOOK_SECONDS:
            return
        head = await self._log.head()
        self.is_busy = self._head is not None and head - self._head >= BUSY_EVENTS * since
        self._head, self._looked = head, time.monotonic()
