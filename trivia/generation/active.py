"""The jobs that have not ended, in the memory of each process, fed by the log; and the news of them for whoever listens."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import ClassVar, Literal

import msgspec
import structlog

from events.log import EventLog, LogUnavailable
from events.registry import Event
from events.vocabulary.decoding import Decoded
from events.vocabulary.generation import (
    CandidateAdded,
    CandidateRejected,
    CandidatesReceived,
    GenerationCancelled,
    GenerationClaimed,
    GenerationCompleted,
    GenerationFailed,
    GenerationReleased,
    GenerationRequested,
    ProviderFailed,
)
from projections.engine.dead_letters import describe
from projections.engine.store import ReadModels
from projections.models.generation_jobs import active_jobs
from trivia.generation.decide import Job, evolve
from trivia.generation.streams import job_of, load_job, slot_of

_log = structlog.get_logger("trivia.generation")

News = Literal["started", "processing", "completed", "failed"]


class JobUpdate(msgspec.Struct, frozen=True, tag_field="type", tag="job_update", omit_defaults=True):
    """How far a job has come, as clients hear of it. A job that was stopped is `failed`, and `reason` says so."""

    job_id: str
    status: News
    generated_count: int
    target_count: int
    position: int
    reason: str | None = None


Listener = Callable[[JobUpdate], None]
"""Called at once, in the order of the log; must neither wait nor raise."""


class ActiveJobs:
    """A live view. The event loop owns it."""

    handles: ClassVar[frozenset[type[Event]]] = frozenset(
        {
            GenerationRequested,
            GenerationClaimed,
            GenerationReleased,
            CandidatesReceived,
            ProviderFailed,
            CandidateAdded,
            CandidateRejected,
            GenerationCompleted,
            GenerationFailed,
            GenerationCancelled,
        }
    )

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._slots: dict[str, str] = {}
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)
        self.changed: Callable[[str, Job], None] = lambda _, __: None
        """Called with each job that has changed, before the listeners are."""

    async def boot(self, log: EventLog, models: ReadModels) -> None:
        """Take in what has not ended, before events are applied. Raises LogUnavailable."""
        for job_id in await active_jobs(log, models):
            try:
                job = await load_job(log, job_id)
            except LogUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one job that cannot be read must not keep a process from starting
                _log.error("generation_job_unreadable", job=job_id, reason=describe(error))
                continue
            if job.requested is not None and not job.ended:
                self._keep(job_id, job)

    def apply(self, decoded: Decoded) -> None:
        """Fold one event; one that the boot has taken in already changes nothing."""
        recorded = decoded.recorded
        job_id = job_of(recorded.stream)
        before = self._jobs.get(job_id, Job())
        if recorded.version != before.version + 1:
            return
        job = evolve(before, decoded.event, recorded.version, recorded.recorded_at)
        if job.ended:
            del self._jobs[job_id]
            if before.requested is not None:
                self._slots.pop(slot_of(before.requested), None)
        else:
            self._keep(job_id, job)
        self.changed(job_id, job)
        if update := _tell(job_id, job, decoded):
            self._send(update)

    def _keep(self, job_id: str, job: Job) -> None:
        if job_id not in self._jobs and job.requested is not None:
            self._slots[slot_of(job.requested)] = job_id
        self._jobs[job_id] = job

    def __iter__(self) -> Iterator[tuple[str, Job]]:
        """Ids and jobs, the oldest first."""
        return iter(list(self._jobs.items()))

    def __len__(self) -> int:
        return len(self._jobs)

    def get(self, job_id: str) -> Job | None:
        """A job that has not ended, as far as this process has heard."""
        return self._jobs.get(job_id)

    def in_slot(self, slot: str) -> str | None:
        """The job that runs for a user and filter, as far as this process has heard."""
        return self._slots.get(slot)

    def started_by_itself(self, user: str) -> int:
        """How many jobs that nobody asked for run for a user."""
        return sum(
            [
                job.requested is not None and job.requested.user == user and job.requested.trigger == "auto"
                for job in self._jobs.values()
            ]
        )

    def listen(self, job_id: str, listener: Listener) -> Callable[[], None]:
        """Have a listener called with all news of a job from now on; call what is returned to end it."""
        self._listeners[job_id].append(listener)

        def end() -> None:
            listeners = self._listeners.get(job_id, [])
            if listener in listeners:
                listeners.remove(listener)
            if not listeners:
                self._listeners.pop(job_id, None)

        return end

    def _send(self, update: JobUpdate) -> None:
        for listener in list(self._listeners.get(update.job_id, ())):
            try:
                listener(update)
            except Exception:  # noqa: BLE001 - one that raises must not stop the view for all
                _log.exception("generation_listener_failed", job=update.job_id)


def _tell(job_id: str, job: Job, decoded: Decoded) -> JobUpdate | None:
    """What clients hear of an event."""
    status: News
    match decoded.event:
        case GenerationRequested():
            status = "started"
        case GenerationClaimed() | CandidateAdded():
            status = "processing"
        case GenerationCompleted():
            status = "completed"
        case GenerationFailed() | GenerationCancelled():
            status = "failed"
        case _:
            return None
    reason = "cancelled" if job.status == "cancelled" else job.reason if job.status == "failed" else None
    return JobUpdate(job_id, status, job.generated, job.target, decoded.recorded.position, reason)
