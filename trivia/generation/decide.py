"""Rules of generation jobs: pure functions of what the log says of a job, of a command and of the time.

A job asks its provider again and again, and judges the candidates of each answer in their order, until it has what was wanted or
has tried often enough. All times are in microseconds since 1970-01-01 UTC.
"""

from typing import Final, Literal

import msgspec

from events.registry import Event
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
    ProviderFault,
    Trigger,
)

Status = Literal["pending", "running", "completed", "failed", "cancelled"]
ENDED: Final = frozenset({"completed", "failed", "cancelled"})

MAX_PER_CALL: Final = 50
"""Candidates asked for in one call."""
MAX_JUDGED: Final = 10
"""Candidates judged in one step, which is one append: draws and other jobs wait for each append on SQLite."""
MAX_CALLS: Final = 60
"""Calls of one job, whatever comes of them."""
MAX_BARREN: Final = 5
"""Answers in a row that may bring nothing new."""
MAX_EMPTY: Final = 2
"""Answers in a row that may be without a single candidate."""
MAX_FAILURES: Final = 5
"""Calls in a row that may fail."""
MAX_CLAIMS: Final = 10
"""Claims in a row, each by a process that gets nowhere and does not let go: most likely the job kills whoever works on it."""

SECOND: Final = 1_000_000
MAX_PAUSE: Final = 60 * SECOND
"""Longest wait before a call is made again; a provider that asks for more ends the job."""
REST: Final = 60 * SECOND
"""How long after a failed or cancelled job none is started by itself for the same user and filter; doubled with each failure in a row."""
MAX_REST: Final = 3_600 * SECOND

MAX_OBJECTION: Final = 300
"""Characters of an objection that are told in the reason for which a job failed."""

_HOPELESS: Final[frozenset[ProviderFault]] = frozenset({"client_error", "not_configured", "budget_spent"})
"""Faults that another call right after would meet again."""


class Job(msgspec.Struct, frozen=True):
    """What a job's stream comes to. `calls` counts those whose outcome is known; `candidates` are those of the last answer.

    `objection` says what was wrong with the last candidate that was rejected; `asked_pause` for how long the provider wants to be left
    alone since the last failure, in microseconds.
    """

    version: int = 0
    requested: GenerationRequested | None = None
    status: Status = "pending"
    created_at: int = 0
    ended_at: int | None = None
    owner: str | None = None
    lease_until: int = 0
    claims: int = 0
    calls: int = 0
    candidates: tuple[str, ...] = ()
    judged: int = 0
    generated: int = 0
    duplicates: int = 0
    rejected: int = 0
    objection: str | None = None
    barren: int = 0
    empty: int = 0
    failures: int = 0
    fault: ProviderFault | None = None
    asked_pause: int = 0
    retry_at: int = 0
    reason: str | None = None

    @property
    def target(self) -> int:
        """How many questions are wanted."""
        return 0 if self.requested is None else self.requested.target_count

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in ENDED


class Ask(msgspec.Struct, frozen=True):
    """Ask the provider for so many candidates."""

    call: int
    count: int


class Judge(msgspec.Struct, frozen=True):
    """Judge the next candidates of the last answer, or some first ones of these; `index` is that of the first."""

    call: int
    index: int
    candidates: tuple[str, ...]


class Wait(msgspec.Struct, frozen=True):
    """Do nothing before this time."""

    until: int


class Finish(msgspec.Struct, frozen=True):
    """End the job with these events."""

    events: tuple[Event, ...]


class Nothing(msgspec.Struct, frozen=True):
    """The job has ended, or there is none."""


Step = Ask | Judge | Wait | Finish | Nothing


def evolve(job: Job, event: Event, version: int, at: int) -> Job:
    """The job after an event with this version, recorded at this time."""
    match event:
        case GenerationRequested():
            return _replace(job, version=version, requested=event, created_at=at)
        case GenerationClaimed(owner, lease_until):
            renewed = owner == job.owner and at < job.lease_until
            claims = job.claims if renewed else job.claims + 1
            return _replace(job, version=version, status="running", owner=owner, lease_until=lease_until, claims=claims)
        case GenerationReleased():
            # Who lets go of it did not die of it.
            return _replace(job, version=version, owner=None, lease_until=0, claims=max(0, job.claims - 1))
        case CandidatesReceived() | ProviderFailed() | CandidateAdded() | CandidateRejected():
            return _progress(_replace(job, version=version, claims=0), event, at)
        case GenerationCompleted() | GenerationFailed() | GenerationCancelled():
            return _end(_replace(job, version=version, ended_at=at), event)
        case _:
            return _replace(job, version=version)


def _progress(
    job: Job, event: CandidatesReceived | ProviderFailed | CandidateAdded | CandidateRejected, at: int
) -> Job:
    match event:
        case CandidatesReceived():
            return _replace(
                job,
                calls=event.call + 1,
                candidates=event.candidates,
                judged=0,
                failures=0,
                # Until one of them is added.
                barren=job.barren + 1,
                empty=0 if event.candidates else job.empty + 1,
            )
        case ProviderFailed(call) if call < job.calls:
            # Somebody else has answered this call.
            return job
        case ProviderFailed(call, _, fault, detail, retry_after):
            failures = job.failures + 1
            asked_pause = (retry_after or 0) * 1_000
            pause = max(asked_pause, SECOND << (failures - 1))
            return _replace(
                job,
                calls=call + 1,
                failures=failures,
                fault=fault,
                asked_pause=asked_pause,
                retry_at=at + min(pause, MAX_PAUSE),
                reason=detail,
            )
        case CandidateAdded(_, index):
            return _replace(job, judged=index + 1, generated=job.generated + 1, barren=0)
        case CandidateRejected(_, index, "surplus"):
            return _replace(job, judged=index + 1)
        case CandidateRejected(_, index, reason, detail):
            duplicate = reason in {"duplicate", "near_duplicate"}
            return _replace(
                job,
                judged=index + 1,
                duplicates=job.duplicates + duplicate,
                rejected=job.rejected + (not duplicate),
                # What is said of others may quote questions of the bank, which are for nobody but those who are given them.
                objection=f"{reason}, {detail}" if reason in {"schema", "lint"} else reason,
            )


