"""Generation over HTTP: asking for jobs, how they do, stopping them, and tidying the lists."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from events.timestamps import Timestamp, now_us, rfc3339
from events.vocabulary.generation import GenerationRequested, Trigger
from events.vocabulary.questions import Difficulty
from projections.models.generation_jobs import JobRow, Listing, count_jobs, ended_before, recent_jobs
from trivia.generation.decide import Job, Status
from trivia.generation.requesting import Requested
from trivia.generation.service import Generation
from trivia.generation.streams import load_job
from trivia.http.access import Access, Identity, context_of
from trivia.http.contract import Contract
from trivia.http.cursors import Cursor, read_cursor, write_cursor
from trivia.http.fields import Age
from trivia.http.headers import EVENT_POSITION
from trivia.http.problems import BadInput, Conflicting, FieldError, NotFound
from trivia.http.read_your_writes import position_headers
from trivia.http.requests import AnyRequest, read_body, read_query, request_id
from trivia.http.validation import parse_json

_JOB_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HOUR: Final = 3_600_000_000
MAX_POSITION: Final = 2**62

_JOBS: Final = "jobs"
_Place = tuple[Literal["jobs"], Annotated[int, Meta(ge=0, le=MAX_POSITION)]]
"""The position of the last job of a page."""


class GenerationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /generate_questions_async."""

    target_count: Annotated[int, Meta(ge=1, le=100, description="How many new questions.")]
    age_range: Annotated[
        list[Age], Meta(min_length=2, max_length=2, description="Youngest and oldest, in years, both included.")
    ] = msgspec.field(default_factory=lambda: [0, 120])
    topic: Annotated[str, Meta(min_length=1, max_length=100, description="Any, if there is none.")] | None = None
    difficulty: Difficulty | None = None


class JobAccepted(msgspec.Struct, frozen=True):
    """The job that makes what was asked for; it may have been running already."""

    job_id: str
    status: Status
    message: str


class JobStatus(msgspec.Struct, frozen=True):
    """How a job does. `rejected` candidates had faults, `duplicates_skipped` the bank has; `reason` says why it failed."""

    job_id: str
    status: Status
    target_count: int
    generated_count: int
    duplicates_skipped: int
    rejected: int
    message: str
    created_at: Timestamp
    completed_at: Timestamp | None
    reason: str | None
    trigger: Trigger
    topic: str | None
    age_range: list[int]
    difficulty: Difficulty | None


class JobsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /generation_jobs."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Cursor | None = None


class JobsPage(msgspec.Struct, frozen=True):
    """A page of jobs, the latest first; `cursor` leads to the next, and is null on the last."""

    items: list[JobStatus]
    cursor: str | None


class CleanupQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of POST /admin/cleanup_jobs."""

    older_than_hours: Annotated[
        int, Meta(ge=0, le=87_600, description="Only jobs that ended so long ago leave the lists.")
    ] = 24


class CleanedUp(msgspec.Struct, frozen=True):
    """What a clean-up came to."""

    message: str
    removed_count: int
    remaining_jobs: int


@post(
    "/generate_questions_async",
    operation_id="generateQuestions",
    status_code=202,
    opt=Contract(
        tag="Generation",
        access=Access.PLAYER,
        body=GenerationBody,
        response_headers=[EVENT_POSITION],
    ).opt,
)
async def generate_questions(request: AnyRequest, generation: NamedDependency[Generation]) -> Response[JobAccepted]:
    """Start a job that makes new questions for the bank of the user's organisation.

    While a job of the same user for the same topic, ages and difficulty runs, that one is the answer, whatever its target.
    """
    asked = _read_request(request.user, await read_body(request))
    context = context_of(request.user, request_id(request))
    outcome = await generation.requesting.request(asked, context)
    # Only what starts by itself has to rest.
    assert isinstance(outcome, Requested)  # noqa: S101
    running = f"A job for this runs already: {progress_of(outcome.job)}"
    message = f"Making {asked.target_count} questions" if outcome.started else running
    accepted = JobAccepted(outcome.job_id, outcome.job.status, message)
    return Response(accepted, status_code=202, headers=position_headers(outcome.position))


def _read_request(identity: Identity, text: bytes) -> GenerationRequested:
    """What a body asks for. Raises BadInput, which names every field at fault."""
    try:
        body = parse_json(text, GenerationBody)
    except BadInput as error:
        # What else is wrong is told at once, where the body is an object at all.
        if error.errors[0].path:
            error.errors = (*error.errors, *_find_more(msgspec.json.decode(text), error.errors))
        raise
    if faults := _find_more(msgspec.to_builtins(body), ()):
        raise BadInput("The body has faults.", errors=faults)
    low, high = body.age_range
    topic = body.topic and body.topic.strip()
    return GenerationRequested(
        identity.user, identity.org, body.target_count, "manual", topic, low, high, body.difficulty
    )


def _find_more(raw: dict[str, Any], known: Sequence[FieldError]) -> list[FieldError]:
    """What the types of the fields cannot say, of those that are not at fault already."""
    at_fault = {fault.path.partition("[")[0] for fault in known}
    faults = []
    topic, ages = raw.get("topic"), raw.get("age_range")
    if topic is not None and "topic" not in at_fault:
        if not topic.strip():
            faults.append(FieldError("topic", "must not be blank"))
        elif not topic.strip().isprintable():
            faults.append(FieldError("topic", "has unprintable characters"))
    if ages is not None and "age_range" not in at_fault and ages[0] > ages[1]:
        faults.append(FieldError("age_range", "the first age is greater than the second"))
    return faults


def progress_of(job: Job) -> str:
    """How far a job has come, for people."""
    return f"Generated {job.generated}/{job.target} questions"


@get(
    "/generation_status/{job_id:str}",
    operation_id="generationStatus",
    opt=Contract(tag="Generation", access=Access.PLAYER).opt,
)
async def generation_status(
    request: AnyRequest, job_id: FromPath[str], generation: NamedDependency[Generation]
) -> JobStatus:
    """Say how a job does, from the log: the user's own, or for admins any of their organisation."""
    job = await _find(generation, request.user, job_id)
    return _describe_job(job_id, job)


