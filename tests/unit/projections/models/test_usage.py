"""Counters of what happened: what the log says, however it is cut into batches."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from events.log import ANY, RecordedEvent, StreamWrite
from events.registry import Event
from events.vocabulary import REGISTRY
from events.vocabulary.accounts import GuestJoined, UserRegistered
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned
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
)
from events.vocabulary.questions import ImportCompleted, StarterBankAdded
from projections.engine.projection import Key, Row
from projections.engine.projector import catch_up
from projections.engine.store import Changes
from projections.models.usage import DAY_MICROSECONDS, USAGE_COUNTERS, USAGE_MINUTES, UsageProjection, totals
from projections.rebuild.rebuild import rebuild
from projections.rebuild.verify import verify
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from trivia.platform.storage import open_storage

HOUR = DAY_MICROSECONDS // 24
EVERYTHING: list[Event] = [
    QuestionsAssigned((1, 2, 3)),
    QuestionsAssigned((4,)),
    QuestionAnswered(1, "x", correct=True, topic="Art"),
    QuestionAnswered(2, "x", correct=False, topic="Art"),
    ImportCompleted("public", "some.jsonl", imported=40, skipped=2, invalid=1),
    StarterBankAdded(100),
    GenerationRequested("u", "public", 5, "manual"),
    GenerationRequested("u", "public", 5, "auto"),
    CandidatesReceived(0, "openai", ("{}", "{}"), "small", 700, 300, 12),
    CandidatesReceived(1, "facts", ()),
    ProviderFailed(2, "openai", "timeout", "slow"),
    BreakerOpened("openai", 1_800_000_000_000_000),
    CandidateAdded(0, 0, "c" * 64),
    CandidateRejected(0, 1, "duplicate", "the same"),
    CandidateRejected(0, 2, "near_duplicate", "nearly"),
    CandidateRejected(0, 3, "lint", "odd"),
    GenerationCompleted(1),
    GenerationFailed(0, "no"),
    GenerationCancelled("u", 0),
    GenerationJobsRemoved("public", ("a", "b")),
    UserRegistered("u", "public", "player", "s", "hash", "email-1"),
    GuestJoined("g", "public", "s"),
]
ONCE_EACH = {
    "draws": 2, "questions_assigned": 4, "answers": 2, "answers_correct": 1,
    "imports": 1, "questions_imported": 40, "questions_starter_bank": 100,
    "jobs_enqueued": 2, "manual_triggers": 1, "auto_triggers": 1,
    "provider_calls": 2, "candidates_received": 2, "input_tokens": 700, "output_tokens": 300, "cost": 12,
    "provider_failures.timeout": 1, "breaker_openings": 1, "questions_generated": 1, "duplicates_skipped": 2,
    "candidates_rejected.duplicate": 1, "candidates_rejected.near_duplicate": 1, "candidates_rejected.lint": 1,
    "jobs_completed": 1, "jobs_failed": 1, "jobs_cancelled": 1, "jobs_removed": 2,
    "users_registered": 1, "guests_joined": 1,
}  # fmt: skip


def recorded(position: int, event: Event, day: int) -> Decoded:
    data = REGISTRY.encode(event)
    at = day * DAY_MICROSECONDS + position
    return Decoded(RecordedEvent(position, "s", position, type(event).__name__, 1, data, "{}", at), event)


def fold(batches: list[list[Decoded]]) -> dict[Key, Row]:
    """Fold as the runner does: nothing but the rows that were asked for is there."""
    projection, stored = UsageProjection(), dict[Key, Row]()
    for batch in batches:
        needed = {key for decoded in batch for _, key in projection.needs(decoded)}
        changes = Changes({USAGE_COUNTERS.name: {key: row for key, row in stored.items() if key in needed}})
        for decoded in batch:
            projection.apply(decoded, changes)
        stored |= {USAGE_COUNTERS.key_of(row): row for row in changes.of(USAGE_COUNTERS)[0]}
    return stored


def test_every_event_is_counted_under_its_names() -> None:
    rows = fold([[recorded(n, event, 20_000) for n, event in enumerate(EVERYTHING, 1)]])
    assert {name: value for name, _, value in rows.values() if value} == ONCE_EACH
    assert {day for _, day, _ in rows.values()} == {20_000}


def test_a_candidate_that_was_parked_for_hours_does_not_take_the_slot_of_a_later_minute() -> None:
    changes, event = Changes({}), CandidateAdded(0, 0, "c" * 64)
    for at in (10 * HOUR, 12 * HOUR, 11 * HOUR):
        decoded = recorded(at, event, 0)
        UsageProjection().apply(decoded, changes)
    ((_, _, minute, value),) = changes.of(USAGE_MINUTES)[0]
    assert (minute, value) == (12 * 60, 1)


@given(st.lists(st.lists(st.sampled_from(range(len(EVERYTHING))), max_size=12), min_size=1, max_size=6), st.data())
def test_counters_are_a_plain_count_of_the_log_by_day_whatever_the_batches(picks: list[list[int]], data) -> None:
    days = sorted(data.draw(st.lists(st.integers(0, 3), min_size=sum(map(len, picks)), max_size=sum(map(len, picks)))))
    position = 0
    batches, plain = [], Counter[tuple[str, int]]()
    for pick in picks:
        batch = []
        for number in pick:
            event, day = EVERYTHING[number], days[position]
            position += 1
            batch.append(recorded(position, event, day))
            plain["events", day] += 1
            match event:
                case QuestionsAssigned(questions):
                    plain["questions_assigned", day] += len(questions)
                case QuestionAnswered():
                    plain["answers", day] += 1
                case CandidatesReceived():
                    plain["cost", day] += event.cost
                case CandidateRejected(reason=reason):
                    plain[f"candidates_rejected.{reason}", day] += 1
                case GenerationRequested(trigger=trigger):
                    plain[f"{trigger}_triggers", day] += 1
        batches.append(batch)
    rows = fold(batches)
    assert all((row[0], row[1]) == key for key, row in rows.items())
    for (name, day), count in plain.items():
        if name != "events":
            assert (rows[name, day][2] if (name, day) in rows else 0) == count


async def test_a_rebuild_counts_the_same_and_verify_agrees(database_url: str) -> None:
    async with open_storage(database_url) as storage:
        models, projection = models_of(storage.database), UsageProjection()
        await add_questions(storage.log, [question(n) for n in range(1, 51)])
        for n in range(3):
            await storage.log.append([StreamWrite(f"stream-{n}", ANY, EVERYTHING)])
            await catch_up(storage.log, models, projection, await storage.log.head())
        counted = await totals(models)
        assert counted == {name: 3 * count for name, count in ONCE_EACH.items()} | {"questions_added": 50}

        lock = leadership_of(storage.database, "rebuild-usage")
        assert (await verify(storage.log, models, projection, lock, lambda *_: None)).equal
        await rebuild(storage.log, models, projection, lock, lambda *_: None)
        assert await totals(models) == counted


async def test_totals_may_be_of_some_days_only(database_url: str) -> None:
    async with open_storage(database_url) as storage:
        models, projection = models_of(storage.database), UsageProjection()
        changes = Changes({})
        for day in (10, 11, 12):
            changes.put(USAGE_COUNTERS, ("cost", day, 2**40 + day))
        await models.store(projection, 0, 1, changes)
        assert await totals(models, since=11) == {"cost": 2**41 + 23}
        assert await totals(models, since=10, until=10) == {"cost": 2**40 + 10}
        assert await totals(models, since=13) == {}
