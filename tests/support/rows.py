"""Rows to import: plain questions, each unlike the others, as a client would send them."""

from collections.abc import Iterable
from typing import Any

import msgspec

NDJSON = {"Content-Type": "application/x-ndjson"}


def row(number: int, **changed: Any) -> dict[str, Any]:
    """A good row; `changed` replaces fields."""
    return {
        "prompt": f"What is {number} plus {number}?",
        "options": [str(2 * number), str(2 * number + 1), str(2 * number + 2), "none of these"],
        "answer": str(2 * number),
        "topic": ("Science", "History")[number % 2],
        **changed,
    }


def lines(rows: Iterable[Any]) -> bytes:
    return b"".join(msgspec.json.encode(each) + b"\n" for each in rows)
