"""What a check has to say."""

from typing import Literal

import msgspec

Verdict = Literal["ok", "note", "wrong"]


class Finding(msgspec.Struct, frozen=True):
    """One sentence or two about one thing.

    A `note` is worth knowing and keeps nothing from working; what is `wrong` has to be mended.
    """

    check: str
    verdict: Verdict
    message: str


def ok(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", message)


def note(check: str, message: str) -> Finding:
    """Worth knowing."""
    return Finding(check, "note", message)


def wrong(check: str, message: str) -> Finding:
    """Has to be mended."""
    return Finding(check, "wrong", message)


def count(number: int, noun: str) -> str:
    """`1 event`, `2 events`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
