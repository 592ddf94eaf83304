"""Readiness: whether requests should be sent to this process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from events.log import EventLog, LogUnavailable, LogUnprotected
from projections.engine.live import LiveViews
from trivia.http.problems import Unavailable
from trivia.http.read_your_writes import CAUGHT_UP_SECONDS

NOT_STARTED: Final = "not started"


class Readiness:
    """Ready is a process that follows the log and can reach it.

    `failure` says why it cannot serve, if it cannot.
    """

    def __init__(self, log: EventLog, live: LiveViews, require_protected: Callable[[], Awaitable[None]]) -> None:
        self._log = log
        self._live = live
        self._require_protected = require_protected
        self.draining = False
        """The process is shutting down: it answers what comes, and no more should be sent to it."""
        self.failure: str | None = NOT_STARTED
        self.stopped = asyncio.Event()
        """Set when a background task has stopped that must run as long as the process."""
        self.starts_again = False
        """It has stopped since the log has another history, and a new start mends that."""

    async def check(self) -> None:
        """Raise Unavailable, with the reason, unless this process should be sent requests."""
        if self.draining:
            raise Unavailable("The service is shutting down.", retry_after=5)
        if self.failure is not None:
            raise Unavailable(f"The service cannot serve: {self.failure}.", retry_after=5)
        try:
            head = await self._log.head()
            await self._require_protected()
        except LogUnavailable:
            raise Unavailable("The database cannot be reached.", retry_after=5) from None
        except LogUnprotected:
            raise Unavailable(
                "The log is not protected against changes; see `trivia doctor`.", retry_after=60
            ) from None
        if not await self._live.reach(head, CAUGHT_UP_SECONDS):
            raise Unavailable("The service has not caught up with the log yet.", retry_after=2)
