"""When an endpoint fails: when to ask again, how long to wait before, and when to leave it alone.

The client library's own retries are turned off. They know nothing of a circuit breaker or a budget, wait up to two minutes inside a call,
count for each call alone (so that an endpoint that is down is asked several times by everyone), and try what a job would rather hear of.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from events.vocabulary.generation import ProviderFault
from trivia.generation.breakers import BreakerChange, Call, CircuitBreaker, Failure, Resting
from trivia.generation.providers.provider import ProviderError

RETRIES_AT_HAND: Final = 10
"""Retries that all calls of a process have between them."""
SUCCESSES_FOR_A_RETRY: Final = 10
"""So many calls that succeed earn another."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 20.0
"""Seconds; an endpoint that asks for a longer pause is taken at its word by the job, not waited for here."""

UNWELL: Final[frozenset[ProviderFault]] = frozenset(
    {"timeout", "connection", "rate_limited", "server_error", "client_error"}
)
"""Faults of the endpoint or of how it is used, rather than of one answer."""
PASSING: Final[frozenset[ProviderFault]] = frozenset({"timeout", "connection", "rate_limited", "server_error"})
"""Faults that another try may not meet."""

_T = TypeVar("_T")


class Resilience:
    """Makes calls to one endpoint. `tell` hears what becomes of the breaker; `dice` gives numbers from 0 to 1.

    `patience`, in seconds, is for who has someone else to ask: no call is made again later than that after its first try began, and a try
    that fails after a longer time opens the breaker. None: unbounded. `clock` in seconds.
    """

    def __init__(
        self,
        retries: int,
        breaker: CircuitBreaker,
        tell: Callable[[BreakerChange], Awaitable[None]],
        *,
        patience: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self.breaker = breaker
        self._tell = tell
        self._retries = retries
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._dice = dice
        self._credit = RETRIES_AT_HAND * SUCCESSES_FOR_A_RETRY

    async def run(self, attempt: Callable[[], Awaitable[_T]]) -> _T:
        """Make a call, again if that may help. Raises ProviderError: the last one, which says how often it was tried, or `breaker_open`."""
        retried: list[ProviderFault] = []
        began = self._clock()
        while True:
            call, tried = await self._admit(), self._clock()
            try:
                result = await attempt()
            except ProviderError as error:
                await self._notice(call, error, too_long=self._is_too_long(self._clock() - tried))
                pause = self._pause(error, len(retried))
                if self._is_too_long(self._clock() - began + pause) or not self._may_retry(error, retried):
                    if retried:
                        error.detail += f", tried {len(retried) + 1} times"
                    raise
                await self._sleep(pause)
                retried.append(error.fault)
            except BaseException:
                self.breaker.abandoned(call)
                raise
            else:
                await self._succeeded(call)
                self._credit = min(RETRIES_AT_HAND * SUCCESSES_FOR_A_RETRY, self._credit + 1)
                return result

    async def _admit(self) -> Call:
        while True:
            try:
                return self.breaker.admit()
            except Resting as rest:
                if rest.trial is None or self._patience is not None:
                    last = f", at last with {rest.last}" if rest.last else ""
                    words = f"the endpoint is left alone for a while, since it failed{last}"
                    raise ProviderError("breaker_open", words, rest.seconds) from None
                # An answer takes longer than a job's patience with a breaker; it would fail just when the endpoint is well again.
                await rest.trial.ended.wait()

    async def _notice(self, call: Call, error: ProviderError, *, too_long: bool) -> None:
        if error.fault in UNWELL:
            if opened := self.breaker.failed(call, Failure(error.fault, error.detail), enough=too_long):
                await self._tell(opened)
        elif error.fault in {"unusable", "refused"}:
            await self._succeeded(call)
        else:
            # It was not even asked.
            self.breaker.abandoned(call)

    async def _succeeded(self, call: Call) -> None:
        if closed := self.breaker.succeeded(call):
            await self._tell(closed)

    def _is_too_long(self, seconds: float) -> bool:
        return self._patience is not None and seconds > self._patience

    def _may_retry(self, error: ProviderError, retried: list[ProviderFault]) -> bool:
        # A second answer may be better than one of no use; a third would only cost.
        worth_it = error.fault in PASSING or (error.fault == "unusable" and "unusable" not in retried)
        if not worth_it or len(retried) >= self._retries or (error.retry_after or 0) > LONGEST_PAUSE:
            return False
        if self.breaker.state != "closed" or self._credit < SUCCESSES_FOR_A_RETRY:
            return False
        self._credit -= SUCCESSES_FOR_A_RETRY
        return True

    def _pause(self, error: ProviderError, retried: int) -> float:
        """Seconds: what the endpoint asked for and up to a tenth more, else a random part of a time that doubles with each retry."""
        if error.retry_after is not None:
            return error.retry_after * (1 + self._dice() / 10)
        if error.fault == "unusable":
            return 0.0
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**retried) * (0.5 + self._dice() / 2)
