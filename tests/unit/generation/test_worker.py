"""Who has a turn next."""

import asyncio
from typing import Any

import pytest

from events.log import RecordedEvent
from events.registry import Event
from events.vocabulary.decoding import Decoded
from events.vocabulary.generation import GenerationCancelled, GenerationClaimed
from tests.support.generation import asked_for
from tests.support.waiting import eventually
from trivia.generation.active import ActiveJobs
from trivia.generation.decide import SECOND, Job
from trivia.generation.streams import job_stream
from trivia.generation.worker import Worker

NOW = 1_800_000_000 * SECOND
LEASE = 30 * SECOND


class Runner:
    """Says which jobs it was given, and ends each when it is told to."""

    lease = LEASE

    def __init__(self) -> None:
        self.now = NOW
        self.given: list[str] = []
        self.at_work: dict[str, asyncio.Event] = {}
        self.outcome = Job(status="completed")

    def clock(self) -> int:
        return self.now

    async def run(self, job_id: str) -> Job:
        self.given.append(job_id)
        self.at_work[job_id] = asyncio.Event()
        await self.at_work[job_id].wait()
        del self.at_work[job_id]
        return self.outcome


class World:
    def __init__(self, concurrency: int) -> None:
        self.jobs = ActiveJobs()
        self.runner = Runner()
        self.worker = Worker(self.runner, self.jobs, concurrency)  # type: ignore[arg-type] # does what is needed of one
        self.jobs.changed = self.worker.notice
        self.versions: dict[str, int] = {}

    def happens(self, job_id: str, event: Event) -> None:
        version = self.versions[job_id] = self.versions.get(job_id, 0) + 1
        stream = job_stream(job_id)
        recorded = RecordedEvent(1, stream, version, type(event).__name__, 1, "", "", self.runner.now)
        self.jobs.apply(Decoded(recorded, event))

    def ask(self, job_id: str, user: str, **more: Any) -> None:
        self.happens(job_id, asked_for(user=user, topic=job_id, **more))

    async def finish(self, job_id: str) -> None:
        self.runner.at_work[job_id].set()
        await eventually(lambda: job_id not in self.runner.at_work)
        self.happens(job_id, GenerationCancelled("x", 0))


@pytest.mark.parametrize("guests", [False, True])
async def test_who_asks_for_a_hundred_jobs_waits_for_a_turn_after_each(*, guests: bool) -> None:
    world = World(1)
    for n in range(100):
        # Guests of one network share their turns.
        user, more = (f"guest-{n}", {"guest": True, "network": "n1"}) if guests else ("ada", {})
        world.ask(f"many-{n}", user, **more)
    running = asyncio.create_task(world.worker.run())
    await eventually(lambda: world.runner.given == ["many-0"])
    for name in ("bob", "eve"):
        world.ask(f"of-{name}", name)
        world.ask(f"more-of-{name}", name)
    for turn in range(6):
        await world.finish(world.runner.given[turn])
        await eventually(lambda turn=turn: len(world.runner.given) == turn + 2)
    assert world.runner.given == ["many-0", "of-bob", "of-eve", "many-1", "more-of-bob", "more-of-eve", "many-2"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_has_jobs_at_work_in_other_processes_comes_after_those_who_have_none() -> None:
    world = World(1)
    world.ask("elsewhere", "ada")
    world.happens("elsewhere", GenerationClaimed("other", NOW + LEASE))
    world.ask("of-ada", "ada")
    world.ask("of-bob", "bob")
    running = asyncio.create_task(world.worker.run())
    await eventually(lambda: world.runner.given)
    assert world.runner.given == ["of-bob"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_job_that_was_claimed_while_a_clock_was_a_year_ahead_is_taken_at_once() -> None:
    world = World(1)
    world.ask("held", "ada")
    world.happens("held", GenerationClaimed("other", NOW + 365 * 86_400 * SECOND))
    running = asyncio.create_task(world.worker.run())
    await eventually(lambda: world.runner.given == ["held"])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_job_that_was_put_off_while_a_clock_was_a_year_ahead_is_not_put_off_for_a_year() -> None:
    world = World(1)
    world.runner.now = NOW + 365 * 86_400 * SECOND
    world.runner.outcome = Job()
    world.ask("failing", "ada")
    running = asyncio.create_task(world.worker.run())
    await eventually(lambda: world.runner.at_work)
    world.runner.at_work["failing"].set()
    await eventually(lambda: not world.runner.at_work)
    world.runner.now = NOW
    world.ask("another", "bob")
    await eventually(lambda: "another" in world.runner.at_work)
    world.runner.at_work["another"].set()
    await eventually(lambda: world.runner.given.count("failing") == 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
