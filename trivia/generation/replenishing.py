"""Starting jobs by itself for users who are given fewer questions than they ask for.

On the hot route, so what this process knows already is asked first: a job that runs, a rest after one that failed, a start that is
under way. Only where there is none of these is the log asked, and even then the response does not wait long.
"""

import asyncio
from collections import OrderedDict
from typing import Final

import msgspec
import structlog

from events.log import Context, LogError
from events.timestamps import now_us
from events.vocabulary.generation import GenerationRequested
from projections.models.question_pool import Filter
from projections.models.topics import clean_topic
from trivia.generation.active import ActiveJobs
from trivia.generation.budget.quotas import Exhausted, NetworkDigests
from trivia.generation.decide import MAX_REST, MAX_SKEW, SECOND, Resting
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
QUOTA_REST_SECONDS: Final = 60
"""How long a user whose limits are reached is not looked at again."""

_log = structlog.get_logger("trivia.generation")

OLDEST: Final = 120
AGE_BANDS: Final = ((0, 4), (5, 7), (8, 10), (11, 13), (14, 17), (18, OLDEST))
"""Ages in years, both ends included, for whom the same questions are made."""


class Replenishing:
    """Starts jobs where too little is left. The event loop owns it."""

    def __init__(
        self, requesting: Requesting, jobs: ActiveJobs, *, enabled: bool, networks: NetworkDigests | None = None
    ) -> None:
        self._networks = networks
        self._requesting = requesting
        self._jobs = jobs
        self._enabled = enabled
        self._starting: dict[tuple[str, str], asyncio.Task[str | None]] = {}
        self._rests: OrderedDict[str, int] = OrderedDict()

    async def replenish(
        self, identity: Identity, wanted: Filter, deficit: int, context: Context, address: str | None = None
    ) -> str | None:
        """The job that makes more such questions for the user, if there is one now; `address` is the client's."""
        network = None if self._networks is None else self._networks.of(address, now_us())
        asked = request_for(identity, wanted, deficit, network)
        if asked is None:
            return None
        slot, user = slot_of(asked), identity.user
        narrow = _narrowed(asked, wanted.age)
        running = self._jobs.in_slot(slot) or self._jobs.in_slot(slot_of(narrow))
        if running is not None and self._jobs.waits_for(user, running):
            return running
        if running is None and (not self._enabled or self._rests_still(slot) or self._rests_still(user)):
            return None
        task = self._starting.get((slot, user))
        if task is None:
            if running is None and self._jobs.started_by_itself(user) >= AT_ONCE:
                return None
            task = self._starting[slot, user] = asyncio.create_task(self._start(slot, asked, narrow, context))
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        return task.result() if task.done() and not task.cancelled() else None

    async def _start(
        self, slot: str, asked: GenerationRequested, narrow: GenerationRequested, context: Context
    ) -> str | None:
        try:
            if job_id := await self._requesting.join_running(narrow, context):
                return job_id
            match await self._requesting.request(asked, context):
                case Requested(job_id):
                    return job_id
                case Resting(until):
                    self._rest(slot, until)
                case Exhausted(reason, retry_after):
                    _log.info("generation_quota_exhausted", user=asked.user, reason=reason)
                    # Not till midnight: an operator may raise the limits.
                    self._rest(asked.user, now_us() + min(retry_after, QUOTA_REST_SECONDS) * SECOND)
        except LogError as error:
            # The user has their questions; the next request tries again.
            _log.warning("replenishment_failed", reason=str(error))
        finally:
            self._starting.pop((slot, asked.user), None)
        return None

    def _rest(self, key: str, until: int) -> None:
        self._rests[key] = until
        self._rests.move_to_end(key)
        if len(self._rests) > MAX_RESTS:
            self._rests.popitem(last=False)

    def _rests_still(self, key: str) -> bool:
        # A clock that was put back would have it rest for as long.
        left = self._rests.get(key, 0) - now_us()
        return 0 < left <= MAX_REST + MAX_SKEW

    async def close(self) -> None:
        """Wait for what is being started."""
        await asyncio.gather(*self._starting.values(), return_exceptions=True)


def _narrowed(asked: GenerationRequested, age: int | None) -> GenerationRequested:
    """The same for just the age that is wanted, as somebody may have asked for it by hand."""
    low, high = (0, OLDEST) if age is None else (age, age)
    return msgspec.structs.replace(asked, min_age=low, max_age=high)


def band_of(age: int | None) -> tuple[int, int]:
    """The ages for which questions are made where this one is wanted; who says none is no child."""
    if age is None:
        return AGE_BANDS[-1]
    return next((low, high) for low, high in AGE_BANDS if age <= high)


def request_for(
    identity: Identity, wanted: Filter, deficit: int, network: str | None = None
) -> GenerationRequested | None:
    """What to ask for, so that a user gets more questions of a kind; None where nobody could make any.

    An age is asked for as the band that holds it, so that what is made serves others too; no age as that of grown-ups.
    """
    topic = None if wanted.topic is None else clean_topic(wanted.topic)
    if topic is not None and not (topic and topic.isprintable()):
        return None
    low, high = band_of(wanted.age)
    count = min(max(deficit, LEAST), MOST)
    return GenerationRequested(
        identity.user,
        identity.org,
        count,
        "auto",
        topic,
        low,
        high,
        wanted.difficulty,
        guest=identity.is_guest,
        network=network,
    )
