"""The log and its companions on PostgreSQL."""

from contextlib import AbstractAsyncContextManager

from events.archive.archive_file import ArchiveReader
from events.archive.source import Progress, Source
from events.backend import LogBackend
from events.postgres.archive import load, open_source
from events.postgres.connection import PostgresDatabase
from events.postgres.keys import PostgresKeys
from events.postgres.seals import PostgresSeals


class PostgresLogBackend(PostgresDatabase, LogBackend):
    """See LogBackend."""

    def keys(self) -> PostgresKeys:
        """See LogBackend.keys."""
        return PostgresKeys(self)

    def seals(self) -> PostgresSeals:
        """See LogBackend.seals."""
        return PostgresSeals(self)

    def source(self) -> AbstractAsyncContextManager[Source]:
        """See LogBackend.source."""
        return open_source(self)

    async def load(self, archive: ArchiveReader, progress: Progress) -> None:
        """See LogBackend.load."""
        await load(self, archive, progress)
