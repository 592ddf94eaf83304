"""What a projection is: a read model folded from the log.

A projection names its tables and the event types it handles, and says with plain synchronous code what each event does to
its rows. It never sees a database: its runner loads the rows that a batch of events needs, applies the events to them in
memory, and stores what changed together with the checkpoint, in one transaction. So the same code runs live, in a rebuild
and in a test.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from events.log import Recorded
from events.registry import Event
from events.vocabulary.decoding import Decoded

Row = tuple[Any, ...]
"""One value for each column of a table, in order."""
Key = tuple[Any, ...]
"""The values of a row's key columns."""


class Table(NamedTuple):
    """A table of a read model.

    Columns in order with their PostgreSQL types; the first `key_columns` are its key.
    """

    name: str
    columns: dict[str, str]
    key_columns: int = 1

    def key_of(self, row: Row) -> Key:
        """The key of a row."""
        return row[: self.key_columns]


class State(Protocol):
    """A row as an object that many events of one batch may change before it is stored once."""

    def to_row(self, key: Any) -> Row:
        """The row to store, for the value of its one key column."""


_State = TypeVar("_State", bound=State)


class Rows(Protocol):
    """The rows a projection works on. What `needs` did not name is not there to `get`."""

    def state(self, table: Table, key: Key, make: Callable[[Row | None], _State]) -> _State:
        """The row with this key as an object made of it, to be changed in place.

        The same one until the batch ends.
        """

    def get(self, table: Table, key: Key) -> Row | None:
        """The row with this key, as the events so far have left it."""

    def put(self, table: Table, row: Row) -> None:
        """Insert the row, or replace the one with its key."""

    def delete(self, table: Table, key: Key) -> None:
        """Remove the row with this key, if it is there."""


class Projection(ABC):
    """A read model. A change of `version` means that its rows have to be rebuilt."""

    name: ClassVar[str]
    version: ClassVar[int]
    tables: ClassVar[tuple[Table, ...]]
    handles: ClassVar[frozenset[type[Event]]]
    interval: ClassVar[float] = 1.0
    """Seconds between two looks at the log."""
    batch: ClassVar[int] = 1_000
    """Events folded in one transaction."""
    inline: ClassVar[bool] = False
    """Whether its rows move inside the appends of its events; see projections.engine.inline."""
    may_drop: ClassVar[bool] = True
    """Whether an operator may drop dead letters of the projection."""

    def key_of(self, recorded: Recorded) -> str | None:
        """What an event is about: when it becomes a dead letter, later ones of the same key do as well.

        Known without decoding it, since that may be what fails. None where no event may be left out and the projection stops.
        """
        return recorded.stream

    @abstractmethod
    def needs(self, decoded: Decoded) -> Iterable[tuple[Table, Key]]:
        """Which rows `apply` will ask for; known from the event alone."""

    @abstractmethod
    def apply(self, decoded: Decoded, rows: Rows) -> None:
        """Fold one event into the rows. Reads no clock, no dice and nothing but `rows`."""

    def apply_all(self, events: Iterable[Decoded], rows: Rows) -> None:
        """As `apply` for each, in order; overridden where many events at once cost less.

        Callers take the event that was asked for last for the one it fails on.
        """
        for event in events:
            self.apply(event, rows)
