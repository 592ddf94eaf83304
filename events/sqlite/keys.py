"""The keys of subjects in a SQLite file."""

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import structlog

from events.encryption import KeyTable
from events.sqlite.connection import SqliteDatabase

_SCRUB_ATTEMPTS: Final = 5
_SCRUB_PAUSE_SECONDS: Final = 0.2

_log = structlog.get_logger("trivia.subject_keys")


class SqliteKeys(KeyTable):
    """See KeyTable. Deletes leave no bytes behind: `secure_delete` is on, and the write-ahead log is emptied."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def insert(self, subject: str, key: bytes) -> None:
        """See KeyTable.insert."""
        await self._write([("INSERT OR IGNORE INTO subject_keys (subject, key) VALUES (?, ?)", (subject, key))])

    async def select(self, subjects: Sequence[str]) -> dict[str, bytes]:
        """See KeyTable.select."""
        wanted = msgspec.json.encode(subjects).decode()
        sql = "SELECT subject, key FROM subject_keys WHERE subject IN (SELECT value FROM json_each(?))"
        return dict(await self._database.read(sql, (wanted,)))

    async def mark(self, subject: str) -> None:
        """See KeyTable.mark."""
        await self._write([("INSERT OR IGNORE INTO subjects_leaving (subject) VALUES (?)", (subject,))])

    async def marked(self) -> list[str]:
        """See KeyTable.marked."""
        return [row[0] for row in await self._database.read("SELECT subject FROM subjects_leaving ORDER BY subject")]

    async def delete(self, subject: str) -> None:
        """See KeyTable.delete. The note goes last, so that a crash before the file is clean leaves it standing."""
        await self._write([("DELETE FROM subject_keys WHERE subject = ?", (subject,))])
        for _ in range(_SCRUB_ATTEMPTS):
            if await self._database.empty_write_ahead_log():
                break
            await asyncio.sleep(_SCRUB_PAUSE_SECONDS)
        else:
            # A reader of another process holds on to old pages. The note stays, and with it the next start's attempt.
            _log.warning("wal_truncation_failed", subject=subject)
            return
        await self._write([("DELETE FROM subjects_leaving WHERE subject = ?", (subject,))])

    async def _write(self, statements: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            for sql, values in statements:
                connection.execute(sql, values)

        await self._database.write(work)
