"""The circuit breakers of providers that can be unreachable: one for each provider in all processes, since what they do are events.

A process acts on its own breaker at once and tells the log, from which the others hear of it. Without a log to tell it to, the others
find out by themselves.
"""

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar, Final, Literal, NamedTuple

import structlog

from events.log import ANY, EventLog, LogUnavailable, RecordedEvent, StreamWrite
from events.registry import Event
from events.vocabulary.decoding import Decoded, decode
from events.vocabulary.generation import BreakerClosed, BreakerOpened, ProviderFault
from trivia.generation.streams import breaker_stream

BreakerState = Literal["closed", "open", "half_open"]
BreakerChange = BreakerOpened | BreakerClosed

FAILURES: Final = 5
"""Failures in a row, of one process, after which the breaker opens."""
REST_SECONDS: Final = 30.0
"""How long it stays open before a call may try."""
TELL_SECONDS: Final = 2.0
"""How long a call waits at most for the log to take in what became of the breaker."""

_MICROSECONDS: Final = 1_000_000

_log = structlog.get_logger("trivia.generation")


class Failure(NamedTuple):
    """How a call failed; `detail` is for people and holds no secret."""

    fault: ProviderFault
    detail: str

    def __str__(self) -> str:
        return f"{self.fault}: {self.detail}"


class Resting(Exception):
    """The endpoint is to be left alone, for so many `seconds`; `last` is how it failed last, where that is known.

    `trial` is the call that tries it just now, if one does: how that ends decides.
    """

    def __init__(self, seconds: float, last: Failure | None, trial: "Call | None") -> None:
        super().__init__(f"for {seconds:.0f} s; {last}")
        self.seconds = seconds
        self.last = last
        self.trial = trial


class Call:
    """A call that was let through; each is one of its own. `ended` is set once it said how it ended."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()


class CircuitBreaker:
    """closed: all may ask. open: nobody, for a while. half_open: one call of each process may, and how that ends decides.

    How a call ends returns what all processes have to hear, if there is anything. `clock` in seconds since 1970-01-01 UTC.
    """

    def __init__(self, provider: str, clock: Callable[[], float] = time.time) -> None:
        self.provider = provider
        self._clock = clock
        self._failures = 0
        self._until: float | None = None
        self._trial: Call | None = None
        self._last: Failure | None = None
        self._position = 0

    @property
    def state(self) -> BreakerState:
        """As it is now."""
        if self._until is None:
            return "closed"
        return "open" if self._rest() > 0 else "half_open"

    @property
    def last_failure(self) -> Failure | None:
        """How a call failed last, while it is not closed; None where that is not known."""
        return None if self._until is None else self._last

    def admit(self) -> Call:
        """Let a call through, which must then say how it ended. Raises Resting."""
        call = Call()
        if self._until is not None:
            rest = self._rest()
            if rest > 0 or self._trial is not None:
                raise Resting(max(rest, 1.0), self._last, self._trial)
            self._trial = call
        return call

    def succeeded(self, call: Call) -> BreakerClosed | None:
        """The endpoint did its part."""
        call.ended.set()
        # What began before the breaker opened is older than what is known now.
        if self._until is not None and call is not self._trial:
            return None
        closed = None if self._until is None else BreakerClosed(self.provider)
        self._failures, self._until, self._trial = 0, None, None
        return closed

    def failed(self, call: Call, how: Failure, *, enough: bool = False) -> BreakerOpened | None:
        """It did not; `enough` where this failure alone is reason to leave it alone."""
        call.ended.set()
        if self._until is None:
            self._failures += 1
            if self._failures < FAILURES and not enough:
                return None
        elif call is not self._trial:
            return None
        until = self._clock() + REST_SECONDS
        self._failures, self._until, self._trial, self._last = 0, until, None, how
        return BreakerOpened(self.provider, round(until * _MICROSECONDS), how.fault, how.detail)

    def abandoned(self, call: Call) -> None:
        """The call was given up, so nothing is known."""
        call.ended.set()
        if call is self._trial:
            self._trial = None

    def take_in(self, change: BreakerChange, position: int) -> None:
        """What the log says at a position, whichever process it is of; nothing where as much is known already."""
        if position <= self._position:
            return
        self._position = position
        self._failures, self._trial = 0, None
        if isinstance(change, BreakerOpened):
            self._until = change.until / _MICROSECONDS
            self._last = None if change.fault is None else Failure(change.fault, change.detail or "")
        else:
            self._until = None

    def _rest(self) -> float:
        """Seconds for which it stays open."""
        if self._until is None:
            return 0.0
        now = self._clock()
        # The clock of another machine may be ahead, or this one was put back.
        self._until = min(self._until, now + REST_SECONDS)
        return self._until - now


class Breakers:
    """Those of this process's providers. A live view; the event loop owns it."""

    handles: ClassVar[frozenset[type[Event]]] = frozenset({BreakerOpened, BreakerClosed})

    def __init__(self, log: EventLog, clock: Callable[[], float] = time.time) -> None:
        self._log = log
        self._clock = clock
        self._breakers: dict[str, CircuitBreaker] = {}

    def of(self, provider: str) -> CircuitBreaker:
        """The breaker of a provider, the same one each time."""
        if provider not in self._breakers:
            self._breakers[provider] = CircuitBreaker(provider, self._clock)
        return self._breakers[provider]

    async def boot(self, apply: Callable[[RecordedEvent], None] | None = None) -> None:
        """Read the last change of each breaker, before events are applied; each is given to `apply`. Raises LogUnavailable."""
        apply = apply or (lambda recorded: self.apply(decode(recorded)))
        streams = [breaker_stream(provider) for provider in self._breakers]
        for stream, version in zip(streams, await self._log.versions(streams), strict=True):
            for recorded in await self._log.read_stream(stream, version - 1, limit=1) if version else []:
                apply(recorded)

    def apply(self, decoded: Decoded) -> None:
        """Take in one event."""
        change = decoded.event
        if isinstance(change, BreakerOpened | BreakerClosed) and change.provider in self._breakers:
            self._breakers[change.provider].take_in(change, decoded.recorded.position)

    async def tell(self, change: BreakerChange) -> None:
        """Have all processes hear of a change. A log that cannot be written to is reported, not raised: the call matters more."""
        _log.info("circuit_breaker_changed", provider=change.provider, change=type(change).__name__)
        write = StreamWrite(breaker_stream(change.provider), ANY, [change])
        try:
            async with asyncio.timeout(TELL_SECONDS):
                appended = await self._log.append([write])
        except (LogUnavailable, TimeoutError) as error:
            _log.warning("circuit_breaker_not_shared", provider=change.provider, reason=str(error))
        else:
            self.of(change.provider).take_in(change, appended.last)
