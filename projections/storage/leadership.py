"""Who runs the projections, and who rebuilds one: locks that die with their holder, so that another process takes over in a second."""

import contextlib
import fcntl
import hashlib
import os
from typing import TYPE_CHECKING

from events.log import LogUnavailable
from events.postgres.connection import PostgresDatabase
from events.sqlite.connection import SqliteDatabase
from projections.engine.projector import Leadership
from projections.engine.run_status import RUNNER

if TYPE_CHECKING:
    from projections.storage.backend import Backend


class FileLeadership(Leadership):
    """For processes that share a SQLite file: a lock on a file beside it."""

    def __init__(self, database: SqliteDatabase, name: str) -> None:
        self._path = f"{database.path}.{name}"
        self._file: int | None = None

    async def acquire(self) -> bool:
        """See Leadership.acquire."""
        if self._file is None:
            file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                return False
            self._file = file
        return True

    async def release(self) -> None:
        """See Leadership.release."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class AdvisoryLeadership(Leadership):
    """For processes that share a PostgreSQL database: an advisory lock held by a connection of its own."""

    def __init__(self, database: PostgresDatabase, name: str) -> None:
        self._session = database.session()
        digest = hashlib.sha256(f"trivia {name}".encode()).digest()
        self._lock = int.from_bytes(digest[:8], "big", signed=True)

    async def acquire(self) -> bool:
        """See Leadership.acquire."""
        if self._session.is_open:
            # Asking again would succeed on the same connection; asking at all finds out whether it still lives.
            return bool(await self._session.fetchval("SELECT true"))
        if await self._session.fetchval("SELECT pg_try_advisory_lock($1)", self._lock):
            return True
        await self.release()
        return False

    async def release(self) -> None:
        """See Leadership.release."""
        if self._session.is_open:
            # The server takes a while to notice a connection that is gone, and whoever asks next would find the lock taken.
            with contextlib.suppress(LogUnavailable):
                await self._session.fetchval("SELECT pg_advisory_unlock_all()")
        await self._session.close()


def leadership_of(database: "Backend", name: str = RUNNER) -> Leadership:
    """The lock with this name among the processes on this database."""
    return database.leadership(name)
