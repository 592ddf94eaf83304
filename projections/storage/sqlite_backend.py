"""SQLite as the service uses it."""

from collections.abc import Sequence

from events.log import EventLog
from events.registry import Registry
from events.sqlite.backend import SqliteLogBackend
from events.sqlite.log import SqliteLog
from projections.engine.projection import Projection
from projections.engine.projector import Leadership
from projections.engine.store import ReadModels
from projections.models.question_search import QuestionSearch, SqliteQuestionSearch
from projections.storage.backend import Backend
from projections.storage.leadership import FileLeadership
from projections.storage.sqlite_inline import SqliteInline
from projections.storage.sqlite_store import SqliteReadModels

_SHOWN_FAULTS = 5


class SqliteBackend(SqliteLogBackend, Backend):
    """See Backend."""

    @property
    def file(self) -> str:  # type: ignore[override] # known when it is open
        """See Backend.file."""
        return self.path

    def log(self, registry: Registry, inline: Sequence[Projection]) -> EventLog:
        """See Backend.log."""
        return SqliteLog(self, registry, SqliteInline(inline) if inline else None)

    def models(self) -> ReadModels:
        """See Backend.models."""
        return SqliteReadModels(self)

    def leadership(self, name: str) -> Leadership:
        """See Backend.leadership."""
        return FileLeadership(self, name)

    def question_search(self) -> QuestionSearch:
        """See Backend.question_search."""
        return SqliteQuestionSearch(self)

    async def integrity_fault(self) -> str | None:
        """See Backend.integrity_fault."""
        faults = [row[0] for row in await self.read(f"PRAGMA quick_check({_SHOWN_FAULTS})")]
        return None if faults == ["ok"] else f"The file is damaged: {'; '.join(faults)}. Restore a backup."

    async def has_table(self, name: str) -> bool:
        """See Backend.has_table."""
        return bool(await self.read("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)))
