"""Generation jobs in tests: a provider that says what it is told to, and what a job came to."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from events.log import EventLog
from events.vocabulary.decoding import decode
from events.vocabulary.generation import (
    CandidateAdded,
    CandidateRejected,
    CandidatesReceived,
    GenerationClaimed,
    GenerationCompleted,
    GenerationFailed,
    GenerationRequested,
    ProviderFailed,
)
from events.vocabulary.questions import QuestionAdded
from trivia.generation.decide import Job, evolve
from trivia.generation.providers.provider import Answer, Provider, ProviderError, Wanted
from trivia.generation.streams import job_stream

Script = Callable[[int, Wanted], Answer | ProviderError]
"""What comes of a call, given its number from 0."""


def candidate(number: int, **changed: Any) -> str:
    """A good candidate, unlike the others; `changed` replaces fields."""
    row = {
        "prompt": f"Which number comes after {number}, counting up?",
        "options": [str(number + 1), str(number + 2), str(number + 3), str(number - 1)],
        "answer": str(number + 1),
        "topic": "Counting",
        "min_age": 0,
        "max_age": 120,
        **changed,
    }
    return msgspec.json.encode(row).decode()


def counting(_: int, wanted: Wanted) -> Answer:
    """As many candidates as are wanted, other ones for other seeds."""
    return Answer(tuple([candidate(wanted.seed % 10**9 * 100 + n) for n in range(wanted.count)]))


class Scripted(Provider):
    """Follows a script, and notes what it was asked for. While `gate` is not set, calls wait."""

    name: ClassVar[str] = "scripted"

    def __init__(self, script: Script = counting) -> None:
        self.script = script
        self.asked: list[Wanted] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def generate(self, wanted: Wanted) -> Answer:
        self.asked.append(wanted)
        await self.gate.wait()
        outcome = self.script(len(self.asked) - 1, wanted)
        if isinstance(outcome, ProviderError):
            raise outcome
        return outcome

    async def solve(self, prompt: str, options: tuple[str, ...]) -> str | None:  # noqa: ARG002 - it never has an opinion
        return None

    async def close(self) -> None:
        pass


def asked_for(target: int = 5, **changed: Any) -> GenerationRequested:
    values = {"user": "ada", "org": "public", "trigger": "manual", "topic": "Counting", **changed}
    return GenerationRequested(target_count=target, **values)


class Outcome(msgspec.Struct):
    """What the log says of a job, counted event by event."""

    job: Job
    questions: list[QuestionAdded]
    added: list[CandidateAdded]
    rejected: list[CandidateRejected]
    calls: list[CandidatesReceived | ProviderFailed]
    claims: list[GenerationClaimed]
    end: GenerationCompleted | GenerationFailed | None


async def outcome_of(log: EventLog, job_id: str) -> Outcome:
    """Read everything a job did; whatever must hold for any job is checked."""
    stream, head = job_stream(job_id), await log.head()
    job = Job()
    events: list[Any] = []
    for recorded in await log.read_stream(stream):
        # The job may be at work; what is looked at is how things were at one moment.
        if recorded.position <= head:
            events.append(decode(recorded).event)
            job = evolve(job, events[-1], recorded.version, recorded.recorded_at)
    questions, after = [], 0
    while page := await log.read(after, until=head, types=[QuestionAdded.__name__]):
        after = page[-1].position
        questions += [event for event in map(_question, page) if event.origin == stream]

    def of(*kinds: type) -> list[Any]:
        return [event for event in events if isinstance(event, kinds)]

    outcome = Outcome(
        job,
        questions,
        of(CandidateAdded),
        of(CandidateRejected),
        _without_stood_in_for(of(CandidatesReceived, ProviderFailed)),
        of(GenerationClaimed),
        next(iter(of(GenerationCompleted, GenerationFailed)), None),
    )
    assert [question.content for question in questions] == [added.content for added in outcome.added]
    judged = [(event.call, event.index) for event in of(CandidateAdded, CandidateRejected)]
    assert judged == sorted(set(judged)), "a candidate was judged twice, or out of turn"
    calls = [event.call for event in outcome.calls]
    assert calls == list(range(len(calls))), "a call whose answer was stored was made again"
    assert len(questions) <= outcome.job.target
    if isinstance(outcome.end, GenerationCompleted):
        assert outcome.end.generated == len(questions) == outcome.job.target
    if isinstance(outcome.end, GenerationFailed):
        assert outcome.end.generated == len(questions) < outcome.job.target
    return outcome


def _without_stood_in_for(calls: list[Any]) -> list[Any]:
    """Leave out the failures of providers for which another answered the call."""
    answered = -1
    kept = []
    for event in calls:
        if isinstance(event, CandidatesReceived):
            answered = event.call
        elif event.call == answered:
            continue
        kept.append(event)
    return kept


def _question(recorded: Any) -> QuestionAdded:
    event = decode(recorded).event
    assert isinstance(event, QuestionAdded)
    return event
