"""Events that a projection cannot take in, set aside so that it goes on with all others.

An event is parked together with all later ones of its key, since they may build on it. They are kept in a table beside the error,
in the transaction that moves the checkpoint past them. Until they are retried (`retry_dead_letters`) the rows of the key stay as
they were, so whoever completes rows from the log's tail still gets the truth.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from events.log import Recorded
from events.timestamps import now_us
from projections.engine.projection import Projection, Table

PARKED: Final = Table(
    "parked_events",
    {
        "projection": "text",
        "position": "bigint",
        "key": "text",
        "stream": "text",
        "type": "text",
        "error": "text",
        "parked_at": "bigint",
    },
    key_columns=2,
)
MOST_PARKED: Final = 10_000
"""Events of one projection that are parked at most. One that fails on more is broken, and stops where it is."""
LONGEST_ERROR: Final = 500

PARKED_KEYS: Final = "SELECT key, min(position), count(*) FROM parked_events WHERE projection = $1 GROUP BY key"
COUNT_PARKED: Final = "SELECT count(*) FROM parked_events WHERE projection = $1"
PARK: Final = """
INSERT INTO parked_events (projection, position, key, stream, type, error, parked_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (projection, position) DO UPDATE SET error = excluded.error, parked_at = excluded.parked_at"""
RELEASE: Final = "DELETE FROM parked_events WHERE projection = $1 AND position = $2"
RELEASE_ALL: Final = "DELETE FROM parked_events WHERE projection = $1"


class ProjectionFailed(Exception):
    """A projection cannot take in an event; the message says which and why."""

    def __init__(self, projection: str, event: Recorded, why: str) -> None:
        super().__init__(
            f"{projection} cannot take in event {event.position} ({event.type} in {event.stream}, schema {event.schema}): {why}"
        )
        self.projection = projection
        self.event = event
        self.why = why


class ParkedEvent(msgspec.Struct, frozen=True):
    """An event set aside. `error` is None for one that only waits behind an earlier one; `parked_at` in microseconds since 1970 UTC."""

    projection: str
    position: int
    key: str
    stream: str
    type: str
    error: str | None
    parked_at: int


class Parking:
    """What is parked of a projection, `known` events under the keys in `first`, and what a transaction changes of that.

    `first` maps keys to the position of their first parked event.
    """

    def __init__(
        self, projection: Projection, known: int, first: Mapping[str, int], *, most: float | None = None
    ) -> None:
        self.known = known
        self._most = MOST_PARKED if most is None else most
        self.parked: list[ParkedEvent] = []
        self.released: list[int] = []
        self._projection = projection
        self._first = dict(first)

    def holds_back(self, event: Recorded) -> bool:
        """Whether an earlier event of its key is parked; then it is as well. Raises ProjectionFailed when too many are."""
        if not self._first:
            return False
        key = self._projection.key_of(event)
        if key is None or self._first.get(key, event.position) >= event.position:
            return False
        self._make_room(event, "an earlier event of its key is parked")
        self._add(event, key, None)
        return True

    def park(self, event: Recorded, why: str) -> None:
        """Set aside an event that the projection failed on. Raises ProjectionFailed where it cannot go on without it."""
        key = self._projection.key_of(event)
        if key is None:
            raise ProjectionFailed(self._projection.name, event, why)
        self._make_room(event, why)
        self._first[key] = min(event.position, self._first.get(key, event.position))
        self._add(event, key, why)

    def _make_room(self, event: Recorded, why: str) -> None:
        count = self.known + len(self.parked)
        if count >= self._most:
            raise ProjectionFailed(self._projection.name, event, f"{why}; {count} events are parked already")

    def _add(self, event: Recorded, key: str, why: str | None) -> None:
        now = now_us()
        name = self._projection.name
        self.parked.append(ParkedEvent(name, event.position, key, event.stream, event.type, why, now))


def describe(error: Exception) -> str:
    """One line that says what went wrong, not too long to keep."""
    words = " ".join(f"{type(error).__name__}: {error}".split())
    # Neither database takes all that a text of Python may hold.
    return words.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")[:LONGEST_ERROR]
