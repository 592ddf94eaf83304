"""Taking part in the transactions that append: for what must move together with the log, or not at all.

A log is given at most one participant. It is called after a batch of appends was inserted and before the commit, under the log's
lock: nobody else appends meanwhile. What it raises keeps the whole batch from being stored, so it raises only when the connection
or the transaction is lost.
"""

import sqlite3
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from events.database.postgres import Connection


class Span(NamedTuple):
    """The events `before` < position <= `after`, inserted by the transaction; `types` names all types among them, perhaps more."""

    before: int
    after: int
    types: frozenset[str]


class InSqlite(Protocol):
    """Takes part in appends to SQLite, on the thread that writes."""

    def __call__(self, connection: sqlite3.Connection, span: Span) -> None:
        """Write what belongs to these events."""


class InPostgres(Protocol):
    """Takes part in appends to PostgreSQL, on the connection that writes."""

    async def __call__(self, connection: "Connection", span: Span) -> None:
        """Write what belongs to these events."""
