"""The log and its companions on SQLite."""

from contextlib import AbstractAsyncContextManager

from events.archive.archive_file import ArchiveReader
from events.archive.source import Progress, Source
from events.backend import LogBackend
from events.sqlite.archive import load, open_source
from events.sqlite.connection import SqliteDatabase
from events.sqlite.keys import SqliteKeys
from events.sqlite.seals import SqliteSeals


class SqliteLogBackend(SqliteDatabase, LogBackend):
    """See LogBackend."""

    def keys(self) -> SqliteKeys:
        """See LogBackend.keys."""
        return SqliteKeys(self)

    def seals(self) -> SqliteSeals:
        """See LogBackend.seals."""
        return SqliteSeals(self)

    def source(self) -> AbstractAsyncContextManager[Source]:
        """See LogBackend.source."""
        return open_source(self)

    async def load(self, archive: ArchiveReader, progress: Progress) -> None:
        """See LogBackend.load."""
        await load(self, archive, progress)
