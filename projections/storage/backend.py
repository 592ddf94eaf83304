"""What the service asks of a database; one class for each kind of database answers."""

from abc import abstractmethod
from collections.abc import Sequence

from events.backend import LogBackend
from events.log import EventLog
from events.registry import Registry
from projections.engine.projection import Projection
from projections.engine.projector import Leadership
from projections.engine.store import ReadModels
from projections.models.question_search import QuestionSearch


class Backend(LogBackend):
    """A database that holds a log and its read models. Everything raises LogUnavailable."""

    file: str | None = None
    """The path of the database's file; None where a server keeps it."""

    @abstractmethod
    def log(self, registry: Registry, inline: Sequence[Projection]) -> EventLog:
        """The log; `inline` projections take part in what is appended through it."""

    @abstractmethod
    def models(self) -> ReadModels:
        """The read models."""

    @abstractmethod
    def leadership(self, name: str) -> Leadership:
        """The lock with this name among the processes on this database."""

    @abstractmethod
    def question_search(self) -> QuestionSearch:
        """The search for questions by their words."""

    @abstractmethod
    async def integrity_fault(self) -> str | None:
        """A sentence about what is wrong with the database itself, None when nothing is."""

    @abstractmethod
    async def has_table(self, name: str) -> bool:
        """Whether there is a table with this name."""
