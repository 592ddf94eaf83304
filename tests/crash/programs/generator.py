"""Works on every generation job it hears of, as a process that serves does, until it is killed.

    python -m tests.crash.programs.generator URL

Says `ready` once it follows the log.
"""

import asyncio
import sys

from events.ids import uuid7
from projections.engine.live import LiveViews
from projections.models.question_pool import QuestionPool
from projections.storage.backends import models_of
from tests.support.generation import Scripted
from tests.support.programs import say
from trivia.generation.active import ActiveJobs
from trivia.generation.pipeline.pipeline import Pipeline
from trivia.generation.runner import Runner
from trivia.generation.worker import Worker
from trivia.platform.storage import open_storage
from trivia.questions.bank.near_duplicates.finder import NearDuplicates

LEASE = 1.0
JOBS_AT_ONCE = 2


async def main(url: str) -> None:
    async with open_storage(url) as storage:
        jobs = ActiveJobs()
        pipeline = Pipeline(storage.log, NearDuplicates(QuestionPool()))
        worker = Worker(Runner(storage.log, Scripted(), pipeline, owner=uuid7(), lease=LEASE), jobs, JOBS_AT_ONCE)
        jobs.changed = worker.notice
        live = LiveViews(storage.log)
        live.feed("generation_jobs", ActiveJobs.handles, jobs.apply)
        await jobs.boot(storage.log, models_of(storage.database))
        await live.catch_up()
        say("ready")
        await asyncio.gather(live.run(), worker.run())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
