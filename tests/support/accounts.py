"""Users for tests that are about something else."""

import contextlib
from typing import NamedTuple

from events.ids import uuid7
from events.vocabulary.accounts import PUBLIC_ORG, Role
from trivia.accounts.joining import Registration
from trivia.accounts.tokens import Bearer
from trivia.http.problems import Conflicting
from trivia.services import Services

PASSWORD = "correct horse battery staple"


class Player(NamedTuple):
    """A user with an access token, good for an hour."""

    id: str
    org: str
    role: Role
    email: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Players:
    """Makes users as an operator does, each with an address of their own and PASSWORD."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def make(self, role: Role = "player", *, org: str = PUBLIC_ORG, email: str | None = None) -> Player:
        """A user; their organisation is made, if it is not there."""
        if org != PUBLIC_ORG:
            with contextlib.suppress(Conflicting):
                await self._services.administration.make_organisation(org, org.title())
        email = email or f"{uuid7()}@example.org"
        user = await self._services.administration.create_user(
            Registration(email, PASSWORD, "Ada", 36), org=org, role=role
        )
        token = self._services.tokens.issue(Bearer(user.id, org, role, user.version, email), 3600)
        return Player(user.id, org, role, email, token)
