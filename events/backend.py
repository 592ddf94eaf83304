"""What the log's companions ask of a database; one class for each kind of database answers."""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager

from events.archive.archive_file import ArchiveReader
from events.archive.source import Progress, Source
from events.encryption import KeyTable
from events.tamper_evidence.seal_store import SealStore


class LogBackend(ABC):
    """A database that holds a log. Everything raises LogUnavailable."""

    @abstractmethod
    def keys(self) -> KeyTable:
        """The keys of subjects."""

    @abstractmethod
    def seals(self) -> SealStore:
        """The seals."""

    @abstractmethod
    def source(self) -> AbstractAsyncContextManager[Source]:
        """The tables of an archive as they are when first asked something, for as long as the context is open."""

    @abstractmethod
    async def load(self, archive: ArchiveReader, progress: Progress) -> None:
        """Bring a whole archive into this empty, migrated database, in one transaction; being cancelled leaves nothing.

        Positions, versions, ids, times and texts stay as they are, also of events that this version of the software
        does not know. Raises ArchiveRefused and TargetNotEmpty.
        """

    @abstractmethod
    async def require_protected(self) -> None:
        """Raise LogUnprotected unless what keeps the log append-only is there."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection."""
