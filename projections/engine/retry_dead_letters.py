"""Taking up again what a projection has parked, or letting it go."""

from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import Final

import msgspec

from events.log import EventLog, RecordedEvent
from events.vocabulary import type_names
from projections.engine.dead_letters import PARKED, ParkedEvent, Parking
from projections.engine.folding import apply_carefully
from projections.engine.projection import Projection
from projections.engine.store import Changes, CheckpointMoved, ReadModels

AT_ONCE: Final = 500
"""Events in one transaction."""
_ATTEMPTS: Final = 20
"""How often a transaction is tried while the projection goes on at the same time."""

_COLUMNS: Final = ", ".join(PARKED.columns)
_LIST: Final = f"SELECT {_COLUMNS} FROM parked_events WHERE projection = $1 ORDER BY position LIMIT $2"
_KEYS: Final = "SELECT key FROM parked_events WHERE projection = $1 GROUP BY key ORDER BY min(position)"
_COUNT: Final = "SELECT count(*) FROM parked_events WHERE projection = $1 AND key = $2"
_OF_KEY: Final = f"SELECT {_COLUMNS} FROM parked_events WHERE projection = $1 AND key = $2 ORDER BY position LIMIT $3"

_Work = Callable[[Sequence[ParkedEvent], Parking], Awaitable[Changes]]


class Unparked(msgspec.Struct, frozen=True):
    """What became of a key: so many of its parked events were taken in (or let go), so many are parked still, and why."""

    projection: str
    key: str
    done: int
    left: int
    error: str | None = None


class MayNotForget(Exception):
    """The rows of this projection would be wrong without its parked events."""


async def list_parked(models: ReadModels, projection: Projection, limit: int = 1_000) -> list[ParkedEvent]:
    """The first parked events, in the order of the log. Raises LogUnavailable."""
    return [ParkedEvent(*row) for row in await models.fetch(_LIST, projection.name, limit)]


async def parked_keys(models: ReadModels, projection: Projection) -> list[str]:
    """The keys with parked events, the longest parked first. Raises LogUnavailable."""
    return [row[0] for row in await models.fetch(_KEYS, projection.name)]


async def retry(log: EventLog, models: ReadModels, projection: Projection, key: str) -> Unparked:
    """Fold the parked events of a key in order, up to one that fails again. Safe while the projection runs.

    Raises CheckpointMoved when it is moved all the time, and LogUnavailable.
    """
    types = set(type_names(projection.handles))

    async def apply(parked: Sequence[ParkedEvent], parking: Parking) -> Changes:
        events = [await _read(log, event) for event in parked]
        # An event whose type the projection does not mind any more is taken in by leaving it alone.
        changes, stopped = await apply_carefully(
            models, projection, [event for event in events if event.type in types], parking
        )
        if stopped is not None:
            raise stopped
        return changes

    return await _unpark(models, projection, key, apply)


async def forget(models: ReadModels, projection: Projection, key: str) -> Unparked:
    """Let the parked events of a key go: its rows will stay as if they had never happened, until a rebuild.

    Raises MayNotForget, CheckpointMoved and LogUnavailable.
    """
    if not projection.may_forget:
        raise MayNotForget(f"what {projection.name} keeps would be wrong without these events; retry them, or rebuild")

    async def leave(_: Sequence[ParkedEvent], __: Parking) -> Changes:
        return Changes({})

    return await _unpark(models, projection, key, leave)


async def _unpark(models: ReadModels, projection: Projection, key: str, work: _Work) -> Unparked:
    done = moved = 0
    while True:
        checkpoint = await models.checkpoint(projection)
        known = await models.parking(projection)
        rows = await models.fetch(_OF_KEY, projection.name, key, AT_ONCE)
        parked = [ParkedEvent(*row) for row in rows]
        if not parked:
            return Unparked(projection.name, key, done, 0)
        # All of them are parked already, so there is room for those that will stay.
        parking = Parking(projection, known.known, {}, most=inf)
        changes = await work(parked, parking)
        again = {event.position for event in parking.parked}
        parking.released = [event.position for event in parked if event.position not in again]
        try:
            await models.store(projection, checkpoint, checkpoint, changes, parking)
        except CheckpointMoved:
            moved += 1
            if moved == _ATTEMPTS:
                raise
            continue
        done += len(parking.released)
        if again:
            ((left,),) = await models.fetch(_COUNT, projection.name, key)
            failed = min(parking.parked, key=lambda event: event.position)
            return Unparked(projection.name, key, done, left, failed.error)


async def _read(log: EventLog, parked: ParkedEvent) -> RecordedEvent:
    (event,) = await log.read(parked.position - 1, limit=1, until=parked.position)
    return event
