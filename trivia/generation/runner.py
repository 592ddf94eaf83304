"""Working on a job: one process at a time holds it, and whoever takes it over goes on from what the log says is done.

Each step is one append that expects the job's version, so a process whose lease ran out, and who does not know it yet, cannot do a
thing: its next append fails. A question enters the bank in the same append that counts it.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Coroutine, Sequence
from typing import Any, Final, Protocol, TypeVar

import msgspec
import structlog

from events.log import NO_STREAM, Context, EventLog, Guard, LogUnavailable, StreamMoved, StreamWrite
from events.registry import Event
from events.timestamps import now_us
from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.generation import (
    CandidateAdded,
    CandidateRejected,
    CandidatesReceived,
    GenerationReleased,
    GenerationRequested,
    ProviderFailed,
)
from events.vocabulary.questions import QuestionAdded
from trivia.generation.decide import Ask, Finish, Job, Judge, Nothing, Wait, claim, evolve, next_step, renew
from trivia.generation.pipeline.pipeline import Pipeline
from trivia.generation.pipeline.verdict import Accepted, Rejected
from trivia.generation.providers.provider import Provider, ProviderError, Wanted
from trivia.generation.requesting import Now
from trivia.generation.streams import job_stream, load_job
from trivia.questions.bank.identity import question_stream

LETTING_GO_SECONDS: Final = 2.0
"""How long a process that is told to stop tries to say that it lets go of a job."""
MAX_DETAIL: Final = 1_000

_T = TypeVar("_T")

_log = structlog.get_logger("trivia.generation")


class Known(Protocol):
    """What the bank has already."""

    def __call__(self, asked: GenerationRequested) -> tuple[str, ...]:
        """Some questions, each with its answer, that the job need not ask for again."""


class Lost(Exception):
    """The job is another process's now, or has ended."""


class Runner:
    """Works on jobs as `owner`, any number of them at once. `lease` in seconds."""

    def __init__(
        self,
        log: EventLog,
        provider: Provider,
        pipeline: Pipeline,
        *,
        owner: str,
        lease: float,
        known: Known = lambda _: (),
        solver: Provider | None = None,
        pending: bool = False,
        clock: Now = now_us,
    ) -> None:
        self.log = log
        self.provider = provider
        self.pipeline = pipeline
        self.owner = owner
        self.lease = int(lease * 1_000_000)
        self.known = known
        self.solver = solver
        self.pending = pending
        self.clock = clock

    async def run(self, job_id: str) -> Job:
        """Claim a job, if that may be, and work until it has ended or is another's; the job as it was then.

        Cancelled, it lets go of the job, so that another process goes on at once. Raises LogUnavailable.
        """
        job = await load_job(self.log, job_id)
        claimed = claim(job, self.owner, self.clock(), self.lease)
        if claimed is None or job.requested is None:
            return job
        work = _Work(self, job_id, job, job.requested)
        try:
            await work.append(claimed)
            await work.finish()
        except Lost:
            return work.job
        except asyncio.CancelledError:
            await work.let_go()
            raise
        return work.job


