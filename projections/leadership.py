"""Who runs the projections: a lock that dies with its holder, so that another process takes over within a second or two."""

import fcntl
import os

from events.database.postgres import PostgresDatabase
from events.database.sqlite import SqliteDatabase
from projections.projector import Leadership

_LOCK = 7452381908


class FileLeadership(Leadership):
    """For processes that share a SQLite file: a lock on a file beside it."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._path = f"{database.path}.projector"
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

    def __init__(self, database: PostgresDatabase) -> None:
        self._session = database.session()

    async def acquire(self) -> bool:
        """See Leadership.acquire."""
        if self._session.is_open:
            # Asking again would succeed on the same connection; asking at all finds out whether it still lives.
            return bool(await self._session.fetchval("SELECT true"))
        if await self._session.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            return True
        await self.release()
        return False

    async def release(self) -> None:
        """See Leadership.release."""
        await self._session.close()


def leadership_of(database: SqliteDatabase | PostgresDatabase) -> Leadership:
    """The lock among processes on this database."""
    return FileLeadership(database) if isinstance(database, SqliteDatabase) else AdvisoryLeadership(database)
