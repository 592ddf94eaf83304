"""Who is asking, and what they may do."""

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

import msgspec

from events.log import Context
from events.vocabulary.accounts import PUBLIC_ORG, Role
from trivia.http.problems import Forbidden, Unauthenticated

if TYPE_CHECKING:
    # Commands that serve nobody need not wait for the framework to be imported.
    from litestar.connection import ASGIConnection
    from litestar.handlers.base import BaseRouteHandler


class Access(IntEnum):
    """Who may use a route. Every route says so in `opt["access"]`, and the application does not start where one does not."""

    ANYONE = 0
    PLAYER = 1
    HOST = 2
    ADMIN = 3


_RANK: Final[dict[Role, Access]] = {"player": Access.PLAYER, "host": Access.HOST, "admin": Access.ADMIN}


class Identity(msgspec.Struct, frozen=True):
    """What an access token says of its bearer. `expires_at` in seconds since 1970; guests have no `email`."""

    user: str
    org: str
    role: Role
    expires_at: int
    email: str | None = None

    @property
    def access(self) -> Access:
        """The most that this role may use."""
        return _RANK[self.role]

    @property
    def is_guest(self) -> bool:
        """A player without an account."""
        return self.email is None

    @property
    def is_operator(self) -> bool:
        """Whether they run the installation: an admin of the organisation `public`."""
        return self.access is Access.ADMIN and self.org == PUBLIC_ORG


def context_of(identity: Identity, request_id: str | None = None) -> Context:
    """What to store with an event that this user caused."""
    return Context(org=identity.org, actor=identity.user, correlation_id=request_id)


def guard(connection: "ASGIConnection[Any, Any, Any, Any]", handler: "BaseRouteHandler") -> None:
    """Let nobody through to a handler but those whom its `access` names; put the Identity in `scope["user"]`.

    Raises Unauthenticated and Forbidden.
    """
    required: Access = handler.opt.get("access", Access.ADMIN)
    if required is not Access.ANYONE and connection.scope.get("method") != "OPTIONS":
        connection.scope["user"] = authorise(connection.scope, required)


def authorise(scope: Any, required: Access) -> Identity:
    """The bearer of the request's token, if they may use what requires this. Raises Unauthenticated and Forbidden."""
    identity = identify(scope)
    if identity.access < required:
        raise Forbidden(f"This needs the role {required.name.lower()}; yours is {identity.role}.")
    return identity


def require_operator(identity: Identity) -> None:
    """Raises Forbidden for all but those who run the installation."""
    if not identity.is_operator:
        raise Forbidden("This is for those who run the installation: admins of the organisation public.")


def identify(scope: Any) -> Identity:
    """The bearer of the request's token. Raises Unauthenticated."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.partition(b" ")
            if scheme.lower() != b"bearer" or not token:
                raise Unauthenticated("The header Authorization must be `Bearer` and an access token.")
            verified: Identity = scope["litestar_app"].state.core.tokens.verify(token)
            return verified
    raise Unauthenticated("The header Authorization is missing.")