@get(
    "/generation_jobs",
    operation_id="generationJobs",
    opt=Contract(tag="Generation", access=Access.PLAYER, query=JobsQuery, reads=[]).opt,
)
async def generation_jobs(request: AnyRequest, generation: NamedDependency[Generation]) -> JobsPage:
    """List the user's jobs, or for admins all of their organisation, the latest first."""
    query = read_query(request, JobsQuery)
    user = None if request.user.access >= Access.ADMIN else request.user.user
    before = None if query.cursor is None else read_cursor(query.cursor, _Place)[1]
    found = await recent_jobs(
        generation.log, generation.models, Listing(request.user.org, user, before), query.limit + 1
    )
    page = found[: query.limit]
    return JobsPage(
        [_describe_row(row) for row in page],
        write_cursor((_JOBS, page[-1].position)) if len(found) > len(page) else None,
    )


@post(
    "/generation_jobs/{job_id:str}/cancel",
    operation_id="cancelGeneration",
    status_code=200,
    opt=Contract(
        tag="Generation",
        access=Access.PLAYER,
        response_headers=[EVENT_POSITION],
        problems=[Conflicting],
    ).opt,
)
async def cancel_generation(
    request: AnyRequest, job_id: FromPath[str], generation: NamedDependency[Generation]
) -> Response[JobStatus]:
    """Stop a job; the questions that it has added stay."""
    job = await _find(generation, request.user, job_id)
    context = context_of(request.user, request_id(request))
    job, position = await generation.requesting.cancel(job_id, request.user.user, context, job)
    return Response(_describe_job(job_id, job), headers=position_headers(position))


@post(
    "/admin/cleanup_jobs",
    operation_id="cleanupJobs",
    status_code=200,
    opt=Contract(tag="Generation", access=Access.ADMIN, query=CleanupQuery, response_headers=[EVENT_POSITION]).opt,
)
async def cleanup_jobs(request: AnyRequest, generation: NamedDependency[Generation]) -> Response[CleanedUp]:
    """Take jobs of the organisation that have ended off the lists; the log keeps them."""
    query = read_query(request, CleanupQuery)
    org = request.user.org
    before = now_us() - query.older_than_hours * _HOUR
    removed = await ended_before(generation.log, generation.models, org, before)
    context = context_of(request.user, request_id(request))
    position = await generation.requesting.take_off_lists(org, removed, context)
    remaining = await count_jobs(generation.log, generation.models, org)
    noun = "job" if len(removed) == 1 else "jobs"
    cleaned_up = CleanedUp(f"Cleaned up {len(removed)} old {noun}", len(removed), remaining)
    return Response(cleaned_up, headers=position_headers(position))


async def _find(generation: Generation, user: Identity, job_id: str) -> Job:
    """A job that this user may know of. Raises NotFound."""
    job = await load_job(generation.log, job_id) if _JOB_ID.fullmatch(job_id) else Job()
    asked = job.requested
    if asked is None or asked.org != user.org or (asked.user != user.user and user.access < Access.ADMIN):
        raise NotFound("There is no such job.")
    return job


def _describe_job(job_id: str, job: Job) -> JobStatus:
    asked = job.requested
    assert asked is not None  # noqa: S101 - it was found
    return JobStatus(
        job_id=job_id,
        status=job.status,
        target_count=job.target,
        generated_count=job.generated,
        duplicates_skipped=job.duplicates,
        rejected=job.rejected,
        message=progress_of(job),
        created_at=rfc3339(job.created_at),
        completed_at=None if job.ended_at is None else rfc3339(job.ended_at),
        reason=job.reason if job.status == "failed" else None,
        trigger=asked.trigger,
        topic=asked.topic,
        age_range=[asked.min_age, asked.max_age],
        difficulty=asked.difficulty,
    )


def _describe_row(row: JobRow) -> JobStatus:
    return msgspec.convert(
        {
            **msgspec.structs.asdict(row),
            "generated_count": row.generated,
            "duplicates_skipped": row.duplicates,
            "message": f"Generated {row.generated}/{row.target_count} questions",
            "created_at": rfc3339(row.created_at),
            "completed_at": None if row.ended_at is None else rfc3339(row.ended_at),
            "trigger": row.cause,
            "age_range": [row.min_age, row.max_age],
        },
        JobStatus,
    )


HANDLERS: Final = [generate_questions, generation_status, generation_jobs, cancel_generation, cleanup_jobs]
