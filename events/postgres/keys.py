"""The keys of subjects in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from events.encryption import KeyTable
from events.postgres.connection import Connection, PostgresDatabase


class PostgresKeys(KeyTable):
    """See KeyTable."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def insert(self, subject: str, key: bytes) -> None:
        """See KeyTable.insert."""
        await self._execute(
            "INSERT INTO subject_keys (subject, key) VALUES ($1, $2) ON CONFLICT DO NOTHING", subject, key
        )

    async def select(self, subjects: Sequence[str]) -> dict[str, bytes]:
        """See KeyTable.select."""
        sql = "SELECT subject, key FROM subject_keys WHERE subject = ANY ($1::text[])"
        return {row["subject"]: row["key"] for row in await self._database.read(sql, list(subjects))}

    async def mark(self, subject: str) -> None:
        """See KeyTable.mark."""
        await self._execute("INSERT INTO subjects_leaving (subject) VALUES ($1) ON CONFLICT DO NOTHING", subject)

    async def marked(self) -> list[str]:
        """See KeyTable.marked."""
        rows = await self._database.read("SELECT subject FROM subjects_leaving ORDER BY subject")
        return [row["subject"] for row in rows]

    async def delete(self, subject: str) -> None:
        """See KeyTable.delete. The note goes last, so that a crash before the vacuum leaves it standing."""
        await self._execute("DELETE FROM subject_keys WHERE subject = $1", subject)
        await self._database.vacuum("subject_keys")
        await self._execute("DELETE FROM subjects_leaving WHERE subject = $1", subject)

    async def _execute(self, sql: str, *values: Any) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(sql, *values)

        await self._database.write(work)
