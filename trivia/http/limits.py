"""Rate limits: how often one client may do something, as token buckets.

A bucket holds as many tokens as may be taken in an hour and fills up evenly; each request takes one.
So a class that begins at once is let in at once, and only what goes on beyond the rate is refused.
Kept in memory by each process, for at most MAX_KEYS clients; those that were away for longest go
first.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address
from typing import Final

import msgspec
import structlog

from trivia.http.problems import TooManyRequests

MAX_KEYS: Final = 50_000
_HOUR: Final = 3_600.0
_IPV6_SITE_BITS: Final = 64

_log = structlog.get_logger("trivia.http.limits")


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


class _Bucket(msgspec.Struct):
    tokens: float
    at: float


class RateLimits:
    """One limit for each name: so many an hour for each client's network, 0 for no limit."""

    def __init__(
        self, per_hour: Mapping[str, int], *, clock: Callable[[], float] = time.monotonic, max_keys: int = MAX_KEYS
    ) -> None:
        self._per_hour = dict(per_hour)
        self._clock = clock
        self._max_keys = max_keys
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def take(self, name: str, address: str) -> None:
        """Count one request of the client at this address. Raises TooManyRequests where it is one too many."""
        size = self._per_hour[name]
        if not size:
            return
        now = self._clock()
        key = name, network_of(address)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(size, now)
            if len(self._buckets) > self._max_keys:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        bucket.tokens = min(size, bucket.tokens + (now - bucket.at) * size / _HOUR)
        bucket.at = now
        if bucket.tokens < 1:
            _log.warning("rate_limited", limit=name)
            wait = math.ceil((1 - bucket.tokens) * _HOUR / size)
            raise TooManyRequests("Too many of these from your address; wait before the next.", retry_after=wait)
        bucket.tokens -= 1
