"""Inline projections: their rows and their checkpoint move inside the transaction that appends, so that they are never behind.

One rule decides who folds an event, and it is checked in the database, in the transaction that stores the rows: whoever moves the
checkpoint from exactly where the events they fold begin. An append with events of the projection's types folds them together with what
lies between the checkpoint and them, since nobody else appends meanwhile; that is nothing of its types, but for what was appended by a
process that does not know of the projection. Where it is much (the projection is behind), or the projection is new, paused, of another
version or has parked events, the append leaves it alone and the projector catches up. Appends of other types cost nothing.

So the projector hands over by getting near the head, and no process needs to know whether others know of the projection. A rebuild folds
its last slice under the log's lock, and takes the place of the live rows only where it is further or both are at the head: whoever has
loaded rows of the old tables to fold events beyond them must find the checkpoint moved. There is no moment at which an event could be
missed or come twice.

A projection that fails on an event keeps nobody from appending: its checkpoint stays, and the projector deals with the event.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog

from events.log import RecordedEvent
from events.vocabulary.decoding import Decoded, decode
from projections.engine.dead_letters import describe
from projections.engine.projection import Key, Projection, Row
from projections.engine.store import Changes

SLICE: Final = 500
"""Events folded at most while nobody else may append; of more, others fold the first ones beforehand."""
REACH: Final = 10_000
"""Positions that are looked through at most while nobody else may append: a few milliseconds."""

ADVANCE: Final = """
UPDATE projection_checkpoints SET position = $4 WHERE name = $1 AND version = $2 AND position = $3
AND NOT EXISTS (SELECT 1 FROM projection_pauses WHERE projection_pauses.name = $1)
AND NOT EXISTS (SELECT 1 FROM parked_events WHERE projection = $1)
RETURNING position"""

_log = structlog.get_logger("trivia.inline")


class InlineFailed(Exception):
    """A projection could not take in an event; the projector finds out which, and parks it."""


def type_names(projection: Projection) -> list[str]:
    """The names of the types that a projection handles."""
    return [kind.__name__ for kind in projection.handles]


class Batch:
    """A few events of the types that a projection handles, and the keys of the rows they need, by table."""

    def __init__(self, projection: Projection, events: Iterable[Iterable[Any]]) -> None:
        """`events` as rows of the log, in the order of RecordedEvent. Raises InlineFailed."""
        self._projection = projection
        wanted: dict[str, dict[Key, None]] = {}
        try:
            self._decoded: list[Decoded] = [decode(RecordedEvent(*event)) for event in events]
            for event in self._decoded:
                for table, key in projection.needs(event):
                    wanted.setdefault(table.name, {})[key] = None
        except Exception as error:
            raise InlineFailed(projection.name) from error
        self.wanted = {name: list(keys) for name, keys in wanted.items()}

    def apply(self, loaded: Mapping[str, Mapping[Key, Row]]) -> Changes:
        """What the events change. Raises InlineFailed."""
        changes = Changes(loaded)
        try:
            for event in self._decoded:
                self._projection.apply(event, changes)
        except Exception as error:
            raise InlineFailed(self._projection.name) from error
        return changes


def give_up(projection: Projection, before: int, error: Exception) -> None:
    """Say that a projection has left the appends, until the projector has dealt with what it failed on."""
    # Without its trace, which takes long to write while everyone who appends waits; the projector meets the same.
    cause = error.__cause__ if isinstance(error, InlineFailed) and isinstance(error.__cause__, Exception) else error
    _log.warning("inline projection failed", projection=projection.name, after=before, reason=describe(cause))
