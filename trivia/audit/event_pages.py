"""Pages of the log, as far as an admin may see it.

An admin sees the events that were caused in their own organisation, by what their metadata says.
The organisation `public` is that of those who run the installation: its admins see all events,
those without an organisation among them.
"""

from typing import Any, Final

import msgspec

from events.log import EventLog, RecordedEvent
from events.timestamps import Timestamp, rfc3339
from projections.engine.store import ReadModels
from trivia.http.access import Identity

SCANNED: Final = 20_000
"""Positions that one page looks through at most, however few events fit."""
_PAGE: Final = 1_000
WITHHELD: Final = {"UserRegistered": ("password",), "PasswordChanged": ("password",)}
"""Fields that HTTP never shows, by type of event: older events hold unencrypted password hashes."""
HIDDEN: Final = "(withheld)"

_VERSION: Final = "SELECT coalesce(max(version), 0) FROM events WHERE stream = $1 AND position <= $2"


class EventView(msgspec.Struct, frozen=True):
    """An event of the log."""

    position: int
    stream: str
    version: int
    type: str
    schema: int
    recorded_at: Timestamp
    data: dict[str, Any]
    metadata: dict[str, Any]


class Wanted(msgspec.Struct, frozen=True):
    """Which events to show, and to whom."""

    identity: Identity
    stream: str | None = None
    type: str | None = None

    def fits(self, event: RecordedEvent) -> bool:
        """Whether this one is to be shown."""
        return self.stream in {None, event.stream} and self.type in {None, event.type} and may_see(self.identity, event)


class _Origin(msgspec.Struct):
    org: str | None = None


def may_see(identity: Identity, event: RecordedEvent) -> bool:
    """Whether this admin is shown the event."""
    if identity.is_operator:
        return True
    try:
        return msgspec.json.decode(event.metadata, type=_Origin).org == identity.org
    except msgspec.DecodeError:
        return False


class EventReader:
    """Reads events a page at a time."""

    def __init__(self, log: EventLog, models: ReadModels) -> None:
        self._log = log
        self._models = models

    async def read_page(self, wanted: Wanted, after: int, until: int, limit: int) -> tuple[list[RecordedEvent], int]:
        """At most `limit` events after `after`, and the `after` of the next page.

        `until` must be a committed position. Raises LogUnavailable.
        """
        if wanted.stream is not None:
            return await self._read_stream(wanted, wanted.stream, after, until, limit)
        until = min(until, after + SCANNED)
        found: list[RecordedEvent] = []
        types = None if wanted.type is None else [wanted.type]
        # Who may see all needs no more than the page; others may have to look through many events for theirs.
        size = limit if wanted.identity.is_operator else max(limit, _PAGE)
        while after < until:
            events = await self._log.read(after, limit=size, until=until, types=types)
            after = events[-1].position if len(events) == size else until
            found += [event for event in events if wanted.fits(event)]
            if len(found) >= limit:
                return found[:limit], found[limit - 1].position if len(found) > limit else after
            if len(events) < size:
                break
        return found, max(after, until)

    async def _read_stream(
        self, wanted: Wanted, stream: str, after: int, until: int, limit: int
    ) -> tuple[list[RecordedEvent], int]:
        ((version,),) = await self._models.fetch(_VERSION, stream, after)
        read = await self._log.read_stream(stream, version, limit=limit)
        events = [event for event in read if after < event.position <= until]
        reached = events[-1].position if len(read) == limit and len(events) == limit else max(after, until)
        return [event for event in events if wanted.fits(event)], reached


def view_of(event: RecordedEvent) -> EventView:
    """An event as it is shown."""
    data = _object(event.data)
    for name in WITHHELD.get(event.type, ()):
        if name in data:
            data[name] = HIDDEN
    return EventView(
        event.position,
        event.stream,
        event.version,
        event.type,
        event.schema,
        rfc3339(event.recorded_at),
        data,
        _object(event.metadata),
    )


def _object(text: str) -> dict[str, Any]:
    """What a stored text says; one that somebody has spoilt is shown as it is."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"unreadable": text}
