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
from trivia.generation.providers.provider import BreakerState, ProviderError

FAILURES: Final = 5
"""Failures in a row after which the breaker opens."""
REST_SECONDS: Final = 30.0
"""How long it stays open before one call may try."""
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


class CircuitBreaker:
    """closed: all may ask. open: nobody, for a while. half_open: one may, and how that ends decides. `clock` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._opened: float | None = None
        self._trying = False

    @property
    def state(self) -> BreakerState:
        """As it is now."""
        if self._opened is None:
            return "closed"
        return "open" if self._clock() < self._opened + REST_SECONDS else "half_open"

    def admit(self) -> None:
        """Let a call through, which must then say how it ended. Raises ProviderError."""
        if self._opened is None:
            return
        rest = self._opened + REST_SECONDS - self._clock()
        if rest > 0 or self._trying:
            raise ProviderError(
                "breaker_open", "the endpoint failed several times in a row; it is left alone", max(rest, 1.0)
            )
        self._trying = True

    def succeeded(self) -> None:
        """The endpoint did its part."""
        self._failures, self._opened, self._trying = 0, None, False

    def failed(self) -> None:
        """It did not."""
        self._failures += 1
        if self._trying or self._failures >= FAILURES:
            self._opened = self._clock()
        self._trying = False

    def abandoned(self) -> None:
        """The call was given up, so nothing is known."""
        self._trying = False


class Resilience:
    """Makes calls to one endpoint. `dice` gives numbers from 0 to 1."""

    def __init__(
        self,
        retries: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self.breaker = CircuitBreaker(clock)
        self._retries = retries
        self._sleep = sleep
        self._dice = dice
        self._credit = RETRIES_AT_HAND * SUCCESSES_FOR_A_RETRY

    async def run(self, attempt: Callable[[], Awaitable[_T]]) -> _T:
        """Make a call, again if that may help. Raises ProviderError: the last one, or `breaker_open`."""
        retried: list[ProviderFault] = []
        while True:
            self.breaker.admit()
            try:
                result = await attempt()
            except ProviderError as error:
                self._notice(error.fault)
                if not self._may_retry(error, retried):
                    raise
                await self._sleep(self._pause(error, len(retried)))
                retried.append(error.fault)
            except BaseException:
                self.breaker.abandoned()
                raise
            else:
                self.breaker.succeeded()
                self._credit = min(RETRIES_AT_HAND * SUCCESSES_FOR_A_RETRY, self._credit + 1)
                return result

    def _notice(self, fault: ProviderFault) -> None:
        if fault in UNWELL:
            self.breaker.failed()
        elif fault in {"unusable", "refused"}:
            self.breaker.succeeded()
        else:
            # It was not even asked.
            self.breaker.abandoned()

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
