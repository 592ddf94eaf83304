"""What happened how often, by day: counters folded from the log, so that a restart forgets nothing.

A counter is named in `counters_of`; one with a dot has a label behind it (`candidates_rejected.duplicate`). Days are counted since
1970-01-01, UTC. A counter only grows; `totals` adds its days up.
"""

from collections.abc import Callable, Iterable
from typing import ClassVar, Final

import msgspec

from events.vocabulary import Event
from events.vocabulary.accounts import GuestJoined, SubjectForgotten, UserRegistered
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from events.vocabulary.generation import (
    CandidateAdded,
    CandidateRejected,
    CandidatesReceived,
    GenerationCancelled,
    GenerationCompleted,
    GenerationFailed,
    GenerationJobsRemoved,
    GenerationRequested,
    ProviderFailed,
)
from events.vocabulary.questions import (
    ImportCompleted,
    QuestionAdded,
    QuestionApproved,
    QuestionReported,
    QuestionRetired,
    StarterBankAdded,
)
from projections.projection import Decoded, Key, Projection, Row, Rows, Table
from projections.store import ReadModels

USAGE_COUNTERS: Final = Table("usage_counters", {"name": "text", "day": "bigint", "value": "bigint"}, key_columns=2)

DAY_MICROSECONDS: Final = 86_400_000_000

Counts = tuple[tuple[str, int], ...]
"""Names of counters, each once, and by how much they grow."""


def _once(name: str) -> Callable[[Event], Counts]:
    counts = ((name, 1),)
    return lambda _: counts


def _assigned(event: QuestionsAssigned) -> Counts:
    return (("draws", 1), ("questions_assigned", len(event.questions)))


def _answered(event: QuestionAnswered) -> Counts:
    return (("answers", 1), ("answers_correct", 1)) if event.correct else (("answers", 1),)


def _received(event: CandidatesReceived) -> Counts:
    return (
        ("provider_calls", 1),
        ("candidates_received", len(event.candidates)),
        ("input_tokens", event.input_tokens),
        ("output_tokens", event.output_tokens),
        ("cost", event.cost),
    )


def _rejected(event: CandidateRejected) -> Counts:
    by_reason = (f"candidates_rejected.{event.reason}", 1)
    return (by_reason, ("duplicates_skipped", 1)) if event.reason in {"duplicate", "near_duplicate"} else (by_reason,)


# `cost` is in millionths of a dollar.
_COUNTS: Final[dict[type[Event], Callable[..., Counts]]] = {
    QuestionsAssigned: _assigned,
    QuestionAnswered: _answered,
    SeenReset: _once("seen_resets"),
    QuestionAdded: _once("questions_added"),
    QuestionApproved: _once("questions_approved"),
    QuestionRetired: _once("questions_retired"),
    QuestionReported: _once("questions_reported"),
    ImportCompleted: lambda event: (("imports", 1), ("questions_imported", event.imported)),
    StarterBankAdded: lambda event: (("questions_starter_bank", event.questions),),
    GenerationRequested: lambda event: (("jobs_enqueued", 1), (f"{event.trigger}_triggers", 1)),
    CandidatesReceived: _received,
    ProviderFailed: lambda event: ((f"provider_failures.{event.fault}", 1),),
    CandidateAdded: _once("questions_generated"),
    CandidateRejected: _rejected,
    GenerationCompleted: _once("jobs_completed"),
    GenerationFailed: _once("jobs_failed"),
    GenerationCancelled: _once("jobs_cancelled"),
    GenerationJobsRemoved: lambda event: (("jobs_removed", len(event.jobs)),),
    UserRegistered: _once("users_registered"),
    GuestJoined: _once("guests_joined"),
    SubjectForgotten: _once("subjects_forgotten"),
}


def counters_of(event: Event) -> Counts:
    """Which counters an event moves, and by how much."""
    return _COUNTS[type(event)](event)


def day_of(recorded_at: int) -> int:
    """The day of a time in microseconds since 1970-01-01 UTC."""
    return recorded_at // DAY_MICROSECONDS


class Counter(msgspec.Struct):
    """One counter on one day, while it counts."""

    name: str
    day: int
    value: int

    def to_row(self, _: object) -> Row:
        """See State.to_row."""
        return (self.name, self.day, self.value)


class UsageProjection(Projection):
    """Keeps the counters."""

    name: ClassVar[str] = "usage"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[Table, ...]] = (USAGE_COUNTERS,)
    handles: ClassVar[frozenset[type[Event]]] = frozenset(_COUNTS)
    batch: ClassVar[int] = 20_000

    def needs(self, decoded: Decoded) -> Iterable[tuple[Table, Key]]:
        """See Projection.needs."""
        day = day_of(decoded.recorded.recorded_at)
        return [(USAGE_COUNTERS, (name, day)) for name, _ in counters_of(decoded.event)]

    def apply(self, decoded: Decoded, rows: Rows) -> None:
        """See Projection.apply."""
        day = day_of(decoded.recorded.recorded_at)
        for name, growth in counters_of(decoded.event):

            def begin(row: Row | None, name: str = name) -> Counter:
                return Counter(name, day, 0 if row is None else row[2])

            rows.state(USAGE_COUNTERS, (name, day), begin).value += growth


async def totals(models: ReadModels, since: int = 0, until: int | None = None) -> dict[str, int]:
    """The sum of each counter that ever moved, over the days `since` <= day <= `until`. Raises LogUnavailable.

    As of the projection's checkpoint, which a running service keeps within about a second of the log's head.
    """
    sql = "SELECT name, CAST(sum(value) AS bigint) FROM usage_counters WHERE day >= $1 AND day <= $2 GROUP BY name"
    return {str(name): int(value) for name, value in await models.fetch(sql, since, 2**62 if until is None else until)}
