"""Starting jobs by itself for users who are given fewer questions than they ask for.

On the hot route, so what this process knows already is asked first: a job that runs, a rest after one that failed, a start that is
under way. Only where there is none of these is the log asked, and even then the response does not wait long.
"""

import asyncio
from collections import OrderedDict
from typing import Final

import structlog

from events.log import Context, LogError
from events.timestamps import now_us
from events.vocabulary.generation import GenerationRequested
from projections.models.question_pool import Filter
from trivia.generation.active import ActiveJobs
from trivia.generation.decide import Resting
from trivia.generation.requesting import Requested, Requesting
from trivia.generation.streams import slot_of
from trivia.http.access import Identity

LEAST: Final = 5
"""Questions asked for at least."""
MOST: Final = 100
AT_ONCE: Final = 3
"""Jobs that run by themselves for one user at once; a user with ever new filters waits for the first to end."""
PATIENCE_SECONDS: Final = 0.5
"""How long a response is held up for the name of the job."""
MAX_RESTS: Final = 10_000

_log = structlog.get_logger("trivia.generation")


class Replenishing:
    """Starts jobs where too little is left. The event loop owns it."""

    def __init__(self, requesting: Requesting, jobs: ActiveJobs, *, enabled: bool) -> None:
        self._requesting = requesting
        self._jobs = jobs
        self._enabled = enabled
        self._starting: dict[str, asyncio.Task[str | None]] = {}
        self._rests: OrderedDict[str, int] = OrderedDict()

    async def replenish(self, identity: Identity, wanted: Filter, deficit: int, context: Context) -> str | None:
        """The job that makes more such questions for the user, if there is one now."""
        asked = request_for(identity, wanted, deficit)
        if asked is None:
            return None
        slot = slot_of(asked)
        if running := self._jobs.in_slot(slot):
            return running
        if not self._enabled or self._rests.get(slot, 0) > now_us():
            return None
        task = self._starting.get(slot)
        if task is None:
            if self._jobs.started_by_itself(identity.user) >= AT_ONCE:
                return None
            task = self._starting[slot] = asyncio.create_task(self._start(slot, asked, context))
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        return task.result() if task.done() and not task.cancelled() else None

    async def _start(self, slot: str, asked: GenerationRequested, context: Context) -> str | None:
        try:
            match await self._requesting.request(asked, context):
                case Requested(job_id):
                    return job_id
                case Resting(until):
                    self._rests[slot] = until
                    self._rests.move_to_end(slot)
                    if len(self._rests) > MAX_RESTS:
                        self._rests.popitem(last=False)
        except LogError as error:
            # The user has their questions; the next request tries again.
            _log.warning("replenishment_failed", reason=str(error))
        finally:
            self._starting.pop(slot, None)
        return None

    async def close(self) -> None:
        """Wait for what is being started."""
        await asyncio.gather(*self._starting.values(), return_exceptions=True)


def request_for(identity: Identity, wanted: Filter, deficit: int) -> GenerationRequested | None:
    """What to ask for, so that a user gets more questions of a kind; None where nobody could make any.

    An age is asked for as the range that holds it alone: a question may be for others too, but has to be for this one.
    """
    topic = wanted.topic and wanted.topic.strip()
    if wanted.topic is not None and not (topic and topic.isprintable()):
        return None
    low, high = (0, 120) if wanted.age is None else (wanted.age, wanted.age)
    count = min(max(deficit, LEAST), MOST)
    return GenerationRequested(identity.user, identity.org, count, "auto", topic, low, high, wanted.difficulty)
