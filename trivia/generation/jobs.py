"""Jobs as the log has them now."""

from typing import Final

from events.log import EventLog
from events.vocabulary.decoding import decode
from trivia.generation.decide import Job, evolve
from trivia.generation.streams import job_stream

_PAGE: Final = 1_000


async def load_job(log: EventLog, job_id: str, job: Job = Job()) -> Job:  # noqa: B008 - frozen
    """A job as of now, folded on from what is known of it; one with nothing `requested` where there is none. Raises LogUnavailable."""
    while True:
        tail = await log.read_stream(job_stream(job_id), job.version, limit=_PAGE)
        for recorded in tail:
            job = evolve(job, decode(recorded).event, recorded.version, recorded.recorded_at)
        if len(tail) < _PAGE:
            return job
