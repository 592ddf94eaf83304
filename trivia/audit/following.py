"""The log as server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from events.log import LogUnavailable, RecordedEvent
from projections.engine.live import LiveViews
from trivia.audit.event_pages import EventReader, Wanted, view_of
from trivia.http.access import Authenticator
from trivia.http.problems import Unauthenticated
from trivia.http.read_your_writes import Positions
from trivia.http.readiness import Readiness

COMMENT_SECONDS: Final = 15.0
"""How often a stream without news says that it still lives."""
TICK_SECONDS: Final = 1.0
"""How soon a stream ends when the service drains or its token is worth nothing any more."""
STREAM_PAGE: Final = 500


class EventStream:
    """Follows the log for clients of this process."""

    def __init__(
        self,
        reader: EventReader,
        live: LiveViews,
        positions: Positions,
        readiness: Readiness,
        authenticator: Authenticator,
    ) -> None:
        self._reader = reader
        self._live = live
        self._positions = positions
        self._readiness = readiness
        self._authenticator = authenticator

    async def frames(self, scope: Any, wanted: Wanted, after: int) -> AsyncIterator[bytes]:
        """Events after `after`, until the request's token expires or the process shuts down."""
        epoch = self._positions.epoch.encode()
        yield b"retry: 2000\n\n"
        spoken = time.monotonic()
        while not self._readiness.draining and self._is_signed_in(scope):
            # What this process has applied is committed, and known without asking the database.
            head = self._live.position
            try:
                events, after = (
                    await self._reader.read_page(wanted, after, head, STREAM_PAGE) if after < head else ([], after)
                )
            except LogUnavailable:
                return
            if events:
                yield b"".join([_frame(epoch, event) for event in events])
                spoken = time.monotonic()
            elif time.monotonic() - spoken >= COMMENT_SECONDS:
                # The id lets a client whose events are rare come back to where the stream is.
                yield b": still here\nid: %b:%d\n\n" % (epoch, after)
                spoken = time.monotonic()
            if after >= self._live.position:
                await self._live.reach(after + 1, TICK_SECONDS)
            else:
                await asyncio.sleep(0)

    def _is_signed_in(self, scope: Any) -> bool:
        try:
            self._authenticator.identify(scope)
        except Unauthenticated:
            return False
        return True


def _frame(epoch: bytes, event: RecordedEvent) -> bytes:
    return b"id: %b:%d\ndata: %b\n\n" % (epoch, event.position, msgspec.json.encode(view_of(event)))
