"""Folding a batch of events into rows, in one transaction together with the checkpoint."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import length_hint
from typing import Final

from events.log import RecordedEvent
from events.vocabulary.decoding import Decoded, decode
from projections.engine.dead_letters import DeadLetters, ProjectionFailed, describe
from projections.engine.projection import Key, Projection, Row
from projections.engine.store import Changes, ReadModels

YIELD_EVERY: Final = 100
"""Events folded between two yields to the event loop."""

_Wanted = defaultdict[str, dict[Key, None]]


async def fold(
    models: ReadModels, projection: Projection, before: int, after: int, events: Sequence[RecordedEvent]
) -> None:
    """Apply events in the range (before, after] and store the changed rows with the checkpoint.

    Live, an event that the projection fails on becomes a dead letter, and so do later ones of its key; where the projection
    cannot go on without it, what comes before is stored and ProjectionFailed raised. A copy is strict.
    Raises CheckpointMoved and LogUnavailable.
    """
    if models.suffix:
        await models.store(projection, before, after, await _apply(models, projection, events))
        return
    dead_letters = await models.dead_letters(projection)
    kept = [event for event in events if not dead_letters.holds_back(event)]
    try:
        changes = await _apply(models, projection, kept)
    except ProjectionFailed:
        changes, stopped = await apply_with_dead_letters(models, projection, kept, dead_letters)
        if stopped is not None:
            if (last := stopped.event.position - 1) > before:
                dead_letters.added = [event for event in dead_letters.added if event.position <= last]
                await models.store(projection, before, last, changes, dead_letters)
            raise stopped from None
    await models.store(projection, before, after, changes, dead_letters)


async def _apply(models: ReadModels, projection: Projection, events: Sequence[RecordedEvent]) -> Changes:
    """What the events change, all of them or none. Raises ProjectionFailed."""
    decoded: list[Decoded] = []
    wanted: _Wanted = defaultdict(dict)
    for start in range(0, len(events), YIELD_EVERY):
        decoded += [_read(projection, event, wanted) for event in events[start : start + YIELD_EVERY]]
        await asyncio.sleep(0)
    changes = Changes(await _load(models, projection, wanted))
    for start in range(0, len(decoded), YIELD_EVERY):
        apply_some(projection, decoded[start : start + YIELD_EVERY], changes)
        await asyncio.sleep(0)
    return changes


def apply_some(projection: Projection, events: Sequence[Decoded], changes: Changes) -> None:
    """Apply all events.

    Raises ProjectionFailed, which names the event; the changes are then void.
    """
    given = iter(events)
    try:
        projection.apply_all(given, changes)
    except MemoryError:
        raise
    except Exception as error:
        failed = events[len(events) - length_hint(given) - 1]
        raise ProjectionFailed(projection.name, failed.recorded, describe(error)) from error


async def apply_with_dead_letters(
    models: ReadModels, projection: Projection, events: Sequence[RecordedEvent], dead_letters: DeadLetters
) -> tuple[Changes, ProjectionFailed | None]:
    """What the events change without those that become dead letters.

    Up to the one that the projection cannot go on without, if any, which is returned as well.
    """
    decoded: list[Decoded] = []
    wanted: _Wanted = defaultdict(dict)
    stopped = None
    for recorded in events:
        try:
            decoded.append(_read(projection, recorded, wanted))
        except ProjectionFailed as failure:
            if stopped := _set_aside(dead_letters, failure):
                break
    changes = Changes(await _load(models, projection, wanted))
    for number, event in enumerate(decoded):
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)
        if dead_letters.holds_back(event.recorded):
            continue
        try:
            with changes.attempt():
                _apply_one(projection, event, changes)
        except ProjectionFailed as failure:
            if earlier := _set_aside(dead_letters, failure):
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


def _set_aside(dead_letters: DeadLetters, failure: ProjectionFailed) -> ProjectionFailed | None:
    """Make a dead letter of the event; the failure to report where that cannot be."""
    try:
        dead_letters.add(failure.event, failure.why)
    except ProjectionFailed as final:
        return final
    return None


async def _load(models: ReadModels, projection: Projection, wanted: _Wanted) -> Mapping[str, Mapping[Key, Row]]:
    return {
        table.name: await models.load(table, list(wanted[table.name]))
        for table in projection.tables
        if table.name in wanted
    }
