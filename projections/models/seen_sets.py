"""What each user was given: the state that decides what they may still be given."""

from collections import deque
from typing import ClassVar, Final

import msgspec
from pyroaring import BitMap

from events.registry import Event
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from projections.engine.projection import Row, Table
from projections.engine.user_state import UserState, UserStateProjection

SEEN_SETS: Final = Table(
    "seen_sets", {"user_id": "text", "version": "bigint", "seen": "bytea", "given": "bytea", "answered": "bytea"}
)

_MAX_NUMBER: Final = 2**32 - 1


class SeenSet(msgspec.Struct):
    """A user's state at a version of their stream; question numbers in Roaring bitmaps.

    `seen` since the last reset; `given` ever, None while it equals `seen`; `answered` those answered since they were last given.
    """

    version: int = 0
    seen: BitMap = msgspec.field(default_factory=BitMap)
    given: BitMap | None = None
    answered: BitMap | None = None

    def evolve(self, event: Event, version: int) -> None:
        """See UserState.evolve."""
        self.version = version
        if isinstance(event, QuestionsAssigned):
            # Without bitmaps of what a draw gave: to make one costs more than all the rest of this.
            self.seen.update(event.questions)
            if self.given is not None:
                self.given.update(event.questions)
                # Only what was forgotten by a reset can be given again once it was answered.
                if self.answered is not None:
                    deque(map(self.answered.discard, event.questions), maxlen=0)
        elif isinstance(event, QuestionAnswered):
            if self.answered is None:
                self.answered = BitMap()
            self.answered.add(event.question)
        elif isinstance(event, SeenReset):
            self.given = self.ever_given()
            self.seen = BitMap()

    def ever_given(self) -> BitMap:
        """All questions this user was ever given."""
        return self.seen if self.given is None else self.given

    def was_given(self, question: int) -> bool:
        """Whether the question with this number, of whatever size, was ever given."""
        return 0 < question <= _MAX_NUMBER and question in self.ever_given()

    def may_answer(self, question: int) -> bool:
        """Whether the question was given, and not answered since."""
        return self.was_given(question) and not (self.answered is not None and question in self.answered)

    def to_row(self, user: str) -> Row:
        """See UserState.to_row."""
        return (
            user,
            self.version,
            self.seen.serialize(),
            None if self.given is None else self.given.serialize(),
            self.answered.serialize() if self.answered else None,
        )

    @classmethod
    def from_row(cls, row: Row | None) -> "SeenSet":
        """See UserState.from_row."""
        if row is None:
            return cls()
        return cls(row[1], _bitmap(row[2]) or BitMap(), _bitmap(row[3]), _bitmap(row[4]))


def _bitmap(stored: bytes | None) -> BitMap | None:
    return None if stored is None else BitMap.deserialize(stored)


class SeenSetsProjection(UserStateProjection):
    """Keeps the seen set of every user."""

    name: ClassVar[str] = "seen_sets"
    version: ClassVar[int] = 1
    table: ClassVar[Table] = SEEN_SETS
    tables: ClassVar[tuple[Table, ...]] = (SEEN_SETS,)
    state: ClassVar[type[UserState]] = SeenSet
    # It decides what may be given: a row that lacks a part of the stream would give a question twice.
    is_whole_stream: ClassVar[bool] = True
    handles: ClassVar[frozenset[type[Event]]] = frozenset({QuestionsAssigned, QuestionAnswered, SeenReset})
