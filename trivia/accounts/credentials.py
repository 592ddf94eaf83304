"""Passwords as events hold them: Argon2id hashes, encrypted with the user's own key.

So erasing a user takes the hash away as well, and an export without keys holds none. Events from
before hashes were encrypted hold them in the clear, and are read as they are.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from events.encryption import SubjectKeys, SubjectUnknown
from trivia.accounts.decide import GONE, User
from trivia.accounts.passwords import Passwords
from trivia.accounts.throttle import PasswordThrottle, Throttle
from trivia.http.problems import TooManyRequests, Unauthenticated

_CLEAR: Final = "$argon2"
_NOBODY: Final = "nobody"

_log = structlog.get_logger("trivia.accounts")


class Credentials:
    """Makes and verifies what is stored of a user's password."""

    def __init__(self, keys: SubjectKeys, passwords: Passwords, throttle: Throttle | None = None) -> None:
        self._keys = keys
        self._passwords = passwords
        self._throttle = PasswordThrottle(throttle or Throttle())

    async def hash(self, password: str, client: str = "") -> str:
        """The hash to encrypt, for the client at this address.

        Raises TooManyRequests when too many wait.
        """
        return await self._passwords.hash(password, client)

    async def encrypt(self, user: str, hashed: str) -> str:
        """The hash as an event is to hold it. Raises Unauthenticated when the user was erased."""
        try:
            return await self._keys.encrypt(user, {"password": hashed})
        except SubjectUnknown:
            raise Unauthenticated(GONE) from None

    async def guess(
        self, account: str, password: str, client: str, load: Callable[[], Awaitable[User | None]]
    ) -> User | None:
        """The user that `load` finds for an account, if this is their password, else None.

        Failures delay further attempts. Raises TooManyRequests.
        """
        # What is no address stands under its hash, which is not for the service's log.
        named = account.partition(" ")[0]
        try:
            attempt = self._throttle.admit(account, client)
        except TooManyRequests:
            _log.warning("login_throttled", account=named)
            raise
        try:
            user = await load()
            verified = await self.verify(user, password, client)
        except TooManyRequests:
            attempt.withdraw()
            _log.warning("login_refused", reason="too many wait", account=named)
            raise
        if not verified:
            attempt.fail()
            _log.info("login_failed", account=named, user=user.id if user else None)
            return None
        attempt.succeed()
        return user

    async def verify(self, user: User | None, password: str, client: str = "") -> bool:
        """Whether this is the user's password; takes as long where there is no user.

        Raises TooManyRequests when too many wait.
        """
        return await self._passwords.verify(await self._hash_of(user), password, client)

    async def is_outdated(self, user: User) -> bool:
        """Whether the hash was made with other parameters than today's."""
        hashed = await self._hash_of(user)
        return hashed is not None and self._passwords.is_outdated(hashed)

    async def _hash_of(self, user: User | None) -> str | None:
        stored = None if user is None or user.forgotten else user.password
        if stored is not None and stored.startswith(_CLEAR):
            return stored
        # The key is looked for even where there is none, so that both ways cost the same.
        fields = await self._keys.decrypt(user.id if user and stored else _NOBODY, stored or "")
        return None if fields is None else str(fields["password"])
