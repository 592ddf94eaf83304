"""Taking part in the transactions that append: for what must move together with the log, or not at all.

A log is given at most one participant. It is called for batches with an event of its `types`, after the insert and before the commit,
under the log's lock: nobody else appends meanwhile. What it raises keeps the whole batch from being stored, so it raises only when
the connection or the transaction is lost. Other batches are stored as if there were none.
"""

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from events.prepare import PreparedAppend

if TYPE_CHECKING:
    from events.postgres.connection import Connection


class Span(NamedTuple):
    """The events `before` < position <= `after`, inserted by the transaction; `types` names all types among them, perhaps more."""

    before: int
    after: int
    types: frozenset[str]


class InSqlite(Protocol):
    """Takes part in appends to SQLite, on the thread that writes."""

    types: frozenset[str]

    def __call__(self, connection: sqlite3.Connection, span: Span) -> None:
        """Write what belongs to these events."""


class InPostgres(Protocol):
    """Takes part in appends to PostgreSQL, on the connection that writes."""

    types: frozenset[str]

    async def __call__(self, connection: "Connection", span: Span) -> None:
        """Write what belongs to these events."""


def types_of(batch: Iterable[PreparedAppend]) -> frozenset[str]:
    """The types of all events of a batch."""
    return frozenset([row[1] for append in batch for row in append.rows])