def _end(job: Job, event: GenerationCompleted | GenerationFailed | GenerationCancelled) -> Job:
    status: Status
    match event:
        case GenerationCompleted():
            status, reason = "completed", None
        case GenerationFailed():
            status, reason = "failed", event.reason
        case GenerationCancelled():
            status, reason = "cancelled", None
    return _replace(job, status=status, owner=None, lease_until=0, candidates=(), judged=0, reason=reason)


def _replace(job: Job, **changed: object) -> Job:
    return msgspec.structs.replace(job, **changed)


def next_step(job: Job, now: int) -> Step:
    """What whoever holds the job does next."""
    if job.requested is None or job.ended:
        return Nothing()
    call = job.calls - 1
    if job.generated >= job.target:
        surplus = [
            CandidateRejected(call, index, "surplus", "the job had all it wanted")
            for index in range(job.judged, len(job.candidates))
        ]
        return Finish((*surplus, GenerationCompleted(job.generated)))
    if job.judged < len(job.candidates):
        return Judge(call, job.judged, job.candidates[job.judged : job.judged + MAX_JUDGED])
    if reason := _find_no_hope(job):
        return Finish((_give_up(job, reason),))
    if job.failures and now < job.retry_at:
        return Wait(job.retry_at)
    wanted = job.target - job.generated
    # Some will be rejected; and where much was, the bank may have nearly all that the provider knows.
    return Ask(job.calls, min((wanted + wanted // 4 + 1) << job.barren, MAX_PER_CALL))


def _find_no_hope(job: Job) -> str | None:
    hopeless, too_long = job.fault in _HOPELESS, job.asked_pause > MAX_PAUSE
    if job.failures and (hopeless or too_long or job.failures >= MAX_FAILURES):
        times = "once" if job.failures == 1 else f"{job.failures} times in a row"
        pause = (
            f"; it asks to be left alone for {job.asked_pause / SECOND:,.0f} seconds"
            if too_long and not hopeless
            else ""
        )
        return f"the provider failed {times}, at last with {job.fault}: {job.reason}{pause}"
    if job.empty >= MAX_EMPTY:
        return f"the provider had nothing to offer, {job.empty} times in a row"
    if job.barren >= MAX_BARREN:
        objection = f"; the last candidate was rejected: {job.objection[:MAX_OBJECTION]}" if job.objection else ""
        return f"nothing new was found in {job.barren} calls in a row{objection}"
    if job.calls >= MAX_CALLS:
        return f"it took more than {MAX_CALLS} calls"
    return None


def _give_up(job: Job, why: str) -> GenerationFailed:
    counted = f"{job.generated} of {job.target} questions were added, {job.duplicates} duplicates skipped and {job.rejected} rejected"
    return GenerationFailed(job.generated, f"{counted}; {why}"[:1_000])


def may_claim(job: Job, now: int) -> bool:
    """Whether nobody works on the job and somebody should."""
    return job.requested is not None and not job.ended and (job.owner is None or job.lease_until <= now)


def claim(job: Job, owner: str, now: int, lease: int) -> Event | None:
    """What happens when `owner` wants to work on the job, for `lease` microseconds at first; None where that may not be."""
    if not may_claim(job, now):
        return None
    if job.claims >= MAX_CLAIMS:
        return _give_up(job, f"{job.claims} processes in a row began to work on it and were not heard of again")
    return GenerationClaimed(owner, now + lease)


def renew(job: Job, owner: str, now: int, lease: int) -> GenerationClaimed | None:
    """A longer lease for the owner, once a third of the present one has gone; None while there is time, or for another."""
    if job.owner != owner or job.lease_until - now > lease * 2 // 3:
        return None
    return GenerationClaimed(owner, now + lease)


def cancel(job: Job, by: str) -> GenerationCancelled | None:
    """What happens when someone stops the job; None where it has ended."""
    return None if job.ended else GenerationCancelled(by, job.generated)


class Slot(msgspec.Struct, frozen=True):
    """What is known of a user and filter: the last job, and how many in a row had failed before that."""

    version: int = 0
    job_id: str | None = None
    job: Job = Job()
    failures: int = 0


class Running(msgspec.Struct, frozen=True):
    """A job runs there already."""

    job_id: str


class Resting(msgspec.Struct, frozen=True):
    """No job is to be started by itself before this time."""

    until: int


class Free(msgspec.Struct, frozen=True):
    """A job may be started; so many in a row have failed before it."""

    failures: int


def look_at_slot(slot: Slot, trigger: Trigger, now: int, *, pending: bool = False) -> Running | Resting | Free:
    """Whether a job may be started there. What a person asks for waits for no rest.

    Where new questions are `pending` until someone approves them, a job that has added them leaves as much to be wanted as before: without
    a rest, one would follow the other for ever.
    """
    if slot.job_id is None or slot.job.requested is None:
        return Free(0)
    if not slot.job.ended:
        return Running(slot.job_id)
    failures = slot.failures + 1 if slot.job.status == "failed" else 0
    if trigger == "auto" and (pending or slot.job.status != "completed"):
        rest = MAX_REST if slot.job.status == "completed" else min(REST << max(0, min(failures, 10) - 1), MAX_REST)
        until = (slot.job.ended_at or 0) + rest
        if now < until:
            return Resting(until)
    return Free(failures)
