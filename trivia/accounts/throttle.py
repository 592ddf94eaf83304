"""Slows down password guessing: exponential back-off by key after repeated failures."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Final

import msgspec

FREE_FAILURES: Final = 10
"""Failures before the first wait."""
MAX_WAIT_SECONDS: Final = 300.0
FORGET_SECONDS: Final = 900.0
"""Failures expire when none was added for so long."""
MAX_KEYS: Final = 50_000

_IPV6_SITE_BITS = 64


class _Failures(msgspec.Struct):
    count: int
    last: float
    until: float


class Throttle:
    """Counts failures by key.

    From the tenth on each doubles the wait: 1, 2, 4 … seconds, up to five minutes.

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

    def fail(self, key: str) -> None:
        """Count a failure."""
        now = self._clock()
        failures = self._current(key)
        if failures is None:
            failures = self._failures[key] = _Failures(0, now, now)
        failures.count += 1
        failures.last = now
        beyond = failures.count - FREE_FAILURES
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


def network_of(address: str) -> str:
    """The key of one client: an IPv4 address, or the /64 that a site's IPv6 addresses share."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> _IPV6_SITE_BITS << _IPV6_SITE_BITS)}/{_IPV6_SITE_BITS}"
    return str(parsed)
