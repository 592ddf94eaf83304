"""Jobs at work, on a log in memory: what is stored when, who may go on, and what is given up."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from events.log import ANY, NO_STREAM, Context, EventLog, StreamWrite
from events.memory import MemoryLog
from events.timestamps import now_us
from events.vocabulary import REGISTRY
from events.vocabulary.decoding import decode
from events.vocabulary.generation import (
    GenerationClaimed,
    GenerationFailed,
    GenerationReleased,
    ProviderFailed,
)
from events.vocabulary.questions import StarterBankAdded
from projections.models.question_pool import QuestionPool
from tests.support.generation import Scripted, asked_for, candidate, counting, outcome_of
from tests.support.waiting import eventually
from trivia.generation.decide import Resting
from trivia.generation.pipeline.pipeline import Pipeline
from trivia.generation.pipeline.verdict import Accepted, Verdict
from trivia.generation.providers.provider import Answer, ProviderError
from trivia.generation.requesting import Requested, Requesting
from trivia.generation.runner import Runner
from trivia.generation.streams import job_stream, load_job
from trivia.http.problems import Conflicting, NotFound
from trivia.questions.bank.identity import question_stream
from trivia.questions.bank.near_duplicates.finder import NearDuplicates
from trivia.questions.bank.question_row import RawRow, RowReader

LEASE = 0.4


class World:
    """A log, and processes on it."""

    def __init__(self) -> None:
        self.log: EventLog = MemoryLog(REGISTRY)
        self.provider = Scripted()
        self.clock: Callable[[], int] = now_us
        self.requesting = Requesting(self.log, self.time)
        self.owners = 0

    def time(self) -> int:
        return self.clock()

    def runner(self, **more: Any) -> Runner:
        self.owners += 1
        return Runner(
            self.log,
            more.pop("provider", self.provider),
            more.pop("pipeline", None) or Pipeline(self.log, NearDuplicates(QuestionPool())),
            owner=f"process-{self.owners}",
            lease=more.pop("lease", 30.0),
            clock=self.time,
            **more,
        )

    async def request(self, target: int = 5, **changed: Any) -> str:
        requested = await self.requesting.request(asked_for(target, **changed), Context(actor="ada"))
        assert isinstance(requested, Requested)
        return requested.job_id

    async def events(self, job_id: str) -> list[Any]:
        return [decode(event).event for event in await self.log.read_stream(job_stream(job_id))]


@pytest.fixture
def world() -> World:
    return World()


async def test_a_job_ends_with_exactly_what_was_wanted(world: World) -> None:
    for target in (1, 5, 100):
        job_id = await world.request(target)
        assert (await world.runner().run(job_id)).status == "completed"
        outcome = await outcome_of(world.log, job_id)
        assert len(outcome.questions) == target


async def test_two_jobs_that_find_the_same_questions_add_each_once(world: World) -> None:
    def same(call: int, _: Any) -> Answer:
        return Answer(tuple([candidate(n) for n in range(20 * call, 20 * call + 20)]))

    jobs = [await world.request(20, user=f"user-{n}") for n in range(4)]
    await asyncio.gather(*[world.runner(provider=Scripted(same)).run(job_id) for job_id in jobs])
    contents = []
    for job_id in jobs:
        outcome = await outcome_of(world.log, job_id)
        assert len(outcome.questions) == 20
        contents += [question.content for question in outcome.questions]
    assert len(set(contents)) == 80


async def test_an_organisation_gets_no_question_that_the_shared_bank_has(world: World) -> None:
    reader = RowReader("public", "import")
    shared = [reader.read(RawRow(None, "", candidate(n).encode())) for n in range(3)]
    await world.log.append([StreamWrite(question_stream("public", q.content), NO_STREAM, [q]) for q in shared])
    provider = Scripted(lambda call, _: Answer(tuple([candidate(n) for n in range(4 * call, 4 * call + 4)])))
    job_id = await world.request(3, org="quizzers")
    await world.runner(provider=provider).run(job_id)
    outcome = await outcome_of(world.log, job_id)
    assert [event.reason for event in outcome.rejected][:3] == ["duplicate"] * 3
    assert {question.org for question in outcome.questions} == {"quizzers"}


class Outrun(Pipeline):
    """Somebody else brings each of the first candidates into the shared bank right after it was judged."""

    async def judge(self, *arguments: Any, **more: Any) -> Verdict:
        verdict = await super().judge(*arguments, **more)
        if isinstance(verdict, Accepted) and (await self._log.versions(["outrun"]))[0] < 3:
            question = msgspec.structs.replace(verdict.question, org="public", origin="import")
            writes = [
                StreamWrite(question_stream("public", question.content), NO_STREAM, [question]),
                StreamWrite("outrun", ANY, [StarterBankAdded(1)]),
            ]
            await self._log.append(writes)
        return verdict


@pytest.mark.parametrize("org", ["public", "quizzers"])
async def test_what_enters_the_shared_bank_while_it_is_judged_does_not_enter_twice(world: World, org: str) -> None:
    job_id = await world.request(4, org=org)
    await world.runner(pipeline=Outrun(world.log, NearDuplicates(QuestionPool()))).run(job_id)
    outcome = await outcome_of(world.log, job_id)
    assert [event.reason for event in outcome.rejected[:3]] == ["duplicate"] * 3
    assert outcome.job.status == "completed"
    shared = await world.log.versions([question_stream("public", added.content) for added in outcome.added])
    assert shared == [1 if org == "public" else 0] * 4


class Hesitating(Scripted):
    """Solves one question and never comes to an end with the next."""

    solved = 0

    async def solve(self, prompt: str, options: tuple[str, ...]) -> str | None:
        self.solved += 1
        if self.solved > 1:
            await asyncio.Event().wait()
        return await super().solve(prompt, options)


async def test_what_was_solved_is_stored_before_the_next_is_asked_for(world: World) -> None:
    job_id = await world.request(5)
    solver = Hesitating()
    working = asyncio.create_task(world.runner(solver=solver).run(job_id))
    await eventually(lambda: solver.solved == 2)
    assert len((await outcome_of(world.log, job_id)).questions) == 1
    working.cancel()
    await asyncio.wait([working])


async def test_bad_candidates_are_rejected_with_their_reason_and_made_up_for(world: World) -> None:
    def script(call: int, wanted: Any) -> Answer:
        if call:
            return counting(call, wanted)
        wrong = [
            "nonsense",
            candidate(1, answer="?"),
            candidate(2, topic="Other"),
            "\ud800",
            "a\0b",
            candidate(3),
            candidate(3),
        ]
        return Answer(tuple(wrong))

    job_id = await world.request(5)
    await world.runner(provider=Scripted(script)).run(job_id)
    outcome = await outcome_of(world.log, job_id)
    assert [event.reason for event in outcome.rejected[:6]] == [*["schema"] * 5, "duplicate"]
    assert all(event.detail for event in outcome.rejected)
    assert (outcome.job.rejected, outcome.job.duplicates, outcome.job.generated) == (5, 1, 5)


async def test_a_provider_that_fails_is_asked_again_and_the_failure_is_kept(world: World) -> None:
    def script(call: int, wanted: Any) -> Answer | ProviderError:
        return ProviderError("server_error", "broken\0pipe", 0.001) if call == 0 else counting(call, wanted)

    ticks = iter(range(0, 10**12, 2_000_000))
    world.clock = lambda: next(ticks)
    job_id = await world.request(2)
    await world.runner(provider=Scripted(script)).run(job_id)
    outcome = await outcome_of(world.log, job_id)
    assert outcome.calls[0] == ProviderFailed(0, "scripted", "server_error", "broken�pipe", 1)
    assert len(outcome.questions) == 2


async def test_the_failure_of_a_provider_for_which_another_stood_in_is_stored_with_the_answer(world: World) -> None:
    def script(call: int, wanted: Any) -> Answer:
        failure = ProviderError("client_error", "no\0access", 2.0, "model")
        return msgspec.structs.replace(counting(call, wanted), provider="rest", failures=(failure,))

    job_id = await world.request(100)
    await world.runner(provider=Scripted(script)).run(job_id)
    outcome = await outcome_of(world.log, job_id)
    assert outcome.job.status == "completed"
    stored = await world.events(job_id)
    for received in outcome.calls:
        assert received.provider == "rest"
        behind = stored[stored.index(received) + 1]
        assert behind == ProviderFailed(received.call, "model", "client_error", "no�access", 2_000)
    assert len(outcome.calls) > 1


async def test_a_provider_that_is_not_configured_ends_the_job_with_its_words(world: World) -> None:
    provider = Scripted(lambda *_: ProviderError("not_configured", "no key is set"))
    job_id = await world.request(2)
    job = await world.runner(provider=provider).run(job_id)
    assert job.status == "failed"
    assert "no key is set" in str(job.reason)
    assert len(provider.asked) == 1


async def test_questions_wait_for_approval_where_that_is_set(world: World) -> None:
    job_id = await world.request(2)
    await world.runner(pending=True).run(job_id)
    assert [question.pending for question in (await outcome_of(world.log, job_id)).questions] == [True, True]


class Doubtful(Pipeline):
    """Leaves every candidate to a reviewer."""

    async def judge(self, *arguments: Any, **more: Any) -> Verdict:
        verdict = await super().judge(*arguments, **more)
        assert isinstance(verdict, Accepted)
        return Accepted(msgspec.structs.replace(verdict.question, pending=True, review_reason="may be the same as 17"))


async def test_a_question_that_a_reviewer_should_look_at_waits_for_one_with_the_reason(world: World) -> None:
    job_id = await world.request(1)
    await world.runner(pipeline=Doubtful(world.log, NearDuplicates(QuestionPool()))).run(job_id)
    questions = (await outcome_of(world.log, job_id)).questions
    assert [(question.pending, question.review_reason) for question in questions] == [(True, "may be the same as 17")]


async def test_the_lease_is_renewed_while_a_call_takes_long(world: World) -> None:
    world.provider.gate.clear()
    job_id = await world.request(2)
    task = asyncio.create_task(world.runner(lease=LEASE).run(job_id))

    async def claims() -> int:
        return sum([isinstance(event, GenerationClaimed) for event in await world.events(job_id)])

    await eventually(lambda: _at_least(claims, 4))
    assert (await world.runner(lease=LEASE).run(job_id)).owner == "process-1"
    world.provider.gate.set()
    await task
    assert len((await outcome_of(world.log, job_id)).questions) == 2


async def _at_least(count: Callable[[], Any], least: int) -> bool:
    return bool(await count() >= least)


async def test_one_that_is_told_to_stop_lets_go_and_another_goes_on_at_once(world: World) -> None:
    gated = Scripted()
    gated.gate.clear()
    job_id = await world.request(3)
    task = asyncio.create_task(world.runner(provider=gated).run(job_id))
    await eventually(lambda: gated.asked)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await world.events(job_id))[-1] == GenerationReleased("process-1")
    assert (await world.runner().run(job_id)).status == "completed"
    await outcome_of(world.log, job_id)


async def test_one_whose_lease_ran_out_can_do_nothing_any_more(world: World) -> None:
    gated = Scripted()
    gated.gate.clear()
    job_id = await world.request(3)
    late = asyncio.create_task(world.runner(provider=gated).run(job_id))
    await eventually(lambda: gated.asked)
    began = now_us()
    world.clock = lambda: began + 3_600_000_000
    assert (await world.runner().run(job_id)).status == "completed"
    gated.gate.set()
    assert (await late).status == "completed"
    outcome = await outcome_of(world.log, job_id)
    assert len(outcome.calls) == 1
    assert len(outcome.questions) == 3


async def test_a_stopped_job_adds_nothing_more(world: World) -> None:
    gated = Scripted()
    gated.gate.clear()
    job_id = await world.request(3)
    task = asyncio.create_task(world.runner(provider=gated).run(job_id))
    await eventually(lambda: gated.asked)
    job, position = await world.requesting.cancel(job_id, "ada", Context(), await load_job(world.log, job_id))
    assert job.status == "cancelled"
    assert position == await world.log.head()
    gated.gate.set()
    assert (await task).status == "cancelled"
    assert await world.log.head() == position
    with pytest.raises(Conflicting, match="cancelled already"):
        await world.requesting.cancel(job_id, "ada", Context(), await load_job(world.log, job_id))
    with pytest.raises(NotFound):
        await world.requesting.cancel("unknown", "ada", Context(), await load_job(world.log, "unknown"))


async def test_stopping_a_job_that_is_at_work_wins_in_the_end(world: World) -> None:
    job_id = await world.request(100)
    task = asyncio.create_task(world.runner().run(job_id))

    async def is_at_work() -> bool:
        return (await load_job(world.log, job_id)).generated > 3

    await eventually(is_at_work)
    stale = await load_job(world.log, "none")
    with pytest.raises(NotFound):
        await world.requesting.cancel(job_id, "ada", Context(), stale)
    job, _ = await world.requesting.cancel(job_id, "ada", Context(), await load_job(world.log, job_id))
    assert job.status == "cancelled"
    await task
    outcome = await outcome_of(world.log, job_id)
    assert len(outcome.questions) == job.generated < 100


async def test_whoever_asks_for_the_same_again_is_given_the_job_that_runs(world: World) -> None:
    first = await world.request(5, topic="Counting")
    assert await world.request(50, topic="COUNTING") == first
    others = [
        await world.request(5, topic="Other"),
        await world.request(5, user="bob"),
        await world.request(5, org="quizzers"),
        await world.request(5, min_age=8),
        await world.request(5, difficulty="easy"),
        await world.request(5, topic=None),
    ]
    assert len({first, *others}) == 7
    await world.runner().run(first)
    assert await world.request(5) != first


async def test_of_many_that_ask_at_once_one_starts_the_job(world: World) -> None:
    asked = [world.requesting.request(asked_for(), Context()) for _ in range(20)]
    outcomes = await asyncio.gather(*asked)
    assert len({outcome.job_id for outcome in outcomes}) == 1
    assert [outcome.started for outcome in outcomes].count(True) == 1


async def test_what_starts_by_itself_waits_after_a_failure_and_a_person_does_not(world: World) -> None:
    began = now_us()
    empty = Scripted(lambda *_: Answer(()))
    for failures in range(3):
        world.clock = lambda failures=failures: began + 10**10 * failures
        job_id = await world.request(5, trigger="auto")
        await world.runner(provider=empty).run(job_id)
        assert isinstance((await world.events(job_id))[-1], GenerationFailed)
    # The failures were recorded by the log's own clock.
    world.clock = lambda: began
    resting = await world.requesting.request(asked_for(trigger="auto"), Context())
    assert isinstance(resting, Resting)
    # Three failures in a row: four minutes.
    assert 230_000_000 < resting.until - began < 250_000_000
    assert isinstance(await world.requesting.request(asked_for(), Context()), Requested)
