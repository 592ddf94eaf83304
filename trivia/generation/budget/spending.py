"""What providers have cost today (UTC), counted from the log: so that no restart forgets it and all processes share one budget.

Calls that are under way in other tasks and processes are not counted until they are answered, so a budget may be overdrawn by these.

Times in the log never fall: once a clock was ahead, whatever follows is stamped with that time until the clock has caught up. So the day
is not told by stamps alone. Whoever first asks whether something may be spent on a day writes down where that day begins in the log; what
comes after is spent on it, and so is what is stamped with it before.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, get_args

import msgspec
import structlog

from events.log import ANY, Context, EventLog, LogUnavailable, Metadata, RecordedEvent, StreamWrite
from events.registry import type_names
from events.retry import retry_on_conflict
from events.vocabulary.decoding import decode
from events.vocabulary.generation import (
    CandidatesReceived,
    GenerationRequested,
    SpendingDayStarted,
    SpendingPurpose,
    TokensSpent,
)
from trivia.generation.providers.clean_values import MAX_ATTEMPTS, MAX_COST, MAX_TOKENS, clean_count, clean_name
from trivia.generation.streams import job_of

STREAM: Final = "provider-spending"
DAYS: Final = "provider-days"
DAY_SECONDS: Final = 86_400
SPAN: Final = 50_000
"""Positions looked through in one query, since events are not indexed by their type."""
DAYS_LOOKED_AT: Final = 1_000
"""Of the days that were begun, so many of the last are looked at: where a clock was wrong, they are in no order."""

_MICROSECONDS: Final = 1_000_000
_TYPES: Final = type_names([CandidatesReceived, TokensSpent, GenerationRequested])

_log = structlog.get_logger("trivia.generation")


class Payer(msgspec.Struct, frozen=True):
    """For whom something is spent: a job, and who asked for it."""

    context: Context
    job: str
    guest: bool = False
    network: str | None = None


payer: ContextVar[Payer | None] = ContextVar("payer", default=None)
"""For whom the present task works; None where it is for the installation itself."""


class _Day:
    """What was spent on one day, as far as the log has been read. `start` is where it begins, None where nobody has begun it."""

    def __init__(self, number: int, start: int | None) -> None:
        self.number = number
        self.start = start
        self.position = -1
        self.tokens = 0
        self.cost = 0
        self.by_user: Counter[str] = Counter()
        self.by_network: Counter[str] = Counter()
        self.networks: dict[str, str] = {}

    def has(self, recorded: RecordedEvent) -> bool:
        after = self.start is not None and recorded.position > self.start
        return after or recorded.recorded_at // (DAY_SECONDS * _MICROSECONDS) == self.number

    def count(self, recorded: RecordedEvent) -> None:
        event = decode(recorded).event
        if isinstance(event, GenerationRequested) and event.network is not None:
            self.networks[job_of(recorded.stream)] = event.network
        if not isinstance(event, CandidatesReceived | TokensSpent) or not self.has(recorded):
            return
        tokens = event.input_tokens + event.output_tokens
        self.tokens += tokens
        self.cost += event.cost
        metadata = msgspec.json.decode(recorded.metadata, type=Metadata)
        if metadata.actor is not None:
            self.by_user[metadata.actor] += tokens
        if (network := self.networks.get(metadata.correlation_id or "")) is not None:
            self.by_network[network] += tokens


class Spending:
    """Reads on from where it was whenever it is asked; safe for any number of tasks of one event loop."""

    def __init__(self, log: EventLog, clock: Callable[[], float] = time.time) -> None:
        self._log = log
        self._clock = clock
        self._lock = asyncio.Lock()
        self._day = _Day(-1, None)

    async def today(self, *, begin: bool = False) -> tuple[int, int]:
        """Tokens, and cost in millionths of a dollar, spent since midnight UTC. Raises LogUnavailable.

        Whoever asks in order to spend has to `begin` the day.
        """
        day = await self._read(begin=begin)
        return day.tokens, day.cost

    async def tokens_of(self, user: str, network: str | None) -> tuple[int, int]:
        """Tokens spent today for a user, and for all who share a network. Raises LogUnavailable."""
        day = await self._read(begin=True)
        return day.by_user[user], day.by_network[network] if network is not None else 0

    def seconds_to_midnight(self) -> float:
        """When a budget that is spent will be there again."""
        return DAY_SECONDS - self._clock() % DAY_SECONDS

    async def record(self, spent: TokensSpent) -> None:
        """Count what is in no CandidatesReceived. A log that cannot be written to is reported, not raised: the answer is worth more."""
        spent = clean_spending(spent)
        if not (spent.input_tokens or spent.output_tokens or spent.cost or spent.attempts):
            return
        paying = payer.get()
        try:
            await self._log.append(
                [StreamWrite(STREAM, ANY, [spent])], context=Context() if paying is None else paying.context
            )
        except LogUnavailable as error:
            _log.warning("spending_not_recorded", provider=spent.provider, reason=str(error))

    async def _read(self, *, begin: bool) -> _Day:
        async with self._lock:
            number = int(self._clock() // DAY_SECONDS)
            if number != self._day.number or self._day.start is None:
                start = await self._begin(number) if begin else await self._find(number)
                if number != self._day.number or start is not None:
                    # What was not of this day by its stamp may be by its place.
                    self._day = _Day(number, start)
            day, head = self._day, await self._log.head()
            if day.position < 0:
                stamped = await self._last_position_before(number, head)
                day.position = stamped if day.start is None else min(stamped, day.start)
            while day.position < head:
                until = min(head, day.position + SPAN)
                for recorded in await self._log.read(day.position, limit=SPAN, until=until, types=_TYPES):
                    day.count(recorded)
                day.position = until
            return day

    async def _begin(self, number: int) -> int:
        """Where a day begins in the log: here, if nobody has begun it. Raises LogUnavailable and StreamMoved."""

        async def attempt() -> int:
            version = (await self._log.versions([DAYS]))[0]
            if (start := await self._find(number)) is not None:
                return start
            return (await self._log.append([StreamWrite(DAYS, version, [SpendingDayStarted(number)])])).last

        return await retry_on_conflict(attempt)

    async def _find(self, number: int) -> int | None:
        version = (await self._log.versions([DAYS]))[0]
        days = await self._log.read_stream(DAYS, max(0, version - DAYS_LOOKED_AT)) if version else []
        return next((day.position for day in days if decode(day).event == SpendingDayStarted(number)), None)

    async def _last_position_before(self, number: int, head: int) -> int:
        """Where events stamped with a day or later begin: stamps never fall as positions rise, so halving finds it in some twenty looks."""
        midnight = number * DAY_SECONDS * _MICROSECONDS
        before, after = 0, head + 1
        while after - before > 1:
            middle = (before + after) // 2
            (event,) = await self._log.read(middle - 1, limit=1)
            if event.recorded_at < midnight:
                before = middle
            else:
                after = middle
        return before


def clean_spending(spent: TokensSpent) -> TokensSpent:
    """The same with fields of their types and within bounds: providers of other packages record what they spend as well."""
    return TokensSpent(
        clean_name(spent.provider) or "unknown",
        spent.purpose if spent.purpose in get_args(SpendingPurpose) else "no_candidates",
        clean_name(spent.model),
        clean_count(spent.input_tokens, MAX_TOKENS) or 0,
        clean_count(spent.output_tokens, MAX_TOKENS) or 0,
        clean_count(spent.cost, MAX_COST) or 0,
        clean_count(spent.attempts, MAX_ATTEMPTS) or 0,
    )
