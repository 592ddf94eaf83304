"""Slows down password guessing: exponential back-off by key after repeated failures."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

from trivia.http.limits import network_of
from trivia.http.problems import TooManyRequests

FREE_FAILURES: Final = 10
"""Failures before the first wait."""
FREE_FAILURES_OF_ACCOUNT: Final = 100
"""The same for an account, counted over all networks."""
MAX_WAIT_SECONDS: Final = 300.0
FORGET_SECONDS: Final = 900.0
"""Failures expire when none was added for so long."""
MAX_KEYS: Final = 50_000


class _Failures(msgspec.Struct):
    count: int
    last: float
    until: float


class Throttle:
    """Counts failures by key.

    From the tenth on, or the `free`-th of `fail`, each doubles the wait: 1, 2, 4 … seconds, up to
    five minutes.

    Kept in memory by each process, for at most MAX_KEYS keys; those untouched for longest go first.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, max_keys: int = MAX_KEYS) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, key: str) -> int:
        """Whole seconds until the next attempt is allowed; 0 means now."""
        failures = self._current(key)
        return max(0, math.ceil(failures.until - self._clock())) if failures else 0

    def fail(self, key: str, free: int = FREE_FAILURES) -> None:
        """Count a failure. The first wait comes with the `free`th."""
        now = self._clock()
        failures = self._current(key)
        if failures is None:
            failures = self._failures[key] = _Failures(0, now, now)
        failures.count += 1
        failures.last = now
        beyond = failures.count - free
        if beyond >= 0:
            failures.until = now + min(2.0 ** min(beyond, 20), MAX_WAIT_SECONDS)
        self._failures.move_to_end(key)
        while len(self._failures) > self._max_keys:
            self._failures.popitem(last=False)

    def withdraw(self, key: str) -> None:
        """Take back the last failure, since it was none, and the wait it brought."""
        if failures := self._failures.get(key):
            failures.count -= 1
            failures.until = self._clock()

    def forgive(self, key: str) -> None:
        """Forget a key's failures."""
        self._failures.pop(key, None)

    def _current(self, key: str) -> _Failures | None:
        failures = self._failures.get(key)
        if failures is not None and self._clock() - failures.last > FORGET_SECONDS:
            del self._failures[key]
            return None
        return failures


class PasswordThrottle:
    """Admits attempts at the password of an account.

    A network that fails ten times for one account has to wait there; one that fails ten times in
    all has to wait everywhere. An account is slowed down for all networks only after many more
    failures: otherwise anybody could lock its owner out.
    """

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle

    def admit(self, account: str, client: str) -> "Attempt":
        """Count an attempt by the client at this address as failed until it is known not to be.

        Raises TooManyRequests where one has to wait.
        """
        network = network_of(client)
        keys = {f"{account} {network}": FREE_FAILURES, account: FREE_FAILURES_OF_ACCOUNT}
        by_network = f"network {network}"
        if wait := max(self._throttle.wait(key) for key in (*keys, by_network)):
            raise TooManyRequests("Too many failed logins; wait before the next.", retry_after=wait)
        # Counted before it is known to be one, so that a hundred guesses sent at once are not all let in.
        for key, free in keys.items():
            self._throttle.fail(key, free)
        return Attempt(self._throttle, tuple(keys), by_network)


class Attempt(msgspec.Struct, frozen=True):
    """An attempt at a password that was admitted."""

    throttle: Throttle
    keys: tuple[str, ...]
    network: str

    def fail(self) -> None:
        """It was wrong."""
        self.throttle.fail(self.network)

    def withdraw(self) -> None:
        """It came to nothing, neither right nor wrong."""
        for key in self.keys:
            self.throttle.withdraw(key)

    def succeed(self) -> None:
        """It was right."""
        for key in self.keys:
            self.throttle.forgive(key)
