"""Dead letters: events that a projection failed on, set aside so that it goes on with all others.

All later events of the same key are set aside as well, since they may build on the first. They are kept in a table with the
error, in the transaction that moves the checkpoint past them. Until they are retried (`retry_dead_letters`) the rows of the
key stay as they were, so readers that complete rows from the log's tail still get the truth.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from events.log import Recorded, RecordedEvent
from events.timestamps import now_us
from events.vocabulary.decoding import Decoded, decode
from projections.engine.projection import Projection, Table

DEAD_LETTERS: Final = Table(
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
MAX_DEAD_LETTERS: Final = 10_000
"""Dead letters of one projection.

One that fails on more events is broken, and stops where it is.
"""
MAX_ERROR_LENGTH: Final = 500

DEAD_LETTER_KEYS: Final = "SELECT key, min(position), count(*) FROM parked_events WHERE projection = $1 GROUP BY key"
COUNT_DEAD_LETTERS: Final = "SELECT count(*) FROM parked_events WHERE projection = $1"
ADD_DEAD_LETTER: Final = """
INSERT INTO parked_events (projection, position, key, stream, type, error, parked_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (projection, position) DO UPDATE SET error = excluded.error, parked_at = excluded.parked_at"""
REMOVE_DEAD_LETTER: Final = "DELETE FROM parked_events WHERE projection = $1 AND position = $2"
REMOVE_ALL_DEAD_LETTERS: Final = "DELETE FROM parked_events WHERE projection = $1"


class ProjectionFailed(Exception):
    """A projection failed on an event; the message says which and why."""

    def __init__(self, projection: str, event: Recorded, why: str) -> None:
        super().__init__(
            f"{projection} cannot apply event {event.position} ({event.type} in {event.stream}, schema {event.schema}): {why}"
        )
        self.projection = projection
        self.event = event
        self.why = why


class DeadLetter(msgspec.Struct, frozen=True):
    """An event set aside. `error` is None for one that waits behind an earlier one of its key.

    `parked_at` in microseconds since 1970-01-01 UTC.
    """

    projection: str
    position: int
    key: str
    stream: str
    type: str
    error: str | None
    parked_at: int


class DeadLetters:
    """The dead letters of a projection, and what a transaction adds and removes.

    `known` is how many there are; `first` maps their keys to the position of the first of each.
    """

    def __init__(
        self, projection: Projection, known: int, first: Mapping[str, int], *, most: float | None = None
    ) -> None:
        self.known = known
        self._most = MAX_DEAD_LETTERS if most is None else most
        self.added: list[DeadLetter] = []
        self.removed: list[int] = []
        self._projection = projection
        self._first = dict(first)

    def holds_back(self, event: Recorded) -> bool:
        """Whether an earlier event of its key is a dead letter; then this one becomes one too.

        Raises ProjectionFailed when there are too many.
        """
        if not self._first:
            return False
        key = self._projection.key_of(event)
        if key is None or self._first.get(key, event.position) >= event.position:
            return False
        self._make_room(event, "an earlier event of its key is a dead letter")
        self._add(event, key, None)
        return True

    def add(self, event: Recorded, why: str) -> None:
        """Set aside an event that the projection failed on.

        Raises ProjectionFailed where the projection cannot go on without it.
        """
        key = self._projection.key_of(event)
        if key is None:
            raise ProjectionFailed(self._projection.name, event, why)
        self._make_room(event, why)
        self._first[key] = min(event.position, self._first.get(key, event.position))
        self._add(event, key, why)

    def _make_room(self, event: Recorded, why: str) -> None:
        count = self.known + len(self.added)
        if count >= self._most:
            raise ProjectionFailed(self._projection.name, event, f"{why}; {count} dead letters are there already")

    def _add(self, event: Recorded, key: str, why: str | None) -> None:
        now = now_us()
        name = self._projection.name
        self.added.append(DeadLetter(name, event.position, key, event.stream, event.type, why, now))


def decode_readable(recorded: Iterable[RecordedEvent]) -> Iterator[Decoded]:
    """Events that can be decoded, without those of a stream that follow one that cannot: what a projection would apply."""
    unreadable: set[str] = set()
    for event in recorded:
        if event.stream not in unreadable:
            try:
                decoded = decode(event)
            except Exception:  # noqa: BLE001 - whatever it is; the projection makes a dead letter of it, with the reason
                unreadable.add(event.stream)
                continue
            yield decoded


def describe(error: Exception) -> str:
    """One line that says what went wrong, not too long to keep."""
    words = " ".join(f"{type(error).__name__}: {error}".split())
    # Neither database takes all that a text of Python may hold.
    return words.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")[:MAX_ERROR_LENGTH]
