"""Generation jobs as they are listed: one row for each, until it is cleaned up.

The rows may lag behind the log; `recent_jobs` adds the log's tail to what it reads, so that what was asked for shows at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final

import msgspec

from events.log import EventLog, RecordedEvent
from events.registry import Event, type_names
from events.vocabulary.decoding import Decoded
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
from projections.engine.dead_letters import decode_readable
from projections.engine.projection import Key, Projection, Row, Rows, Table
from projections.engine.store import Changes, ReadModels

GENERATION_JOBS: Final = Table(
    "generation_jobs",
    {
        "job_id": "text",
        "version": "bigint",
        "position": "bigint",
        "user_id": "text",
        "org": "text",
        "cause": "text",
        "topic": "text",
        "min_age": "integer",
        "max_age": "integer",
        "difficulty": "text",
        "target_count": "integer",
        "status": "text",
        "generated": "integer",
        "duplicates": "integer",
        "rejected": "integer",
        "reason": "text",
        "created_at": "bigint",
        "ended_at": "bigint",
    },
)

_STREAM: Final = "generation-"
_PAGE: Final = 1_000


class JobRow(msgspec.Struct):
    """A row, by the names of its columns: the job as it was at a version of its stream.

    Times in microseconds since 1970-01-01 UTC.
    """

    job_id: str
    version: int
    position: int
    user_id: str
    org: str
    cause: str
    topic: str | None
    min_age: int
    max_age: int
    difficulty: str | None
    target_count: int
    status: str
    generated: int
    duplicates: int
    rejected: int
    reason: str | None
    created_at: int
    ended_at: int | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.ended_at is not None


class GenerationJobsProjection(Projection):
    """Keeps a row for each job."""

    name: ClassVar[str] = "generation_jobs"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[Table, ...]] = (GENERATION_JOBS,)
    # Workers and lists ask all the time; kept so, there is nearly never a tail to be added.
    inline: ClassVar[bool] = True
    handles: ClassVar[frozenset[type[Event]]] = frozenset(
        {
            GenerationRequested,
            GenerationClaimed,
            CandidateAdded,
            CandidateRejected,
            GenerationCompleted,
            GenerationFailed,
            GenerationCancelled,
            GenerationJobsRemoved,
        }
    )

    def needs(self, decoded: Decoded) -> Iterable[tuple[Table, Key]]:
        """See Projection.needs."""
        if isinstance(decoded.event, GenerationJobsRemoved):
            return ()
        return ((GENERATION_JOBS, (_job_of(decoded),)),)

    def apply(self, decoded: Decoded, rows: Rows) -> None:
        """See Projection.apply."""
        if isinstance(decoded.event, GenerationJobsRemoved):
            for job in decoded.event.jobs:
                rows.delete(GENERATION_JOBS, (job,))
            return
        stored = rows.get(GENERATION_JOBS, (_job_of(decoded),))
        if stored is None:
            if isinstance(decoded.event, GenerationRequested):
                rows.put(GENERATION_JOBS, _first_row(decoded, decoded.event))
            return
        row = JobRow(*stored)
        # Readers that add the log's tail may meet rows that have some of it already.
        if decoded.recorded.version > row.version:
            row.version = decoded.recorded.version
            _change(row, decoded.event, decoded.recorded.recorded_at)
            rows.put(GENERATION_JOBS, msgspec.structs.astuple(row))


def _job_of(decoded: Decoded) -> str:
    return decoded.recorded.stream.removeprefix(_STREAM)


def _first_row(decoded: Decoded, asked: GenerationRequested) -> Row:
    return msgspec.structs.astuple(
        JobRow(
            job_id=_job_of(decoded),
            version=decoded.recorded.version,
            position=decoded.recorded.position,
            user_id=asked.user,
            org=asked.org,
            cause=asked.trigger,
            topic=asked.topic,
            min_age=asked.min_age,
            max_age=asked.max_age,
            difficulty=asked.difficulty,
            target_count=asked.target_count,
            status="pending",
            generated=0,
            duplicates=0,
            rejected=0,
            reason=None,
            created_at=decoded.recorded.recorded_at,
            ended_at=None,
        )
    )


def _change(row: JobRow, event: Event, at: int) -> None:
    match event:
        case GenerationClaimed():
            row.status = "running"
        case CandidateAdded():
            row.generated += 1
        case CandidateRejected(reason="duplicate" | "near_duplicate"):
            row.duplicates += 1
        case CandidateRejected(reason="surplus"):
            pass
        case CandidateRejected():
            row.rejected += 1
        case GenerationCompleted():
            row.status, row.ended_at = "completed", at
        case GenerationFailed(_, reason):
            row.status, row.ended_at, row.reason = "failed", at, reason
        case GenerationCancelled():
            row.status, row.ended_at = "cancelled", at
        case _:
            pass


class Listing(msgspec.Struct, frozen=True):
    """Which jobs.

    Of an organisation, of one of its users or all; those that came before a position of the
    log, if one is given.
    """

    org: str
    user: str | None = None
    before: int | None = None


_LISTED: Final = """
SELECT {columns} FROM generation_jobs
WHERE org = $1 AND ($2 = '' OR user_id = $2) AND position < $3 ORDER BY position DESC LIMIT $4"""
_ACTIVE: Final = "SELECT job_id FROM generation_jobs WHERE ended_at IS NULL ORDER BY position"
_ENDED: Final = "SELECT job_id FROM generation_jobs WHERE org = $1 AND ended_at <= $2"
_IDS: Final = "SELECT job_id FROM generation_jobs WHERE org = $1"
_NEVER: Final = 2**62


async def recent_jobs(log: EventLog, models: ReadModels, listing: Listing, limit: int) -> list[JobRow]:
    """The latest jobs first, at most `limit`, as the log has them now. Raises LogUnavailable."""
    overlay = await _tail(log, models)
    before = _NEVER if listing.before is None else listing.before
    sql = _LISTED.format(columns=", ".join(GENERATION_JOBS.columns))
    # As many more as the tail may take away.
    stored = await models.fetch(sql, listing.org, listing.user or "", before, limit + len(overlay))
    rows = {row[0]: row for row in stored}
    for (job_id,), row in overlay.items():
        rows.pop(job_id, None)
        if row is not None:
            rows[job_id] = row
    found = [JobRow(*row) for row in rows.values()]
    fitting = [
        job for job in found if job.org == listing.org and listing.user in {None, job.user_id} and job.position < before
    ]
    return sorted(fitting, key=lambda job: -job.position)[:limit]


async def ended_before(log: EventLog, models: ReadModels, org: str, moment: int) -> list[str]:
    """Ids of an organisation's jobs that are listed and had ended by this time, as the log has them now. Raises LogUnavailable."""
    overlay = await _tail(log, models)
    ids = dict.fromkeys([row[0] for row in await models.fetch(_ENDED, org, moment)])
    for job_id, job in _jobs(overlay):
        if job is None:
            ids.pop(job_id, None)
        elif job.org == org and job.ended_at is not None and job.ended_at <= moment:
            ids[job_id] = None
    return sorted(ids)


