"""Asking for questions: a job begins, unless one runs for the same user and filter already.

Each user and filter has a stream, its slot, whose last event names the job that was started last. A job begins in one append with its
slot taken at the version that was looked at, so of any number of processes one starts it and the others find it.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from events.ids import uuid7
from events.log import ANY, NO_STREAM, Context, EventLog, StreamMoved, StreamWrite
from events.vocabulary.decoding import decode
from events.vocabulary.generation import (
    GenerationCancelled,
    GenerationJobsRemoved,
    GenerationRequested,
    GenerationSlotTaken,
)
from trivia.generation.decide import Free, Job, Resting, Running, Slot, cancel, look_at_slot
from trivia.generation.jobs import load_job
from trivia.generation.streams import cleanup_stream, job_stream, slot_of
from trivia.http.problems import Conflicting, NotFound, Unavailable

ATTEMPTS: Final = 50
"""How often something is decided again when others keep writing to the same stream."""

REMOVED_AT_ONCE: Final = 1_000
"""Jobs in one event of a clean-up."""

Now = Callable[[], int]
"""The time in microseconds since 1970-01-01 UTC."""


def now() -> int:
    """See Now."""
    return time.time_ns() // 1_000


class Requested(msgspec.Struct, frozen=True):
    """The job that runs for what was asked. `position` is where it was started just now, 0 where it runs already."""

    job_id: str
    job: Job
    position: int = 0

    @property
    def started(self) -> bool:
        """Whether it was started just now."""
        return self.position > 0


class Requesting:
    """Starts and stops jobs; who works on them is another matter. `pending`: their questions wait for someone's approval."""

    def __init__(self, log: EventLog, clock: Now = now, *, pending: bool = False) -> None:
        self._log = log
        self._clock = clock
        self._pending = pending

    async def request(self, asked: GenerationRequested, context: Context) -> Requested | Resting:
        """The job that runs for this user and filter now; Resting where one is not to be started by itself yet.

        Raises LogUnavailable and Unavailable.
        """
        slot_stream = slot_of(asked)
        for _ in range(ATTEMPTS):
            slot = await self._load_slot(slot_stream)
            match look_at_slot(slot, asked.trigger, self._clock(), pending=self._pending):
                case Running(job_id):
                    return Requested(job_id, slot.job)
                case Resting() as resting:
                    return resting
                case Free(failures):
                    job_id = uuid7()
                    taken = GenerationSlotTaken(job_id, failures)
                    writes = [
                        StreamWrite(slot_stream, slot.version, [taken]),
                        StreamWrite(job_stream(job_id), NO_STREAM, [asked]),
                    ]
                    try:
                        appended = await self._log.append(writes, context=context)
                    except StreamMoved:
                        continue
                    return Requested(job_id, Job(1, asked, created_at=self._clock()), appended.last)
        raise Unavailable("Too many such requests at once.")

    async def _load_slot(self, stream: str) -> Slot:
        version = (await self._log.versions([stream]))[0]
        if not version:
            return Slot()
        # Should the slot have been taken again meanwhile, the append finds out.
        (last,) = await self._log.read_stream(stream, version - 1, limit=1)
        taken = decode(last).event
        assert isinstance(taken, GenerationSlotTaken)  # noqa: S101 - nothing else is in these streams
        return Slot(version, taken.job, await load_job(self._log, taken.job), taken.failures)

    async def cancel(self, job_id: str, by: str, context: Context, job: Job) -> tuple[Job, int]:
        """Stop a job, of which this much is known; the job then, and the event's position.

        Raises NotFound, Conflicting where it has ended, LogUnavailable and Unavailable.
        """
        for _ in range(ATTEMPTS):
            if job.requested is None:
                raise NotFound("There is no such job.")
            cancelled = cancel(job, by)
            if cancelled is None:
                raise Conflicting(f"This job is {job.status} already.")
            try:
                return await self._stop(job_id, job, cancelled, context)
            except StreamMoved:
                job = await load_job(self._log, job_id, job)
        raise Unavailable("The job would not hold still.")

    async def take_off_lists(self, org: str, jobs: Sequence[str], context: Context) -> int:
        """Take jobs of an organisation that have ended off the lists; the event's position, 0 for no jobs.

        Raises LogUnavailable.
        """
        events = [
            GenerationJobsRemoved(org, tuple(jobs[start : start + REMOVED_AT_ONCE]))
            for start in range(0, len(jobs), REMOVED_AT_ONCE)
        ]
        if not events:
            return 0
        return (await self._log.append([StreamWrite(cleanup_stream(org), ANY, events)], context=context)).last

    async def _stop(self, job_id: str, job: Job, cancelled: GenerationCancelled, context: Context) -> tuple[Job, int]:
        appended = await self._log.append([StreamWrite(job_stream(job_id), job.version, [cancelled])], context=context)
        return await load_job(self._log, job_id, job), appended.last
