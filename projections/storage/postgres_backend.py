"""PostgreSQL as the service uses it."""

from collections.abc import Sequence

from events.log import EventLog
from events.postgres.backend import PostgresLogBackend
from events.postgres.log import PostgresLog
from events.registry import Registry
from projections.engine.projection import Projection
from projections.engine.projector import Leadership
from projections.engine.store import ReadModels
from projections.models.question_search import PostgresQuestionSearch, QuestionSearch
from projections.storage.backend import Backend
from projections.storage.leadership import AdvisoryLeadership
from projections.storage.postgres_inline import PostgresInline
from projections.storage.postgres_store import PostgresReadModels


class PostgresBackend(PostgresLogBackend, Backend):
    """See Backend."""

    def log(self, registry: Registry, inline: Sequence[Projection]) -> EventLog:
        """See Backend.log."""
        return PostgresLog(self, registry, PostgresInline(inline) if inline else None)

    def models(self) -> ReadModels:
        """See Backend.models."""
        return PostgresReadModels(self)

    def leadership(self, name: str) -> Leadership:
        """See Backend.leadership."""
        return AdvisoryLeadership(self, name)

    def question_search(self) -> QuestionSearch:
        """See Backend.question_search."""
        return PostgresQuestionSearch(self)

    async def integrity_fault(self) -> str | None:
        """See Backend.integrity_fault."""
        ((read_only,),) = await self.read("SELECT current_setting('transaction_read_only')")
        return "The database is read-only: a standby, or set so." if read_only == "on" else None

    async def has_table(self, name: str) -> bool:
        """See Backend.has_table."""
        return bool((await self.read("SELECT to_regclass($1) IS NOT NULL", name))[0][0])
