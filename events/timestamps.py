"""Times: microseconds since 1970-01-01 UTC inside the service, RFC 3339 outside."""

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from msgspec import Meta

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


Timestamp = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""A time as `rfc3339` writes it, for what is described by a JSON schema."""


def now_us() -> int:
    """The time of the system's clock in microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000


def rfc3339(us: int) -> str:
    """A time in UTC, cut to milliseconds: `2026-11-28T19:42:24.007Z`."""
    moment = _EPOCH + timedelta(microseconds=us)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1_000:03d}Z"
