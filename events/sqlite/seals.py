"""Seals in a SQLite file."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from events.sqlite.connection import SqliteDatabase
from events.tamper_evidence.seal import Row, Seal
from events.tamper_evidence.seal_store import SEAL_COLUMNS, SealStore, row_of, select_events

# A row that is in the way makes the trigger refuse; the transaction is alone, so looking first is enough.
_ADD: Final = f"""
INSERT INTO seals ({SEAL_COLUMNS}, leaves) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
WHERE NOT EXISTS (SELECT 1 FROM seals WHERE number >= ?1 OR last_position >= ?2)"""
_EVENTS: Final = select_events("CAST({} AS BLOB)")


class SqliteSeals(SealStore):
    """See SealStore."""

    reads_apart = False  # a reader would only wait for the interpreter's lock

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def _read(self, sql: str, *values: object) -> Sequence[Any]:
        return await self._database.read(sql, values)

    async def events(self, after: int, until: int, limit: int) -> Sequence[Row]:
        """See SealStore.events."""
        return await self._read(_EVENTS, after, until, limit)

    async def add(self, seal: Seal) -> bool:
        """See SealStore.add."""

        def insert(connection: sqlite3.Connection) -> bool:
            return connection.execute(_ADD, row_of(seal)).rowcount == 1

        return await self._database.write(insert)
