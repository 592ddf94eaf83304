"""The log in pages.

Each decoded in a few steps, the next one on its way while the last is worked on.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable
from collections.abc import Set as AbstractSet
from itertools import repeat
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from events.log import Columns, EventLog, Place, RecordedEvent
from events.vocabulary import REGISTRY
from events.vocabulary.decoding import Decoded, decode
from projections.rebuild.throttle import Throttle

Events = dict[str, list[Decoded]]
"""By type, in any order."""

BY_POSITION: Final = attrgetter("recorded.position")
_NUMBERS: Final = msgspec.json.Decoder(list[int])
_NAMES: Final = msgspec.json.Decoder(list[str])


class Page(NamedTuple):
    """Events, and the position up to which there are no others."""

    events: Events
    reached: int


class Unreadable(Exception):
    """An event could not be decoded, and why."""

    def __init__(self, event: RecordedEvent, why: Exception) -> None:
        super().__init__(event.position, why)
        self.event = event
        self.why = why


async def read_pages(
    log: EventLog,
    after: int,
    until: int,
    types: Collection[str],
    size: int,
    without: AbstractSet[int],
    throttle: Throttle,
) -> AsyncGenerator[Page]:
    """All events of these types at positions `after` < position <= `until`, from `size` positions at a time.

    Those at the positions in `without` are left out, whether they can be read or not. Raises Unreadable and LogUnavailable.
    """

    def ask(after: int) -> asyncio.Task[list[Columns]] | None:
        if after >= until:
            return None
        return asyncio.create_task(log.read_columns(after, min(after + size, until), types), name="read-ahead")

    coming = ask(after)
    try:
        while coming is not None:
            columns, reached = await coming, min(after + size, until)
            coming = ask(reached)
            try:
                events = await _decode(columns, without, throttle)
            except Exception:  # noqa: BLE001 - whatever it is, looking at each tells which is at fault
                recorded = await log.read(after, limit=size, until=reached, types=types)
                events = _decode_singly([event for event in recorded if event.position not in without])
            yield Page(events, reached)
            after = reached
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _decode(columns: Iterable[Columns], without: AbstractSet[int], throttle: Throttle) -> Events:
    events: Events = {}
    for part in columns:
        decoded = REGISTRY.decode_all(part.type, part.schema, part.data)
        await throttle()
        positions = _NUMBERS.decode(part.position)
        if len(decoded) != len(positions):
            raise ValueError("a text that is not one value")
        streams, versions = _NAMES.decode(part.stream), _NUMBERS.decode(part.version)
        kind = repeat(part.type), repeat(part.schema)
        places = map(Place, positions, streams, versions, *kind, _NUMBERS.decode(part.recorded_at))
        found = list(map(Decoded, places, decoded))
        if without:
            found = [event for event in found if event.recorded.position not in without]
        events[part.type] = events.get(part.type, []) + found
        await throttle()
    return events


def _decode_singly(recorded: Iterable[RecordedEvent]) -> Events:
    events: Events = {}
    for event in recorded:
        try:
            events.setdefault(event.type, []).append(decode(event))
        except Exception as error:
            raise Unreadable(event, error) from error
    return events
