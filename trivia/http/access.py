"""Authentication and authorisation: who sends a request, and what they may do."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import Any, Final

import msgspec

from events.log import Context
from events.vocabulary.accounts import PUBLIC_ORG, Role
from trivia.http.problems import Forbidden, Unauthenticated


class Access(IntEnum):
    """Who may use a route, as its contract says."""

    ANYONE = 0
    PLAYER = 1
    HOST = 2
    ADMIN = 3


_RANK: Final[dict[Role, Access]] = {"player": Access.PLAYER, "host": Access.HOST, "admin": Access.ADMIN}

MAX_KNOWN: Final = 50_000
"""Users of whom it is remembered that the log knows them."""


class Identity(msgspec.Struct, frozen=True):
    """The bearer of an access token.

    `expires_at` is in seconds since 1970; guests have no `email`. `version` is that of the user's
    stream when the token was made.
    """

    user: str
    org: str
    role: Role
    expires_at: int
    email: str | None = None
    version: int = 1

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
    """The metadata of an event that this user causes."""
    return Context(org=identity.org, actor=identity.user, correlation_id=request_id)


def require_operator(identity: Identity) -> None:
    """Raises Forbidden for all but those who run the installation."""
    if not identity.is_operator:
        raise Forbidden("This is for those who run the installation: admins of the organisation public.")


class Authenticator:
    """Finds out who sends a request.

    `verify` says whom an access token stands for, or raises Unauthenticated. `version_of` is the
    version of a user's stream, 0 where the log knows no such user.
    """

    def __init__(self, verify: Callable[[bytes], Identity], version_of: Callable[[str], Awaitable[int]]) -> None:
        self._verify = verify
        self._version_of = version_of
        self._known: OrderedDict[str, int] = OrderedDict()

    async def authorise(self, scope: Any, required: Access) -> Identity:
        """The sender of the request with this ASGI scope, if they have the `required` access.

        Raises Unauthenticated, Forbidden and LogUnavailable.
        """
        identity = self.identify(scope)
        if self._known.get(identity.user, 0) < identity.version:
            await self._require_known(identity)
        if identity.access < required:
            raise Forbidden(f"This needs the role {required.name.lower()}; yours is {identity.role}.")
        return identity

    async def _require_known(self, identity: Identity) -> None:
        # A log that was restored from a backup may know nothing of a user, or less than the token's maker did.
        version = await self._version_of(identity.user)
        if version < identity.version:
            raise Unauthenticated("The access token is of a user that is not known here; sign in again.")
        self._known[identity.user] = version
        self._known.move_to_end(identity.user)
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)

    def identify(self, scope: Any) -> Identity:
        """The bearer of the request's token. Raises Unauthenticated."""
        for name, value in scope["headers"]:
            if name == b"authorization":
                scheme, _, token = value.partition(b" ")
                if scheme.lower() != b"bearer" or not token:
                    raise Unauthenticated("The header Authorization must be `Bearer` and an access token.")
                return self._verify(token)
        raise Unauthenticated("The header Authorization is missing.")
