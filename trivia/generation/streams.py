"""Names of the streams of generation."""

from hashlib import sha256
from typing import Final

import msgspec

from events.vocabulary.generation import GenerationRequested
from projections.models.topics import topic_key

_JOB: Final = "generation-"


def job_stream(job_id: str) -> str:
    """The stream of a job; also the `origin` of the questions that it adds."""
    return f"{_JOB}{job_id}"


def job_of(stream: str) -> str:
    """The id of the job whose stream this is."""
    return stream.removeprefix(_JOB)


def slot_of(asked: GenerationRequested) -> str:
    """The stream of a user and filter, in which one job at a time runs."""
    topic = None if asked.topic is None else topic_key(asked.topic)
    told = msgspec.json.encode((asked.user, asked.org, topic, asked.min_age, asked.max_age, asked.difficulty))
    return f"generation-slot-{sha256(told).hexdigest()}"


def breaker_stream(provider: str) -> str:
    """The stream that says when the circuit breaker of a provider opened and closed."""
    return f"provider-{provider}"


def cleanup_stream(org: str) -> str:
    """The stream that says which jobs of an organisation left the lists."""
    return f"generation-cleanup-{org}"
