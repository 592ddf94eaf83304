"""What must be true of a log whatever was done to the processes that wrote it."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from events.log import EventLog, RecordedEvent
from tests.support.sample_events import metadata_of
from tests.support.waiting import eventually


async def read_all(log: EventLog) -> list[RecordedEvent]:
    events: list[RecordedEvent] = []
    while page := await log.read(events[-1].position if events else 0):
        events += page
    return events


async def _look_at(log: EventLog) -> tuple[list[RecordedEvent], dict[str, int]] | None:
    """All events and the versions of their streams, if these are all that the log counts.

    They are not while PostgreSQL stores what a process has sent that was killed since; of a log with a gap they never are.
    """
    events = await read_all(log)
    streams = list({event.stream for event in events})
    versions = dict(zip(streams, await log.versions(streams), strict=True))
    return (events, versions) if await log.head() == len(events) else None


async def assert_whole(log: EventLog, acknowledged: Iterable[tuple[int, int]] = ()) -> list[RecordedEvent]:
    """No gap, no half of a command's append, all that was acknowledged; returns all events."""
    events, versions = await eventually(lambda: _look_at(log))
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    counted: defaultdict[str, int] = defaultdict(int)
    for event in events:
        counted[event.stream] += 1
        assert event.version == counted[event.stream]
    assert versions == counted
    recorded = [event.recorded_at for event in events]
    assert recorded == sorted(recorded)
    assert len({metadata_of(event)["event_id"] for event in events}) == len(events)
    spans = sorted(acknowledged)
    assert all(last <= len(events) for _, last in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    return events
