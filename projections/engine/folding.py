"""Folding a batch of events into rows, in one transaction together with the checkpoint."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import length_hint
from typing import Final

from events.log import RecordedEvent
from events.vocabulary.decoding import Decoded, decode
from projections.engine.dead_letters import Parking, ProjectionFailed, describe
from projections.engine.projection import Key, Projection, Row
from projections.engine.store import Changes, ReadModels

BREATH: Final = 100
"""Events folded before other tasks of the process get a turn."""

_Wanted = defaultdict[str, dict[Key, None]]


async def fold(
    models: ReadModels, projection: Projection, before: int, after: int, events: Sequence[RecordedEvent]
) -> None:
    """Apply events in the range (before, after] and store what comes of it.

    Live, an event that the projection fails on is parked, and later ones of its key with it; where the projection cannot go on without
    it, what comes before is stored and ProjectionFailed raised. A copy is strict. Raises CheckpointMoved and LogUnavailable.
    """
    if models.suffix:
        await models.store(projection, before, after, await _apply(models, projection, events))
        return
    parking = await models.parking(projection)
    kept = [event for event in events if not parking.holds_back(event)]
    try:
        changes = await _apply(models, projection, kept)
    except ProjectionFailed:
        changes, stopped = await apply_carefully(models, projection, kept, parking)
        if stopped is not None:
            if (last := stopped.event.position - 1) > before:
                parking.parked = [event for event in parking.parked if event.position <= last]
                await models.store(projection, before, last, changes, parking)
            raise stopped from None
    await models.store(projection, before, after, changes, parking)


async def _apply(models: ReadModels, projection: Projection, events: Sequence[RecordedEvent]) -> Changes:
    """What the events change, all of them or none. Raises ProjectionFailed."""
    decoded: list[Decoded] = []
    wanted: _Wanted = defaultdict(dict)
    for start in range(0, len(events), BREATH):
        decoded += [_read(projection, event, wanted) for event in events[start : start + BREATH]]
        await asyncio.sleep(0)
    changes = Changes(await _load(models, projection, wanted))
    for start in range(0, len(decoded), BREATH):
        apply_some(projection, decoded[start : start + BREATH], changes)
        await asyncio.sleep(0)
    return changes


def apply_some(projection: Projection, events: Sequence[Decoded], changes: Changes) -> None:
    """Apply events, all of them; after a failure the changes are worth nothing. Raises ProjectionFailed, which names the event."""
    given = iter(events)
    try:
        projection.apply_all(given, changes)
    except MemoryError:
        raise
    except Exception as error:
        failed = events[len(events) - length_hint(given) - 1]
        raise ProjectionFailed(projection.name, failed.recorded, describe(error)) from error


async def apply_carefully(
    models: ReadModels, projection: Projection, events: Sequence[RecordedEvent], parking: Parking
) -> tuple[Changes, ProjectionFailed | None]:
    """What the events change without those that have to be parked, up to the one that the projection cannot go on without, if any."""
    decoded: list[Decoded] = []
    wanted: _Wanted = defaultdict(dict)
    stopped = None
    for recorded in events:
        try:
            decoded.append(_read(projection, recorded, wanted))
        except ProjectionFailed as failure:
            if stopped := _park(parking, failure):
                break
    changes = Changes(await _load(models, projection, wanted))
    for number, event in enumerate(decoded):
        if number % BREATH == 0:
            await asyncio.sleep(0)
        if parking.holds_back(event.recorded):
            continue
        try:
            with changes.attempt():
                _apply_one(projection, event, changes)
        except ProjectionFailed as failure:
            if earlier := _park(parking, failure):
                return changes, earlier
    return changes, stopped


def _read(projection: Projection, recorded: RecordedEvent, wanted: _Wanted) -> Decoded:
    """Decode an event and note the rows that it needs."""
    try:
        decoded = decode(recorded)
        for table, key in projection.needs(decoded):
            wanted[table.name][key] = None
    except MemoryError:
        raise
    except Exception as error:
        raise ProjectionFailed(projection.name, recorded, describe(error)) from error
    return decoded


def _apply_one(projection: Projection, event: Decoded, changes: Changes) -> None:
    try:
        projection.apply(event, changes)
    except MemoryError:
        raise
    except Exception as error:
        raise ProjectionFailed(projection.name, event.recorded, describe(error)) from error


def _park(parking: Parking, failure: ProjectionFailed) -> ProjectionFailed | None:
    """Park the event; the failure to report where that cannot be."""
    try:
        parking.park(failure.event, failure.why)
    except ProjectionFailed as final:
        return final
    return None


async def _load(models: ReadModels, projection: Projection, wanted: _Wanted) -> Mapping[str, Mapping[Key, Row]]:
    return {
        table.name: await models.load(table, list(wanted[table.name]))
        for table in projection.tables
        if table.name in wanted
    }
