"""The list of generation jobs: what each event does to it, and that reading it adds what the table lacks yet."""

from typing import Any

import pytest

from events.log import ANY, StreamWrite
from events.registry import Event
from events.vocabulary.generation import (
    CandidateAdded,
    CandidateRejected,
    GenerationCancelled,
    GenerationClaimed,
    GenerationCompleted,
    GenerationFailed,
    GenerationJobsRemoved,
    GenerationRequested,
)
from projections.engine.projector import catch_up
from projections.engine.store import Changes
from projections.models.generation_jobs import (
    GENERATION_JOBS,
    GenerationJobsProjection,
    JobRow,
    Listing,
    active_jobs,
    count_jobs,
    ended_before,
    recent_jobs,
)
from projections.storage.backends import models_of
from tests.support.recorded import Journal
from trivia.platform.storage import open_storage

ASKED = GenerationRequested("ada", "public", 5, "auto", "Science", 8, 15, "easy")
FOREVER = 2**60


def fold(*events: Event, twice: bool = False) -> JobRow:
    journal, changes, projection = Journal(), Changes({}), GenerationJobsProjection()
    for event in events:
        decoded = journal.add("generation-j", event)
        for _ in range(1 + twice):
            projection.apply(decoded, changes)
    row = changes.get(GENERATION_JOBS, ("j",))
    assert row is not None
    return JobRow(*row)


def test_a_job_begins_pending_with_all_that_was_asked_for() -> None:
    assert fold(ASKED) == JobRow(
        job_id="j",
        version=1,
        position=1,
        user_id="ada",
        org="public",
        cause="auto",
        topic="Science",
        min_age=8,
        max_age=15,
        difficulty="easy",
        target_count=5,
        status="pending",
        generated=0,
        duplicates=0,
        rejected=0,
        reason=None,
        created_at=1_000_000,
        ended_at=None,
    )


@pytest.mark.parametrize("twice", [False, True])
def test_candidates_are_counted_once_however_often_an_event_is_met(twice: bool) -> None:  # noqa: FBT001
    row = fold(
        ASKED,
        GenerationClaimed("p", 1),
        CandidateAdded(0, 0, "x"),
        CandidateRejected(0, 1, "duplicate", ""),
        CandidateRejected(0, 2, "near_duplicate", ""),
        CandidateRejected(0, 3, "lint", ""),
        CandidateAdded(0, 4, "y"),
        CandidateRejected(0, 5, "surplus", ""),
        twice=twice,
    )
    assert (row.status, row.generated, row.duplicates, row.rejected, row.version) == ("running", 2, 2, 1, 8)


@pytest.mark.parametrize(
    ("end", "status", "reason"),
    [
        (GenerationCompleted(0), "completed", None),
        (GenerationFailed(0, "why"), "failed", "why"),
        (GenerationCancelled("bob", 0), "cancelled", None),
    ],
)
def test_a_job_ends(end: Event, status: str, reason: str | None) -> None:
    row = fold(ASKED, end)
    assert (row.status, row.reason, row.ended_at) == (status, reason, 2_000_000)


async def test_reading_adds_what_the_table_lacks_at_any_lag(database_url: str) -> None:
    steps: list[tuple[str, Event]] = [
        ("generation-a", ASKED),
        ("generation-b", GenerationRequested("bob", "public", 1, "manual")),
        ("generation-a", GenerationClaimed("p", 1)),
        ("generation-c", GenerationRequested("eve", "quizzers", 1, "manual")),
        ("generation-b", GenerationFailed(0, "no")),
        ("generation-d", GenerationRequested("ada", "public", 1, "manual")),
        ("generation-a", CandidateAdded(0, 0, "x")),
        ("generation-cleanup-public", GenerationJobsRemoved("public", ("b",))),
        ("generation-d", GenerationCompleted(1)),
    ]
    async with open_storage(database_url) as storage:
        log, models = storage.log, models_of(storage.database)
        for stream, event in steps:
            await log.append([StreamWrite(stream, ANY, [event])])
        head = await log.head()
        for folded in range(head + 1):
            await catch_up(log, models, GenerationJobsProjection(), folded)

            async def listed(limit: int = 10, **which: Any) -> list[tuple[str, str, int]]:
                found = await recent_jobs(log, models, Listing(**which), limit)
                return [(job.job_id, job.status, job.generated) for job in found]

            assert await listed(org="public") == [("d", "completed", 0), ("a", "running", 1)]
            assert await listed(org="public", limit=1) == [("d", "completed", 0)]
            assert await listed(org="public", before=6) == [("a", "running", 1)]
            assert await listed(org="public", user="bob") == []
            assert await listed(org="quizzers", user="eve") == [("c", "pending", 0)]
            assert await active_jobs(log, models) == ["a", "c"]
            assert await ended_before(log, models, "public", FOREVER) == ["d"]
            assert await ended_before(log, models, "public", 0) == []
            assert (await count_jobs(log, models, "public"), await count_jobs(log, models, "quizzers")) == (2, 1)
