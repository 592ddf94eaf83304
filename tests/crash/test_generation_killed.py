"""`kill -9` at any point of a generation job, again and again: it ends with exactly what was wanted, and nothing is done twice."""

import random
from collections import Counter

import pytest

from events.log import Context
from events.vocabulary.decoding import decode
from events.vocabulary.generation import CandidateAdded
from tests.crash.wholeness import assert_whole
from tests.support.databases import open_log
from tests.support.generation import asked_for, outcome_of
from tests.support.programs import Program, running
from tests.support.waiting import eventually
from trivia.generation.decide import MAX_JUDGED
from trivia.generation.requesting import Requested, Requesting

KILLED = -9
TARGET = 12
# Of several appends, since each brings in a few questions.
LONG = 4 * MAX_JUDGED + 2
POINTS = {
    "before it is claimed": ("before", "GenerationClaimed", 1),
    "after it was claimed": ("after", "GenerationClaimed", 1),
    "before the answer is stored": ("before", "CandidatesReceived", 1),
    "between the answer and its first candidate": ("after", "CandidatesReceived", 1),
    "after the first candidate was added": ("after", "CandidateAdded", 1),
    "between candidates": ("before", "CandidateAdded", 2),
    "in the middle of candidates, once more": ("after", "CandidateAdded", 2),
    "before it is completed": ("before", "GenerationCompleted", 1),
}


async def request(log, target: int = TARGET, **changed) -> str:
    requested = await Requesting(log).request(asked_for(target, **changed), Context(org="public", actor="ada"))
    assert isinstance(requested, Requested)
    return requested.job_id


@pytest.mark.timeout(120)
async def test_a_job_killed_at_every_point_in_turn_ends_with_exactly_what_was_wanted(database_url: str) -> None:
    asked: Counter[str] = Counter()
    async with open_log(database_url) as log:
        job_id = await request(log, LONG)
        for point, fate in POINTS.items():
            with running("tests.crash.programs.doomed_generator", database_url, job_id, *map(str, fate)) as doomed:
                await eventually(lambda doomed=doomed: doomed.ended, 60)
                assert (doomed.wait(), doomed.errors) == (KILLED, ""), point
            asked.update(doomed.lines)
            outcome = await outcome_of(log, job_id)
            assert outcome.end is None, point
            assert len(outcome.calls) <= 1
        assert len(outcome.questions) == LONG
        with running("tests.crash.programs.doomed_generator", database_url, job_id, "never", "-", "1") as survivor:
            await eventually(lambda: survivor.ended, 60)
            assert (survivor.wait(), survivor.errors, survivor.lines) == (0, "", ["ended"])
        outcome = await outcome_of(log, job_id)
        assert outcome.job.status == "completed"
        assert len(outcome.questions) == LONG
        # Only the answer that died with its process before it was stored was paid for twice.
        assert len(outcome.calls) == 1
        assert list(asked.values()) == [2]
        assert len(outcome.claims) >= len(POINTS)
        await assert_whole(log)


@pytest.mark.timeout(120)
async def test_processes_that_are_killed_again_and_again_finish_every_job(database_url: str) -> None:
    jobs_wanted, kills, processes, chance = 6, 5, 3, random.Random(7)
    async with open_log(database_url) as log:
        jobs = [await request(log, TARGET, user=f"user-{n}") for n in range(jobs_wanted)]
        workers: list[Program] = []
        total = jobs_wanted * TARGET

        async def added() -> int:
            return len(await log.read(types=[CandidateAdded.__name__]))

        async def all_ended() -> bool:
            ends = [event for event in await log.read(limit=5_000) if event.type == "GenerationCompleted"]
            return len(ends) == jobs_wanted

        try:
            workers += [Program("tests.crash.programs.generator", database_url) for _ in range(processes)]
            for number in range(1, kills + 1):
                await eventually(lambda least=number * total // (kills + 2): _reaches(added, least), 60)
                victim = workers.pop(chance.randrange(len(workers)))
                victim.kill()
                assert victim.wait() == KILLED
                workers.append(Program("tests.crash.programs.generator", database_url))
            await eventually(all_ended, 60)
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        assert [worker.errors for worker in workers] == [""] * processes
        outcomes = [await outcome_of(log, job_id) for job_id in jobs]
        assert [outcome.job.status for outcome in outcomes] == ["completed"] * jobs_wanted
        assert [len(outcome.questions) for outcome in outcomes] == [TARGET] * jobs_wanted
        contents = [question.content for outcome in outcomes for question in outcome.questions]
        assert len(set(contents)) == total
        events = await assert_whole(log)
        assert sum(isinstance(decode(event).event, CandidateAdded) for event in events) == total


async def _reaches(count, least: int) -> bool:
    return await count() >= least
