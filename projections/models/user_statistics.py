"""How well each user answers."""

from typing import ClassVar, Final

import msgspec

from events.registry import Event
from events.vocabulary.assignments import QuestionAnswered
from projections.engine.projection import Row, Table
from projections.engine.user_state import UserState, UserStateProjection

USER_STATISTICS: Final = Table(
    "user_statistics",
    {
        "user_id": "text",
        "version": "bigint",
        "answered": "bigint",
        "correct": "bigint",
        "streak": "bigint",
        "best_streak": "bigint",
        "by_topic": "text",
    },
)


class UserStatistics(msgspec.Struct):
    """A user's answers counted.

    `streak` is of right answers in a row, up to now; `by_topic` maps to (answered, correct).
    """

    version: int = 0
    answered: int = 0
    correct: int = 0
    streak: int = 0
    best_streak: int = 0
    by_topic: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)

    def evolve(self, event: Event, version: int) -> None:
        """See UserState.evolve. Answers alone change it."""
        if not isinstance(event, QuestionAnswered):
            return
        self.version = version
        answered, correct = self.by_topic.get(event.topic, (0, 0))
        self.by_topic[event.topic] = (answered + 1, correct + event.correct)
        self.answered += 1
        if not event.correct:
            self.streak = 0
            return
        self.correct += 1
        self.streak += 1
        if self.streak > self.best_streak:  # noqa: PLR1730 - a call for each answer of a log costs more
            self.best_streak = self.streak

    def to_row(self, user: str) -> Row:
        """See UserState.to_row."""
        by_topic = msgspec.json.encode(self.by_topic).decode()
        return (user, self.version, self.answered, self.correct, self.streak, self.best_streak, by_topic)

    @classmethod
    def from_row(cls, row: Row | None) -> "UserStatistics":
        """See UserState.from_row."""
        if row is None:
            return cls()
        version, answered, correct, streak, best_streak = row[1:6]
        return cls(
            version,
            answered,
            correct,
            streak,
            best_streak,
            msgspec.json.decode(row[6], type=dict[str, tuple[int, int]]),
        )


class UserStatisticsProjection(UserStateProjection):
    """Keeps the statistics of every user."""

    name: ClassVar[str] = "user_statistics"
    version: ClassVar[int] = 1
    table: ClassVar[Table] = USER_STATISTICS
    tables: ClassVar[tuple[Table, ...]] = (USER_STATISTICS,)
    state: ClassVar[type[UserState]] = UserStatistics
    # Answers alone: a row for each assignment would be written for nothing.
    handles: ClassVar[frozenset[type[Event]]] = frozenset({QuestionAnswered})
