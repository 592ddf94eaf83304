"""Catch up, then live."""

from collections.abc import AsyncIterator

from events.log import EventLog, RecordedEvent

POLL_SECONDS = 1.0
"""How long a lost notification can delay a follower."""


async def follow(log: EventLog, after: int = 0, *, page: int = 1000) -> AsyncIterator[list[RecordedEvent]]:
    """Every event beyond `after`, in order, each once, in pages of 1 to `page`; at the head, wait for more, for ever.

    Reading `position > last` is what makes it complete; notifications only make it prompt.
    """
    while True:
        events = await log.read(after, limit=page)
        if events:
            after = events[-1].position
            yield events
        if len(events) < page:
            await log.wait_beyond(after, POLL_SECONDS)
