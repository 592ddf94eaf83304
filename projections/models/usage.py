"""What happened how often, by day: counters folded from the log, so that a restart forgets nothing.

A counter is named in `counters_of`; one with a dot has a label behind it (`candidates_rejected.duplicate`). Days are counted since
1970-01-01, UTC. A counter only grows; `totals` adds its days up.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, Final

import msgspec

from events.log import EventLog
from events.registry import Event, type_names
from events.vocabulary.accounts import GuestJoined, SubjectForgotten, UserRegistered
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from events.vocabulary.decoding import Decoded
from events.vocabulary.generation import (
    BreakerOpened,
    CandidateAdded,
    CandidateRejected,
    CandidatesReceived,
    GenerationCancelled,
    GenerationCompleted,
    GenerationFailed,
    GenerationJobsRemoved,
    GenerationRequested,
    ProviderFailed,
    TokensSpent,
)
from events.vocabulary.questions import (
    ImportCompleted,
    QuestionAdded,
    QuestionApproved,
    QuestionReported,
    QuestionRetired,
    StarterBankAdded,
)
from projections.engine.dead_letters import decode_readable
from projections.engine.projection import Key, Projection, Row, Rows, Table
from projections.engine.store import ReadModels

USAGE_COUNTERS: Final = Table("usage_counters", {"name": "text", "day": "bigint", "value": "bigint"}, key_columns=2)

# A ring: the slot of a minute is taken over by the same minute of the next hour.
USAGE_MINUTES: Final = Table(
    "usage_minutes", {"name": "text", "slot": "bigint", "minute": "bigint", "value": "bigint"}, key_columns=2
)
BY_MINUTE: Final = "questions_generated"
"""The counter that is kept by minute as well."""

DAY_MICROSECONDS: Final = 86_400_000_000
MINUTE_MICROSECONDS: Final = 60_000_000
MINUTES: Final = 60

Counts = tuple[tuple[str, int], ...]
"""Names of counters, each once, and by how much they grow."""


def _once(name: str) -> Callable[[Sequence[Event]], Counts]:
    return lambda events: ((name, len(events)),)


def _assigned(events: Sequence[QuestionsAssigned]) -> Counts:
    return (("draws", len(events)), ("questions_assigned", sum([len(event.questions) for event in events])))


def _answered(events: Sequence[QuestionAnswered]) -> Counts:
    return (("answers", len(events)), ("answers_correct", sum([event.correct for event in events])))


def _received(events: Sequence[CandidatesReceived]) -> Counts:
    return (
        ("provider_calls", len(events)),
        ("candidates_received", sum([len(event.candidates) for event in events])),
        *_spent(events),
    )


def _spent(events: Sequence[CandidatesReceived | TokensSpent]) -> Counts:
    return (
        ("input_tokens", sum([event.input_tokens for event in events])),
        ("output_tokens", sum([event.output_tokens for event in events])),
        ("cost", sum([event.cost for event in events])),
    )


def _rejected(events: Sequence[CandidateRejected]) -> Counts:
    reasons = _by_label("candidates_rejected", [event.reason for event in events])
    skipped = sum([event.reason in {"duplicate", "near_duplicate"} for event in events])
    return (*reasons, ("duplicates_skipped", skipped))


def _requested(events: Sequence[GenerationRequested]) -> Counts:
    triggers = Tally([f"{event.trigger}_triggers" for event in events])
    return (("jobs_enqueued", len(events)), *triggers.items())


def _by_label(name: str, labels: Sequence[str]) -> Counts:
    return tuple([(f"{name}.{label}", number) for label, number in Tally(labels).items()])


# What events of one type add up to, so that many cost little more than one. `cost` is in millionths of a dollar.
_COUNTS: Final[dict[type[Event], Callable[[Sequence[Any]], Counts]]] = {
    QuestionsAssigned: _assigned,
    QuestionAnswered: _answered,
    SeenReset: _once("seen_resets"),
    QuestionAdded: _once("questions_added"),
    QuestionApproved: _once("questions_approved"),
    QuestionRetired: _once("questions_retired"),
    QuestionReported: _once("questions_reported"),
    ImportCompleted: lambda events: (
        ("imports", len(events)),
        ("questions_imported", sum([event.imported for event in events])),
    ),
    StarterBankAdded: lambda events: (("questions_starter_bank", sum([event.questions for event in events])),),
    GenerationRequested: _requested,
    CandidatesReceived: _received,
    ProviderFailed: lambda events: _by_label("provider_failures", [event.fault for event in events]),
    BreakerOpened: _once("breaker_openings"),
    TokensSpent: _spent,
    CandidateAdded: _once("questions_generated"),
    CandidateRejected: _rejected,
    GenerationCompleted: _once("jobs_completed"),
    GenerationFailed: _once("jobs_failed"),
    GenerationCancelled: _once("jobs_cancelled"),
    GenerationJobsRemoved: lambda events: (("jobs_removed", sum([len(event.jobs) for event in events])),),
    UserRegistered: _once("users_registered"),
    GuestJoined: _once("guests_joined"),
    SubjectForgotten: _once("subjects_forgotten"),
}


def counters_of(event: Event) -> Counts:
    """Which counters an event moves, and by how much."""
    return _COUNTS[type(event)]((event,))


class Counter(msgspec.Struct):
    """One counter on one day, while it counts."""

    name: str
    day: int
    value: int

    @classmethod
    def of(cls, name: str, day: int, row: Row | None) -> "Counter":
        """The counter that a row holds; 0 where there is none."""
        return cls(name, day, 0 if row is None else row[2])

    def to_row(self, _: object) -> Row:
        """See State.to_row."""
        return (self.name, self.day, self.value)


class UsageProjection(Projection):
    """Keeps the counters."""

    name: ClassVar[str] = "usage"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[Table, ...]] = (USAGE_COUNTERS, USAGE_MINUTES)
    handles: ClassVar[frozenset[type[Event]]] = frozenset(_COUNTS)
    batch: ClassVar[int] = 20_000

    def needs(self, decoded: Decoded) -> Iterable[tuple[Table, Key]]:
        """See Projection.needs."""
        at = decoded.recorded.recorded_at
        day = at // DAY_MICROSECONDS
        needed = [(USAGE_COUNTERS, (name, day)) for name, _ in counters_of(decoded.event)]
        if isinstance(decoded.event, CandidateAdded):
            needed.append((USAGE_MINUTES, (BY_MINUTE, at // MINUTE_MICROSECONDS % MINUTES)))
        return needed

    def apply(self, decoded: Decoded, rows: Rows) -> None:
        """See Projection.apply."""
        self.apply_all((decoded,), rows)

    def apply_all(self, events: Iterable[Decoded], rows: Rows) -> None:
        """See Projection.apply_all.

        Gathers by day and type first, so that a row is touched once however many events
        move it.
        """
        days: dict[int, dict[type[Event], list[Event]]] = {}
        for decoded in events:
            event, at = decoded.event, decoded.recorded.recorded_at
            day = at // DAY_MICROSECONDS
            try:
                days[day][type(event)].append(event)
            except KeyError:
                days.setdefault(day, {})[type(event)] = [event]
            if type(event) is CandidateAdded:
                _count_minute(at // MINUTE_MICROSECONDS, rows)
        for day, by_type in days.items():
            for kind, gathered in by_type.items():
                for name, growth in _COUNTS[kind](gathered):
                    rows.state(USAGE_COUNTERS, (name, day), partial(Counter.of, name, day)).value += growth


def _count_minute(minute: int, rows: Rows) -> None:
    slot = (BY_MINUTE, minute % MINUTES)
    row = rows.get(USAGE_MINUTES, slot)
    if row is not None and row[2] > minute:
        # A dead letter is retried late; its slot is another minute's by now.
        return
    before = row[3] if row is not None and row[2] == minute else 0
    rows.put(USAGE_MINUTES, (*slot, minute, before + 1))


async def totals(models: ReadModels, since: int = 0, until: int | None = None) -> dict[str, int]:
    """The sum of each counter that ever moved, over the days `since` <= day <= `until`. Raises LogUnavailable.

    As of the projection's checkpoint, which a running service keeps within about a second of the log's head.
    """
    sql = "SELECT name, CAST(sum(value) AS bigint) FROM usage_counters WHERE day >= $1 AND day <= $2 GROUP BY name"
    return {str(name): int(value) for name, value in await models.fetch(sql, since, _EVER if until is None else until)}


class Usage(msgspec.Struct, frozen=True):
    """All that was counted up to `position`.

    `by_minute` is of the BY_MINUTE counter: minutes since 1970 and how many in each.
    """

    position: int
    counters: dict[str, int]
    by_minute: dict[int, int]


async def read_usage(log: EventLog, models: ReadModels, tail: int = 1_000) -> Usage:
    """What was counted, with what the log has beyond the projection's checkpoint added. Raises LogUnavailable.

    At most `tail` events are added, so it takes no longer when the projection is far behind: then `position` is not the log's head.
    """
    head = await log.head()
    found = await models.fetch(_USAGE, UsageProjection.name, UsageProjection.version)
    position = found[0][0] if found else 0
    counters = {name: int(value) for _, what, name, value in found if what == "day"}
    minutes = {int(name): int(value) for _, what, name, value in found if what == "minute"}
    types = type_names(UsageProjection.handles)
    until = min(max(head, position), position + tail)
    for decoded in decode_readable(await log.read(position, limit=tail, until=until, types=types)):
        event = decoded.event
        for name, growth in counters_of(event):
            counters[name] = counters.get(name, 0) + growth
        if isinstance(event, CandidateAdded):
            minute = decoded.recorded.recorded_at // MINUTE_MICROSECONDS
            minutes[minute] = minutes.get(minute, 0) + 1
    return Usage(until, counters, minutes)


_EVER: Final = 2**62

# One statement, so that the counters are those of the checkpoint.
_USAGE: Final = """
SELECT c.position, 'day', u.name, CAST(sum(u.value) AS bigint)
FROM projection_checkpoints c JOIN usage_counters u ON true
WHERE c.name = $1 AND c.version = $2 GROUP BY c.position, u.name
UNION ALL
SELECT c.position, 'minute', CAST(m.minute AS text), m.value
FROM projection_checkpoints c JOIN usage_minutes m ON true WHERE c.name = $1 AND c.version = $2
UNION ALL
SELECT c.position, 'checkpoint', '', 0 FROM projection_checkpoints c WHERE c.name = $1 AND c.version = $2"""
