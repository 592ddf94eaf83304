"""Works on jobs in the background: this process takes what nobody holds, so many at once, as it hears of them from the log."""

import asyncio
from typing import Final

import structlog

from events.log import LogUnavailable
from trivia.generation.active import ActiveJobs
from trivia.generation.decide import Job, may_claim
from trivia.generation.runner import Runner

LONGEST_WAIT_SECONDS: Final = 60.0

_log = structlog.get_logger("trivia.generation")


class Worker:
    """Runs at most `concurrency` jobs at once while `run` runs; with 0, none."""

    def __init__(self, runner: Runner, jobs: ActiveJobs, concurrency: int) -> None:
        self._runner = runner
        self._jobs = jobs
        self._concurrency = concurrency
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._not_before: dict[str, int] = {}
        self._moved = asyncio.Event()

    def notice(self, job_id: str, job: Job) -> None:
        """A job has changed; what has ended is stopped, should this process be at it."""
        if job.ended:
            self._not_before.pop(job_id, None)
            if task := self._tasks.get(job_id):
                task.cancel()
        self._moved.set()

    async def run(self) -> None:
        """Work until cancelled; then let go of every job, so that other processes go on at once."""
        try:
            while True:
                self._moved.clear()
                wait = self._start_what_may_be()
                try:
                    async with asyncio.timeout(wait):
                        await self._moved.wait()
                except TimeoutError:
                    pass
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _start_what_may_be(self) -> float:
        """Begin what nobody holds, as far as there is room; seconds until more may be free to take."""
        now = self._runner.clock()
        soonest = now + int(LONGEST_WAIT_SECONDS * 1e6)
        for job_id, job in self._jobs:
            if job_id in self._tasks:
                continue
            free_at = max(job.lease_until, self._not_before.get(job_id, 0))
            if free_at > now:
                soonest = min(soonest, free_at)
            elif len(self._tasks) < self._concurrency and may_claim(job, now):
                task = asyncio.create_task(self._work_on(job_id), name=f"generation-{job_id}")
                self._tasks[job_id] = task
        return (soonest - now) / 1e6

    async def _work_on(self, job_id: str) -> None:
        # Until the view has heard of it, what was found out here counts.
        again_at = self._runner.clock() + self._runner.lease
        try:
            job = await self._runner.run(job_id)
            if not job.ended:
                again_at = max(job.lease_until, self._runner.clock() + 100_000)
        except LogUnavailable as error:
            _log.warning("generation_job_delayed", job=job_id, reason=str(error))
        except Exception:  # noqa: BLE001 - a job that fails in an unforeseen way must not stop the others
            _log.exception("generation_job_failed", job=job_id)
        finally:
            self._tasks.pop(job_id, None)
            if self._jobs.get(job_id) is not None:
                self._not_before[job_id] = again_at
            self._moved.set()
