"""The streams of generation: their names, and loading a job."""

from hashlib import sha256
from typing import Final

import msgspec

from events.log import EventLog
from events.vocabulary.decoding import decode
from events.vocabulary.generation import GenerationRequested
from trivia.generation.decide import Job, evolve

_JOB: Final = "generation-"
_PAGE: Final = 1_000


def job_stream(job_id: str) -> str:
    """The stream of a job; also the `origin` of the questions that it adds."""
    return f"{_JOB}{job_id}"


def job_of(stream: str) -> str:
    """The id of the job whose stream this is."""
    return stream.removeprefix(_JOB)


def slot_of(asked: GenerationRequested) -> str:
    """The stream of a user and filter, in which one job at a time runs."""
    topic = None if asked.topic is None else asked.topic.casefold()
    told = msgspec.json.encode((asked.user, asked.org, topic, asked.min_age, asked.max_age, asked.difficulty))
    return f"generation-slot-{sha256(told).hexdigest()}"


def breaker_stream(provider: str) -> str:
    """The stream that says when the circuit breaker of a provider opened and closed."""
    return f"provider-{provider}"


def cleanup_stream(org: str) -> str:
    """The stream that says which jobs of an organisation left the lists."""
    return f"generation-cleanup-{org}"


async def load_job(log: EventLog, job_id: str, job: Job = Job()) -> Job:  # noqa: B008 - frozen
    """The job as the log has it now, read on from what is known of it. Raises LogUnavailable.

    Where there is no such job, `requested` is None.
    """
    while True:
        tail = await log.read_stream(job_stream(job_id), job.version, limit=_PAGE)
        for recorded in tail:
            job = evolve(job, decode(recorded).event, recorded.version, recorded.recorded_at)
        if len(tail) < _PAGE:
            return job
