"""Catch up, then live."""

import asyncio
from collections.abc import AsyncIterator, Callable

from events.log import EventLog, LogUnavailable, RecordedEvent

POLL_SECONDS = 1.0
"""How long a lost notification can delay a follower."""

RETRY_SECONDS = 0.5
"""How soon a follower tries again when the database is gone."""


async def follow(
    log: EventLog,
    after: int = 0,
    *,
    page: int = 1000,
    on_unavailable: Callable[[LogUnavailable], None] | None = None,
) -> AsyncIterator[list[RecordedEvent]]:
    """Every event beyond `after`, in order, each once, in pages of 1 to `page`; at the head, wait for more, for ever.

    Reading `position > last` is what makes it complete; notifications only make it prompt. While the database is gone it
    tries again and again, and tells `on_unavailable` of each failure; it ends when its task is cancelled.
    """
    at_head = False
    while True:
        try:
            if at_head:
                await log.wait_beyond(after, POLL_SECONDS)
            events = await log.read(after, limit=page)
        except LogUnavailable as error:
            if on_unavailable is not None:
                on_unavailable(error)
            await asyncio.sleep(RETRY_SECONDS)
            continue
        at_head = len(events) < page
        if events:
            after = events[-1].position
            yield events
