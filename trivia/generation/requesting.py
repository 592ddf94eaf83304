"""Asking for questions: a job begins, unless one runs for the same user and filter already.

Each user and filter has a stream, its slot, whose last event names the job that was started last. A job begins in one append with its
slot taken at the version that was looked at, so of any number of processes one starts it and the others find it.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from events.ids import uuid7
from events.log import ANY, NO_STREAM, Context, EventLog, StreamMoved, StreamWrite
from events.retry import retry_on_conflict
from events.timestamps import now_us
from events.vocabulary.decoding import decode
from events.vocabulary.generation import (
    GenerationJobsRemoved,
    GenerationRequested,
    GenerationSlotTaken,
)
from trivia.generation.decide import Free, Job, Resting, Running, Slot, cancel, look_at_slot
from trivia.generation.streams import cleanup_stream, job_stream, load_job, slot_of
from trivia.http.problems import Conflicting, NotFound

REMOVED_AT_ONCE: Final = 1_000
"""Jobs in one event of a clean-up."""

Now = Callable[[], int]
"""The time in microseconds since 1970-01-01 UTC."""


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

    def __init__(self, log: EventLog, clock: Now = now_us, *, pending: bool = False) -> None:
        self._log = log
        self._clock = clock
        self._pending = pending

    async def request(self, asked: GenerationRequested, context: Context) -> Requested | Resting:
        """The job that runs for this user and filter now; Resting where one is not to be started by itself yet.

        Raises LogUnavailable, and StreamMoved when too many ask for the same at once.
        """
        return await retry_on_conflict(lambda: self._try_to_request(asked, context))

    async def _try_to_request(self, asked: GenerationRequested, context: Context) -> Requested | Resting:
        slot_stream = slot_of(asked)
        slot = await self._load_slot(slot_stream)
        match look_at_slot(slot, asked.trigger, self._clock(), pending=self._pending):
            case Running(job_id):
                return Requested(job_id, slot.job)
            case Resting() as resting:
                return resting
            case Free(failures):
                job_id = uuid7()
                writes = [
                    StreamWrite(slot_stream, slot.version, [GenerationSlotTaken(job_id, failures)]),
                    StreamWrite(job_stream(job_id), NO_STREAM, [asked]),
                ]
                appended = await self._log.append(writes, context=context)
                return Requested(job_id, Job(1, asked, created_at=self._clock()), appended.last)

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

        Raises NotFound, Conflicting where it has ended, LogUnavailable and StreamMoved.
        """

        async def attempt() -> tuple[Job, int]:
            nonlocal job
            if job.requested is None:
                raise NotFound("There is no such job.")
            cancelled = cancel(job, by)
            if cancelled is None:
                raise Conflicting(f"This job is {job.status} already.")
            write = StreamWrite(job_stream(job_id), job.version, [cancelled])
            try:
                appended = await self._log.append([write], context=context)
            except StreamMoved:
                job = await load_job(self._log, job_id, job)
                raise
            return await load_job(self._log, job_id, job), appended.last

        return await retry_on_conflict(attempt)

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
