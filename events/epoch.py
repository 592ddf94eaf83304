"""The epoch of a log: the name of one history of it.

A log that was restored from an older backup, or whose database failed over and lost its end, gives positions out again for other
events. So a position means something only together with the log's epoch, a short random id that is made anew

- at the first start, and after a restore or an import,
- when this copy of the database is not the one for which the epoch was made (its incarnation is another: on SQLite another file, on
  PostgreSQL another cluster, timeline or table),
- when a process finds the log shorter than it knew it.

A process that meets another epoch than the one it began with knows nothing any more: what it holds in memory was folded from events
that may be gone. It appends nothing from then on, and starts again.
"""

import asyncio
import secrets

from events.errors import LogUnavailable

_EPOCH_BYTES = 8


class OtherHistory(LogUnavailable):
    """The log has another history than the one that this process began with."""


def new_epoch() -> str:
    """16 hexadecimal digits, never given before."""
    return secrets.token_hex(_EPOCH_BYTES)


class KnownHistory:
    """Which history of the log a process began with, and how far it knows the log to reach."""

    def __init__(self) -> None:
        self.epoch = ""
        """Empty until the log was first asked."""
        self.head = 0
        self.lost = asyncio.Event()
        """Set once the log was found to have another history."""

    def check(self, epoch: str, head: int, known_head: int) -> None:
        """Compare with what the log says. Raises OtherHistory, then and for ever after.

        `known_head` is `head` as it was before the log was asked: others append meanwhile, and the answer may be older than
        what is known by the time that it comes.
        """
        if self.lost.is_set() or (self.epoch and (epoch != self.epoch or head < known_head)):
            self.give_up(
                f"it is of epoch {epoch} up to position {head}, and was of epoch {self.epoch} up to {known_head}"
            )

    def give_up(self, why: str) -> None:
        """Take the log for another one. Raises OtherHistory."""
        self.lost.set()
        raise OtherHistory(f"the log has another history: {why}")

    def is_older(self, epoch: str, head: int, known_head: int) -> bool:
        """Whether the log is of the epoch that is known, but lacks its end; `known_head` as for `check`."""
        return bool(self.epoch) and epoch == self.epoch and head < known_head
