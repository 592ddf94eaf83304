"""The contract of the log, on one page.

A log is one sequence of events. `position` numbers all of them, 1, 2, 3 … without a gap, in commit order. Every event also
belongs to one stream (`assignments-018f…`, `question-9c1e…`), where `version` numbers them 1, 2, 3 … in the same way.
Three backends keep this contract and one compliance suite holds them to it: `memory`, `sqlite`, `postgres`.

    LogError
    ├── StreamMoved        an expectation did not hold; names every stream that moved, expected and actual
    ├── CommandReused      a command id came back with another body
    ├── LogUnavailable     the database is gone, full or read-only; whether the append was stored is not known,
    │                      and sending it again with the same command id is safe
    └── LogUnprotected     triggers or indexes that protect the log are missing
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from events.errors import LogError as LogError  # noqa: PLC0414 - part of this contract
from events.errors import LogUnavailable as LogUnavailable  # noqa: PLC0414
from events.errors import LogUnprotected as LogUnprotected  # noqa: PLC0414
from events.registry import Event

NO_STREAM: Final = 0
"""Expect that the stream has no event yet: its version is 0."""
EXISTS: Final = -1
"""Expect that the stream has at least one event."""
ANY: Final = -2
"""Expect nothing."""

MAX_STREAM_LENGTH: Final = 200
"""Longest name of a stream, in characters."""


class StreamWrite(msgspec.Struct, frozen=True):
    """Events to add at the end of one stream, if the stream is as `expect` says: a version, NO_STREAM, EXISTS or ANY."""

    stream: str
    expect: int
    events: Sequence[Event]


class Guard(msgspec.Struct, frozen=True):
    """A stream that is not written, but must be as `expect` says for the append to happen."""

    stream: str
    expect: int


class Command(msgspec.Struct, frozen=True):
    """Names an append so that sending it again gives its first result.

    `fingerprint` stands for what was asked (16 to 64 bytes); the same id with another fingerprint is refused.
    """

    id: str
    fingerprint: bytes


class Context(msgspec.Struct, frozen=True):
    """Who caused an append and why; stored with each of its events."""

    org: str | None = None
    actor: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None


class Metadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is stored beside the data of an event. `event_id` is a UUID version 7, in its 36 characters."""

    event_id: str
    org: str | None = None
    actor: str | None = None
    command_id: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None


class RecordedEvent(msgspec.Struct, frozen=True, gc=False):
    """One event as it was stored.

    `data` and `metadata` are the stored JSON texts, untouched; a `Registry` makes an event of the former.
    `recorded_at` is in microseconds since 1970-01-01 UTC and never falls as positions rise.
    """

    position: int
    stream: str
    version: int
    type: str
    schema: int
    data: str
    metadata: str
    recorded_at: int


class Place(msgspec.Struct, frozen=True, gc=False):
    """What RecordedEvent says of an event, but for its texts."""

    position: int
    stream: str
    version: int
    type: str
    schema: int
    recorded_at: int


Recorded = RecordedEvent | Place


class Columns(NamedTuple):
    """Events of one type and schema, in any order, as one text for each field of theirs: a JSON array with an element for each event.

    That of `data` is put together without a look at what is in it, so it is such an array only where all data are JSON.
    """

    type: str
    schema: int
    position: str
    stream: str
    version: str
    recorded_at: str
    data: str


class Appended(msgspec.Struct, frozen=True, gc=False):
    """Where an append was stored: its first and last position. `replayed` says that its command was known already."""

    first: int
    last: int
    replayed: bool = False


class Conflict(msgspec.Struct, frozen=True):
    """One expectation that did not hold. `actual` is the version of the stream, 0 where there is none."""

    stream: str
    expected: int
    actual: int


class StreamMoved(LogError):
    """At least one stream was not as expected; nothing of the append was stored."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        named = ", ".join(
            f"{c.stream} is at {c.actual}, expected {describe_expectation(c.expected)}" for c in conflicts[:3]
        )
        more = f" and {len(conflicts) - 3} more" if len(conflicts) > 3 else ""  # noqa: PLR2004 - three are enough to read
        super().__init__(f"{named}{more}")
        self.conflicts = tuple(conflicts)


class CommandReused(LogError):
    """This command id was used before, for something else; nothing was stored."""

    def __init__(self, command_id: str) -> None:
        super().__init__(f"command {command_id} was used before with another body")
        self.command_id = command_id


def describe_expectation(expect: int) -> str:
    """Words for an expectation, for messages."""
    return {NO_STREAM: "no stream", EXISTS: "an existing stream", ANY: "anything"}.get(expect, f"version {expect}")


class EventLog(ABC):
    """An append-only log. All methods may be called by any number of tasks at once."""

    @abstractmethod
    async def append(
        self,
        writes: Sequence[StreamWrite],
        *,
        guards: Sequence[Guard] = (),
        command: Command | None = None,
        context: Context = Context(),  # noqa: B008 - frozen
    ) -> Appended:
        """Store all events of all writes, or none; return once they are durable.

        A stream may be named once among writes and guards. Raises StreamMoved, CommandReused, LogUnavailable, and ValueError
        for an append that no log could store (no events, a stream named twice, a bad name, text that is no Unicode,
        a value that the event's type does not allow). UnknownEvent for a type that the log's registry does not have.
        """

    @abstractmethod
    async def read(
        self, after: int = 0, *, limit: int = 1000, until: int | None = None, types: Iterable[str] | None = None
    ) -> list[RecordedEvent]:
        """Events at positions `after` < position <= `until`, in order, at most `limit`; of the given types only, if any are given."""

    @abstractmethod
    async def read_columns(self, after: int, until: int, types: Iterable[str]) -> list[Columns]:
        """All events of these types at positions `after` < position <= `until`.

        The database puts them together, so however many they are, it takes this process next to no time.
        """

    @abstractmethod
    async def read_stream(self, stream: str, after: int = 0, *, limit: int = 1000) -> list[RecordedEvent]:
        """Events of one stream with version > `after`, in order, at most `limit`; none for a name that no stream can have."""

    @abstractmethod
    async def versions(self, streams: Sequence[str]) -> list[int]:
        """The version of each stream, in the order asked for; 0 where there is none."""

    @abstractmethod
    async def find_command(self, command: Command) -> Appended | None:
        """Where the append of a command was stored, or None. Raises CommandReused, and ValueError as `append` does."""

    @abstractmethod
    async def head(self) -> int:
        """The position of the last event, as the database has it now; 0 for an empty log."""

    @abstractmethod
    async def establish(self) -> str:
        """The log's epoch (`events.epoch`), made anew where it has to be. Appending does so by itself.

        Raises LogUnavailable, and OtherHistory where this process has begun with another.
        """

    @property
    @abstractmethod
    def epoch(self) -> str:
        """The epoch that this process has begun with; empty until then."""

    @abstractmethod
    async def wait_for_other_history(self) -> None:
        """Return once the log was found to have another history; whatever was folded from the old one is void."""

    @abstractmethod
    async def wait_beyond(self, position: int, timeout: float) -> int:
        """Wait until the head is beyond `position`, at most `timeout` seconds; return the head known then.

        A hint, as a notification is: it may be late, so a reader reads after every return, whatever it says.
        """

    @abstractmethod
    async def close(self) -> None:
        """Finish what was accepted, refuse what comes after, and release connections."""
