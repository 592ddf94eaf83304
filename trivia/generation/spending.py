"""What providers have cost today (UTC), counted from the log: so that no restart forgets it and all processes share one budget.

Calls that are under way in other tasks and processes are not counted until they are answered, so a budget may be overdrawn by these.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from events.log import ANY, EventLog, LogUnavailable, RecordedEvent, StreamWrite
from events.registry import type_names
from events.vocabulary.decoding import decode
from events.vocabulary.generation import CandidatesReceived, TokensSpent

STREAM: Final = "provider-spending"
DAY_SECONDS: Final = 86_400
SPAN: Final = 50_000
"""Positions looked through in one query, since events are not indexed by their type."""

_MICROSECONDS: Final = 1_000_000
_TYPES: Final = type_names([CandidatesReceived, TokensSpent])

_log = structlog.get_logger("trivia.generation")


class Spending:
    """Reads on from where it was whenever it is asked; safe for any number of tasks of one event loop."""

    def __init__(self, log: EventLog, clock: Callable[[], float] = time.time) -> None:
        self._log = log
        self._clock = clock
        self._lock = asyncio.Lock()
        self._day = -1
        self._position = -1
        self._tokens = 0
        self._cost = 0

    async def today(self) -> tuple[int, int]:
        """Tokens, and cost in millionths of a dollar, spent since midnight UTC. Raises LogUnavailable."""
        async with self._lock:
            head = await self._log.head()
            self._turn_to(int(self._clock() // DAY_SECONDS))
            if self._position < 0:
                self._position = await self._last_position_before_today(head)
            while self._position < head:
                until = min(head, self._position + SPAN)
                for recorded in await self._log.read(self._position, limit=SPAN, until=until, types=_TYPES):
                    self._count(recorded)
                self._position = until
            return self._tokens, self._cost

    def seconds_to_midnight(self) -> float:
        """When a budget that is spent will be there again."""
        return DAY_SECONDS - self._clock() % DAY_SECONDS

    async def record(self, spent: TokensSpent) -> None:
        """Count what is in no CandidatesReceived. A log that cannot be written to is reported, not raised: the answer is worth more."""
        if not (spent.input_tokens or spent.output_tokens or spent.cost):
            return
        try:
            await self._log.append([StreamWrite(STREAM, ANY, [spent])])
        except LogUnavailable as error:
            _log.warning("spending_not_recorded", provider=spent.provider, reason=str(error))

    def _turn_to(self, day: int) -> None:
        if day == self._day:
            return
        if day < self._day:
            # The clock was put back; what was counted before it was put forward is read again.
            self._position = -1
        self._day, self._tokens, self._cost = day, 0, 0

    def _count(self, recorded: RecordedEvent) -> None:
        if recorded.recorded_at // (DAY_SECONDS * _MICROSECONDS) != self._day:
            return
        event = decode(recorded).event
        if isinstance(event, CandidatesReceived | TokensSpent):
            self._tokens += event.input_tokens + event.output_tokens
            self._cost += event.cost

    async def _last_position_before_today(self, head: int) -> int:
        """Where today's events begin: times never fall as positions rise, so halving finds it in some twenty looks."""
        midnight = self._day * DAY_SECONDS * _MICROSECONDS
        before, after = 0, head + 1
        while after - before > 1:
            middle = (before + after) // 2
            (event,) = await self._log.read(middle - 1, limit=1)
            if event.recorded_at < midnight:
                before = middle
            else:
                after = middle
        return before
