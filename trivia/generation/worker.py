"""Works on jobs in the background: this process takes what nobody holds, so many at once, as it hears of them from the log.

Users take turns: next is a job of whoever has the fewest at work, in all processes, and of these whose turn here is longest ago. All
guests of one network are one of those who take turns.
"""

import asyncio
from collections import Counter, OrderedDict
from typing import Final

import structlog

from events.log import LogUnavailable
from trivia.generation.active import ActiveJobs
from trivia.generation.decide import MAX_PAUSE, MAX_SKEW, Job, held_until, may_claim
from trivia.generation.runner import Runner

LONGEST_WAIT_SECONDS: Final = 60.0
MAX_TURNS: Final = 10_000
"""Of whom it is known when they had a turn."""

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
        self._turns: OrderedDict[str, int] = OrderedDict()
        """When each had a turn last, in numbers that grow."""
        self._turn = 0

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
        now, lease = self._runner.clock(), self._runner.lease
        soonest = now + int(LONGEST_WAIT_SECONDS * 1e6)
        at_work: Counter[str] = Counter()
        waiting: list[tuple[str, str]] = []
        for job_id, job in self._jobs:
            held = held_until(job, now, lease)
            if job_id in self._tasks or held:
                at_work[_whose(job)] += 1
            if job_id in self._tasks:
                continue
            free_at = max(held, self._paused_until(job_id, now))
            if free_at > now:
                soonest = min(soonest, free_at)
            elif may_claim(job, now, lease):
                waiting.append((job_id, _whose(job)))
        while waiting and len(self._tasks) < self._concurrency:
            # The first of equals is the oldest.
            chosen = min(waiting, key=lambda each: (at_work[each[1]], self._turns.get(each[1], 0)))
            waiting.remove(chosen)
            at_work[chosen[1]] += 1
            self._have_turn(chosen[1])
            job_id = chosen[0]
            self._tasks[job_id] = asyncio.create_task(self._work_on(job_id), name=f"generation-{job_id}")
        return (soonest - now) / 1e6

    def _paused_until(self, job_id: str, now: int) -> int:
        until = self._not_before.get(job_id, 0)
        # A clock that was put back would have it wait for as long.
        return until if until <= now + max(self._runner.lease, MAX_PAUSE) + MAX_SKEW else 0

    def _have_turn(self, whose: str) -> None:
        self._turn += 1
        self._turns[whose] = self._turn
        self._turns.move_to_end(whose)
        if len(self._turns) > MAX_TURNS:
            self._turns.popitem(last=False)

    async def _work_on(self, job_id: str) -> None:
        # Until the view has heard of it, what was found out here counts.
        again_at = self._runner.clock() + self._runner.lease
        try:
            job = await self._runner.run(job_id)
            if not job.ended:
                now = self._runner.clock()
                again_at = max(held_until(job, now, self._runner.lease), now + 100_000)
        except LogUnavailable as error:
            _log.warning("generation_job_delayed", job=job_id, reason=str(error))
        except Exception:  # noqa: BLE001 - a job that fails in an unforeseen way must not stop the others
            _log.exception("generation_job_failed", job=job_id)
        finally:
            self._tasks.pop(job_id, None)
            if self._jobs.get(job_id) is not None:
                self._not_before[job_id] = again_at
            self._moved.set()


def _whose(job: Job) -> str:
    """Who has a turn when this job is worked on."""
    asked = job.requested
    if asked is None:
        return ""
    return asked.network if asked.guest and asked.network is not None else asked.user
