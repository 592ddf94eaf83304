"""Values that come from outside, of any type, as values of the types and within the bounds that events are stored with."""

import math
import unicodedata
from typing import Any, Final

MAX_TOKENS: Final = 10**9
MAX_COST: Final = 10**12
"""Millionths of a dollar."""
MAX_ATTEMPTS: Final = 1_000
MAX_NAME: Final = 200
MAX_RETRY_AFTER_SECONDS: Final = 30 * 86_400.0


def clean_count(given: Any, most: int) -> int | None:
    """A whole number from 0 to `most`: a part of one counts as one, and more than `most` as that; None for what is no such number."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given) or given < 0:
        return None
    return min(math.ceil(given), most)


def clean_seconds(given: Any) -> float | None:
    """Seconds to wait, at most MAX_RETRY_AFTER_SECONDS; None for what is no number or less than 0."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given) or given < 0:
        return None
    return min(float(given), MAX_RETRY_AFTER_SECONDS)


def clean_name(given: Any) -> str | None:
    """A name of something, on one line; None for what is none."""
    if not isinstance(given, str):
        return None
    return "".join([c for c in storable(given[:MAX_NAME]) if unicodedata.category(c)[0] != "C"]) or None


def storable(text: str) -> str:
    """A text that any database can keep: without NUL and lone surrogates."""
    return text.encode(errors="replace").decode().replace("\0", "�")