class _Work:
    """A job in the hands of this process. `job` is a fold of some first part of its stream."""

    def __init__(self, runner: Runner, job_id: str, job: Job, requested: GenerationRequested) -> None:
        self._runner = runner
        self._job_id = job_id
        self._stream = job_stream(job_id)
        self._requested = requested
        self._context = Context(org=requested.org, actor=requested.user, correlation_id=job_id)
        self.job = job

    async def finish(self) -> None:
        """Take one step after another until the job has ended. Raises Lost and LogUnavailable."""
        while True:
            match next_step(self.job, self._runner.clock()):
                case Ask(call, count):
                    await self._ask(call, count)
                case Judge() as step:
                    await self._judge(step)
                case Wait(until):
                    await self._hold(asyncio.sleep(max(0, until - self._runner.clock()) / 1e6))
                case Finish(events):
                    await self.append(*events)
                case Nothing():
                    return

    async def append(self, *events: Event) -> None:
        """Store what happened to the job. Raises Lost and LogUnavailable."""
        await self._try_to_append(events)

    async def _try_to_append(
        self, events: Sequence[Event], added: Sequence[StreamWrite] = (), guards: Sequence[Guard] = ()
    ) -> frozenset[str]:
        """Store what happened, with what else happens then, or nothing where streams of others stood in the way; these streams.

        Raises Lost and LogUnavailable.
        """
        write = StreamWrite(self._stream, self.job.version, events)
        try:
            await self._runner.log.append([*added, write], guards=guards, context=self._context)
        except StreamMoved as moved:
            in_the_way = frozenset({conflict.stream for conflict in moved.conflicts})
            if self._stream in in_the_way:
                self.job = await load_job(self._runner.log, self._job_id, self.job)
                raise Lost from None
            return in_the_way
        at = self._runner.clock()
        for event in events:
            self.job = evolve(self.job, event, self.job.version + 1, at)
        return frozenset()

    async def _ask(self, call: int, count: int) -> None:
        runner, name = self._runner, self._runner.provider.name
        known = runner.known(self._requested)
        wanted = wanted_of(self._requested, count, known, seed_of(self._job_id, call), self.job.barren)
        try:
            answer = await self._hold(runner.provider.generate(wanted))
        except ProviderError as error:
            await self.append(_failed(call, name, error))
            return
        candidates = tuple(map(_sound, answer.candidates))
        received = CandidatesReceived(
            call,
            answer.provider or name,
            candidates,
            answer.model,
            answer.input_tokens,
            answer.output_tokens,
            answer.cost,
        )
        await self.append(received, *[_failed(call, name, failure) for failure in answer.failures])

    async def _judge(self, step: Judge) -> None:
        found = await self._hold(self._look_at(step))
        while taken := await self._store(step, found):
            # Someone else has brought these in meanwhile.
            found = [_REPEATED if not taken.isdisjoint(_streams(each)) else each for each in found]

    async def _look_at(self, step: Judge) -> list[Rejected | QuestionAdded]:
        """What becomes of the first candidates: of no more than the job needs."""
        runner = self._runner
        found: list[Rejected | QuestionAdded] = []
        added: set[str] = set()
        # What a solver says is not to be asked for again, so it is stored at once.
        for candidate in step.candidates[:1] if runner.solver else step.candidates:
            verdict = await runner.pipeline.judge(
                candidate,
                wanted_of(self._requested, 1),
                org=self._requested.org,
                origin=self._stream,
                solver=runner.solver,
            )
            if not isinstance(verdict, Accepted):
                found.append(verdict)
            elif verdict.question.content in added:
                found.append(_REPEATED)
            else:
                added.add(verdict.question.content)
                pending = runner.pending or verdict.question.pending
                found.append(msgspec.structs.replace(verdict.question, pending=pending))
                if self.job.generated + len(added) == self.job.target:
                    break
        return found

    async def _store(self, step: Judge, found: Sequence[Rejected | QuestionAdded]) -> frozenset[str]:
        """Bring questions into the bank and count them, and what was rejected: all or nothing; the streams that stood in the way."""
        events: list[Event] = []
        writes: list[StreamWrite] = []
        guards: list[Guard] = []
        for index, each in enumerate(found, step.index):
            if isinstance(each, Rejected):
                events.append(CandidateRejected(step.call, index, each.reason, _sound(each.detail)[:MAX_DETAIL]))
                continue
            own, *shared = _streams(each)
            events.append(CandidateAdded(step.call, index, each.content))
            writes.append(StreamWrite(own, NO_STREAM, [each]))
            # What everyone has does not enter an organisation's own bank.
            guards += [Guard(stream, NO_STREAM) for stream in shared]
        return await self._try_to_append(events, writes, guards)

    async def _hold(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do something that may take long, and keep the lease meanwhile. Raises what the work does, and Lost."""
        pause = self._runner.lease / 4e6
        task = asyncio.ensure_future(work)
        try:
            while True:
                await asyncio.wait({task}, timeout=pause)
                renewed = renew(self.job, self._runner.owner, self._runner.clock(), self._runner.lease)
                if renewed is not None:
                    await self.append(renewed)
                if task.done():
                    return await task
        finally:
            if not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task

    async def let_go(self) -> None:
        """Say that this process works on the job no more, if it is still its own; for want of that the lease runs out."""
        try:
            async with asyncio.timeout(LETTING_GO_SECONDS):
                while True:
                    self.job = await load_job(self._runner.log, self._job_id, self.job)
                    if self.job.owner != self._runner.owner:
                        return
                    # What was being appended when this was told to stop may come first.
                    with contextlib.suppress(Lost):
                        await self.append(GenerationReleased(self._runner.owner))
        except (TimeoutError, LogUnavailable) as error:
            _log.info("generation_lease_not_released", job=self._job_id, reason=type(error).__name__)


_REPEATED: Final = Rejected("duplicate", "the bank has this question")


def _streams(judged: Rejected | QuestionAdded) -> list[str]:
    """Where a question would be: its own stream, and that of the shared bank where this is another."""
    if isinstance(judged, Rejected):
        return []
    return list(dict.fromkeys([question_stream(org, judged.content) for org in (judged.org, PUBLIC_ORG)]))


def _failed(call: int, asked: str, error: ProviderError) -> ProviderFailed:
    after = None if error.retry_after is None else round(error.retry_after * 1_000)
    return ProviderFailed(call, error.provider or asked, error.fault, _sound(error.detail)[:MAX_DETAIL], after)


def wanted_of(
    asked: GenerationRequested, count: int, known: tuple[str, ...] = (), seed: int = 0, barren: int = 0
) -> Wanted:
    """What a call asks a provider for."""
    return Wanted(count, asked.topic, asked.min_age, asked.max_age, asked.difficulty, known, seed, barren)


def seed_of(job_id: str, call: int) -> int:
    """A number of 48 bits for a call: the same whoever makes it."""
    return int.from_bytes(hashlib.sha256(f"{job_id}/{call}".encode()).digest()[:6])


def _sound(text: str) -> str:
    """A text that any database can keep; what a provider sends may be anything."""
    return text.encode(errors="replace").decode().replace("\0", "�")
