"""Seals in PostgreSQL."""

from collections.abc import Sequence
from typing import Any, Final

from events.postgres.connection import Connection, PostgresDatabase
from events.tamper_evidence.seal import Row, Seal
from events.tamper_evidence.seal_store import SEAL_COLUMNS, SealStore, row_of, select_events

_ADD: Final = f"""
INSERT INTO seals ({SEAL_COLUMNS}, leaves) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING RETURNING number"""
_EVENTS: Final = select_events("convert_to({}, 'UTF8')")


class PostgresSeals(SealStore):
    """See SealStore."""

    reads_apart = True

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def _read(self, sql: str, *values: object) -> Sequence[Any]:
        return await self._database.read(sql.replace("?", "$"), *values)

    async def events(self, after: int, until: int, limit: int) -> Sequence[Row]:
        """See SealStore.events."""
        return await self._read(_EVENTS, after, until, limit)

    async def add(self, seal: Seal) -> bool:
        """See SealStore.add."""

        async def insert(connection: Connection) -> bool:
            return await connection.fetchval(_ADD, *row_of(seal)) is not None

        return await self._database.write(insert)
