"""States of users' streams, kept in tables.

What is known of a user is a fold of their stream `assignments-<user id>`. A table holds that state at a version of the
stream, and readers add the stream's tail. So it is right at any lag of the projection. A row that is lost is no harm either:
its readers fold the stream from the start, and the projection never begins a row in the middle of a stream.
"""

from collections.abc import Iterable
from typing import ClassVar, Final, Protocol, Self, TypeVar

from events.log import EventLog, Recorded
from events.registry import Event
from events.vocabulary.decoding import Decoded, decode
from projections.engine.projection import Key, Projection, Row, Rows, Table
from projections.engine.store import ReadModels

STREAM_PREFIX: Final = "assignments-"
_PAGE = 1000


def stream_of(user: str) -> str:
    """The stream of what this user was given and answered."""
    return f"{STREAM_PREFIX}{user}"


def user_of(recorded: Recorded) -> str:
    """The user whose stream an event belongs to."""
    return recorded.stream.removeprefix(STREAM_PREFIX)


class UserState(Protocol):
    """A fold of a user's stream. `version` is that of the last event that changed it."""

    version: int

    def evolve(self, event: Event, version: int) -> None:
        """Fold the event with this version."""

    def to_row(self, user: str) -> Row:
        """The row to store; the user's id comes first."""

    @classmethod
    def from_row(cls, row: Row | None) -> Self:
        """The state that a row holds; the first state where there is none."""


_State = TypeVar("_State", bound=UserState)


class RowLost(Exception):
    """The row that an event continues is missing or older than it was.

    Readers do without it; a rebuild makes it again.
    """


class UserStateProjection(Projection):
    """Keeps one kind of state for every user. A subclass says which and where."""

    table: ClassVar[Table]
    state: ClassVar[type[UserState]]
    is_whole_stream: ClassVar[bool] = False
    """Whether it handles all types of the stream: each event must be the next after its row's version."""
    # Readers complete it from the log's tail, so it need not hurry, and many events of one user become one change of a row.
    interval: ClassVar[float] = 30.0
    batch: ClassVar[int] = 20_000
    # A row at a version is taken to hold all events up to it.
    may_drop: ClassVar[bool] = False

    def needs(self, decoded: Decoded) -> Iterable[tuple[Table, Key]]:
        """See Projection.needs."""
        return ((self.table, (user_of(decoded.recorded),)),)

    def apply(self, decoded: Decoded, rows: Rows) -> None:
        """See Projection.apply. Raises RowLost."""
        recorded = decoded.recorded
        version = recorded.version
        state = rows.state(self.table, (recorded.stream.removeprefix(STREAM_PREFIX),), self.state.from_row)
        if version <= state.version:
            # The row has it: the checkpoint was lost, or is older than the rows.
            return
        if self.is_whole_stream and version != state.version + 1:
            raise RowLost(
                f"the row stands at version {state.version} and cannot be continued with {version}; "
                f"run: trivia projections rebuild {self.name}"
            )
        state.evolve(decoded.event, version)


async def load_state(log: EventLog, models: ReadModels, table: Table, kind: type[_State], user: str) -> _State:
    """A user's state as of now, from the start of the stream where there is no row.

    Raises LogUnavailable.
    """
    stored = await models.load(table, [(user,)])
    state = kind.from_row(stored.get((user,)))
    await catch_up(log, state, user)
    return state


async def catch_up(log: EventLog, state: UserState, user: str) -> None:
    """Fold what the stream has beyond the state's version into it. Raises LogUnavailable.

    The state is a right one at every moment at which this waits, so a caller that is cancelled may go on with it.
    """
    reached = state.version
    while True:
        tail = await log.read_stream(stream_of(user), reached, limit=_PAGE)
        for recorded in tail:
            state.evolve(decode(recorded).event, recorded.version)
            reached = recorded.version
        if len(tail) < _PAGE:
            return
