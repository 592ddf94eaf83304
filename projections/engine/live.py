"""Views in the memory of each process, fed by the log."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from events.log import EventLog, LogUnavailable
from events.registry import Event
from events.vocabulary.decoding import Decoded, decode

PAGE: Final = 1_000
PAUSE_SECONDS: Final = 0.04
"""The least time between two reads, so that a busy log is read in pages rather than event by event."""
WAIT_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 1.0

Apply = Callable[[Decoded], None]

_log = structlog.get_logger("trivia.live")


class LiveViews:
    """Hands every event to the views that handle its type, in order, each once, from a position on."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.position = 0
        self._views: dict[str, list[Apply]] = {}
        self._moved = asyncio.Condition()

    def feed(self, types: Iterable[type[Event]], apply: Apply) -> None:
        """Add a view, before `run`."""
        for kind in types:
            self._views.setdefault(kind.__name__, []).append(apply)

    async def run(self) -> None:
        """Follow the log until cancelled. A database that is away for a while delays it, nothing more.

        An event that a view cannot take in ends it: to skip one would leave this process with another bank than all the others.
        """
        while True:
            try:
                # What this process appends itself, it knows of without asking the database.
                known = await self._log.wait_beyond(self.position, WAIT_SECONDS)
                await self._take_in(known if known > self.position else await self._log.head())
                await asyncio.sleep(PAUSE_SECONDS)
            except LogUnavailable as error:
                _log.warning("live views wait", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def catch_up(self) -> None:
        """Apply what the log has now. Raises LogUnavailable."""
        await self._take_in(await self._log.head())

    async def _take_in(self, head: int) -> None:
        while self.position < head:
            events = await self._log.read(self.position, limit=PAGE, until=head, types=self._views)
            for recorded in events:
                decoded = decode(recorded)
                for apply in self._views[recorded.type]:
                    apply(decoded)
            async with self._moved:
                self.position = events[-1].position if len(events) == PAGE else head
                self._moved.notify_all()
            await asyncio.sleep(0)

    async def reach(self, position: int, timeout: float) -> bool:
        """Wait until all events up to `position` are applied; False when that took longer than `timeout` seconds."""
        if self.position >= position:
            return True
        try:
            async with asyncio.timeout(timeout), self._moved:
                await self._moved.wait_for(lambda: self.position >= position)
        except TimeoutError:
            return False
        return True
