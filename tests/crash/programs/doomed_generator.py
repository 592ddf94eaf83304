"""Works on one generation job and kills itself at a named point.

    python -m tests.crash.programs.doomed_generator URL JOB POINT TYPE NUMBER

POINT is `before` the append that holds an event of TYPE is sent to the database or `after` it was answered, for the time with this
NUMBER, counted from 1 in the life of the process; `never` for one that lives. Says `call <number of the call>` whenever the provider
is asked, and `ended` when the job has.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from events.ids import uuid7
from events.log import StreamWrite
from events.postgres.log import PostgresLog
from events.sqlite.log import SqliteLog
from events.timestamps import now_us
from projections.models.question_pool import QuestionPool
from tests.support.generation import Scripted, counting
from tests.support.programs import say
from trivia.generation.decide import Job
from trivia.generation.pipeline.pipeline import Pipeline
from trivia.generation.providers.provider import Answer, Wanted
from trivia.generation.runner import Runner
from trivia.generation.streams import load_job
from trivia.platform.storage import open_storage
from trivia.questions.bank.near_duplicates.finder import NearDuplicates

LEASE = 0.5


class Fate:
    """Decides when it is over."""

    def __init__(self, point: str, kind: str, number: int) -> None:
        self._point = point
        self._kind = kind
        self._left = number

    def passing(self, point: str, writes: Sequence[StreamWrite]) -> None:
        if point == self._point and self._kind in {type(event).__name__ for write in writes for event in write.events}:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


def doom(log: Any, fate: Fate) -> None:
    """From here on the log's appends pass the fate. One of the service's own logs, whose class cannot be chosen from outside."""
    assert isinstance(log, SqliteLog | PostgresLog)
    append = log.append

    async def passing(writes: Sequence[StreamWrite], **more: Any) -> Any:
        fate.passing("before", writes)
        appended = await append(writes, **more)
        fate.passing("after", writes)
        return appended

    log.append = passing  # type: ignore[method-assign, assignment] # it is ours to spoil


async def main(url: str, job_id: str, fate: Fate) -> None:
    async with open_storage(url) as storage:
        log = storage.log
        job = Job()

        def script(_: int, wanted: Wanted) -> Answer:
            say(f"call {wanted.seed}")
            return counting(0, wanted)

        doom(log, fate)
        while not job.ended:
            pipeline = Pipeline(log, NearDuplicates(QuestionPool()))
            job = await Runner(log, Scripted(script), pipeline, owner=uuid7(), lease=LEASE).run(job_id)
            job = await load_job(log, job_id, job)
            # What a killed one held is free once its lease has run out.
            await asyncio.sleep(0 if job.ended else max(0, job.lease_until - now_us()) / 1e6)
        say("ended")


if __name__ == "__main__":
    url, job_id, point, kind, number = sys.argv[1:]
    asyncio.run(main(url, job_id, Fate(point, kind, int(number))))
