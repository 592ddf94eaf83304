"""Callers of every role, and callers whose token is missing or not valid."""

import time

import jwt

from events.ids import uuid7
from tests.support.accounts import Player
from tests.support.live import LiveServer
from trivia.accounts.tokens import Bearer, Tokens
from trivia.http.access import Access
from trivia.http.problems import Unauthenticated

UNAUTHENTICATED = ("anonymous", "expired", "forged", "unsigned", "garbled", "revoked", "other scheme")
ROLES = {"player": Access.PLAYER, "host": Access.HOST, "admin": Access.ADMIN}


class Callers:
    """The headers of requests by a role, or by one of UNAUTHENTICATED."""

    def __init__(self, server: LiveServer) -> None:
        self._server = server
        self._users: dict[str, Player] = {}

    def headers(self, who: str) -> dict[str, str]:
        match who:
            case "anonymous":
                return {}
            case "other scheme":
                return {"Authorization": "Basic YWRhOmFkYQ=="}
            case "expired" | "forged" | "unsigned" | "garbled" | "revoked":
                return {"Authorization": f"Bearer {self._bad_token(who)}"}
            case _:
                return self.user(who).headers

    def user(self, role: str) -> Player:
        """Somebody of this role, made again once a request has ended their account."""
        if role not in self._users or not self._is_signed_in(self._users[role]):
            self._users[role] = self._server.make(role)
        return self._users[role]

    def _is_signed_in(self, user: Player) -> bool:
        try:
            self._server.services.tokens.verify(user.token.encode())
        except Unauthenticated:
            return False
        return True

    def replace(self, role: str) -> None:
        """The next request of this role is made by somebody new."""
        self._users.pop(role, None)

    def _bad_token(self, who: str) -> str:
        key = str(self._server.settings.secret_key).encode()
        bearer = Bearer(uuid7(), "public", "admin", 1)
        if who == "expired":
            return Tokens(key, clock=lambda: time.time() - 7200).issue(bearer, 3600)
        if who == "revoked":
            self._server.services.tokens.revoke(bearer.user, bearer.version + 1)
            return Tokens(key).issue(bearer, 3600)
        good = Tokens(key).issue(bearer, 3600)
        if who == "forged":
            return Tokens(bytes(reversed(key))).issue(bearer, 3600)
        if who == "unsigned":
            return jwt.encode(jwt.decode(good, options={"verify_signature": False}), None, algorithm="none")
        return good[:-20]