async def count_jobs(log: EventLog, models: ReadModels, org: str) -> int:
    """How many jobs of an organisation are listed, as the log has them now.

    Raises LogUnavailable.
    """
    overlay = await _tail(log, models)
    ids = {row[0] for row in await models.fetch(_IDS, org)}
    for job_id, job in _jobs(overlay):
        if job is None:
            ids.discard(job_id)
        elif job.org == org:
            ids.add(job_id)
    return len(ids)


def _jobs(overlay: dict[Key, Row | None]) -> Iterator[tuple[str, JobRow | None]]:
    for (job_id,), row in overlay.items():
        yield job_id, None if row is None else JobRow(*row)


async def active_jobs(log: EventLog, models: ReadModels) -> list[str]:
    """Ids of the jobs that may not have ended yet, the oldest first. Raises LogUnavailable."""
    overlay = await _tail(log, models)
    stored = [row[0] for row in await models.fetch(_ACTIVE)]
    ids = dict.fromkeys([*stored, *[key[0] for key in overlay]])
    gone = {key[0] for key, row in overlay.items() if row is None or JobRow(*row).ended}
    return [job_id for job_id in ids if job_id not in gone]


async def _tail(log: EventLog, models: ReadModels) -> dict[Key, Row | None]:
    """Rows as the events beyond the checkpoint leave them; None for those that are removed."""
    projection = GenerationJobsProjection()
    position, head = await models.checkpoint(projection), await log.head()
    types = type_names(projection.handles)
    recorded: list[RecordedEvent] = []
    while position < head:
        page = await log.read(position, limit=_PAGE, until=head, types=types)
        recorded += page
        position = page[-1].position if len(page) == _PAGE else head
    events = list(decode_readable(recorded))
    keys = dict.fromkeys([key for event in events for key in _keys(event)])
    changes = Changes({GENERATION_JOBS.name: await models.load(GENERATION_JOBS, list(keys))})
    for event in events:
        projection.apply(event, changes)
    return {key: changes.get(GENERATION_JOBS, key) for key in keys}


def _keys(decoded: Decoded) -> Sequence[Key]:
    if isinstance(decoded.event, GenerationJobsRemoved):
        return [(job,) for job in decoded.event.jobs]
    return [(_job_of(decoded),)]
