"""A user's history as the Python event-sourcing library would have it: an aggregate, its events folded by the library itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.databases import parts


class User(Aggregate):
    """Has been given questions."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    @event("QuestionsAssigned")
    def assign(self, questions: list[int], age: int) -> None:  # noqa: ARG002 - a part of the event
        """Give questions."""
        self.seen.update(questions)


class Users(Application[UUID]):
    """Stores them."""

    def add(self, draws: list[tuple[int, ...]]) -> UUID:
        """A user who was given these questions; their id."""
        user = User()
        for questions in draws:
            user.assign(list(questions), 12)
        self.save(user)
        return user.id

    def seen(self, user: UUID) -> int:
        """How many questions the user was given, from all their events."""
        return len(self.repository.get(user).seen)  # type: ignore[attr-defined] # what was saved is a User


@contextmanager
def open_users(url: str) -> Iterator[Users]:
    """An application on an empty database, as the library sets it up."""
    if url.startswith("sqlite"):
        environment = {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": url.removeprefix("sqlite:///"),
        }
    else:
        server = parts(url)
        environment = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": server.name,
            "POSTGRES_HOST": server.host,
            "POSTGRES_PORT": "",
            "POSTGRES_USER": server.user,
            "POSTGRES_PASSWORD": "unused",
        }
    application = Users(env=environment)
    try:
        yield application
    finally:
        application.close()
