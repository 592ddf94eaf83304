"""Starting jobs beside the hot route: it holds no response up for long, fails for nobody, and asks the log no more than it must."""

import asyncio
from typing import Any

import pytest

from events.log import Appended, Context, LogUnavailable, StreamWrite
from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from events.vocabulary.generation import GenerationFailed, GenerationRequested
from projections.models.question_pool import Filter
from tests.support.waiting import eventually
from trivia.generation.active import ActiveJobs
from trivia.generation.replenishing import Replenishing, request_for
from trivia.generation.requesting import Requesting
from trivia.generation.streams import job_stream
from trivia.http.access import Identity

ADA = Identity("ada", "public", "player", 2**40)
COUNTING = Filter("Counting")


class SlowLog(MemoryLog):
    """Counts what it is asked; appends wait for the gate, or find the database gone."""

    def __init__(self) -> None:
        super().__init__(REGISTRY)
        self.gate = asyncio.Event()
        self.gate.set()
        self.gone = False
        self.asked = 0

    async def append(self, *arguments: Any, **more: Any) -> Appended:
        self.asked += 1
        await self.gate.wait()
        if self.gone:
            raise LogUnavailable("the database is gone")
        return await super().append(*arguments, **more)

    async def versions(self, *arguments: Any) -> list[int]:
        self.asked += 1
        return await super().versions(*arguments)


class World:
    def __init__(self) -> None:
        self.log = SlowLog()
        self.replenishing = Replenishing(Requesting(self.log), ActiveJobs(), enabled=True)

    async def replenish(self, wanted: Filter = COUNTING) -> str | None:
        return await self.replenishing.replenish(ADA, wanted, 3, Context())


@pytest.fixture
def world() -> World:
    return World()


async def test_a_log_that_takes_its_time_does_not_hold_the_response_up(world: World) -> None:
    world.log.gate.clear()
    assert await asyncio.gather(*[world.replenish() for _ in range(5)]) == [None] * 5
    assert len(await world.log.read()) == 0
    world.log.gate.set()
    await world.replenishing.close()
    # The start that was under way came to its end: one, for all of the five.
    assert [event.type for event in await world.log.read()] == ["GenerationSlotTaken", "GenerationRequested"]
    assert await world.replenish() is not None


async def test_a_database_that_is_gone_is_no_fault_of_the_draw(world: World) -> None:
    world.log.gone = True
    assert await world.replenish() is None
    world.log.gone = False
    assert await world.replenish() is not None


async def test_while_a_failed_job_rests_the_log_is_asked_once(world: World) -> None:
    job_id = await world.replenish()
    assert job_id is not None
    await world.log.append([StreamWrite(job_stream(job_id), 1, [GenerationFailed(0, "unknown topic")])])
    assert await world.replenish() is None
    asked = world.log.asked
    for _ in range(10):
        assert await world.replenish() is None
    assert world.log.asked == asked


async def test_a_response_that_nobody_waits_for_any_more_does_not_end_the_start(world: World) -> None:
    world.log.gate.clear()
    request = asyncio.create_task(world.replenish())
    await eventually(lambda: world.log.asked > 1)
    request.cancel()
    world.log.gate.set()
    await world.replenishing.close()
    assert len(await world.log.read()) == 2


def test_what_is_asked_for_has_the_filters_of_the_draw() -> None:
    def asked(wanted: Filter, deficit: int = 7) -> GenerationRequested | None:
        return request_for(ADA, wanted, deficit)

    assert asked(Filter()) == GenerationRequested("ada", "public", 7, "auto")
    assert asked(Filter(" Science ", "hard", 12)) == GenerationRequested(
        "ada", "public", 7, "auto", "Science", 12, 12, "hard"
    )
    assert asked(Filter("a\u202eb")) is None
    assert asked(Filter(" ")) is None
    few, many = asked(Filter(), 1), asked(Filter(), 1_000)
    assert few is not None
    assert many is not None
    assert (few.target_count, many.target_count) == (5, 100)
