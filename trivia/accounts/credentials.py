"""Passwords as events hold them: Argon2id hashes, encrypted with the user's own key.

So erasing a user takes the hash away as well, and an export without keys holds none. Events from
before hashes were encrypted hold them in the clear, and are read as they are.
"""

from typing import Final

from events.encryption import SubjectKeys, SubjectUnknown
from trivia.accounts.decide import GONE, User
from trivia.accounts.passwords import Passwords
from trivia.http.problems import Unauthenticated

_CLEAR: Final = "$argon2"
_NOBODY: Final = "nobody"


class Credentials:
    """Makes and verifies what is stored of a user's password."""

    def __init__(self, keys: SubjectKeys, passwords: Passwords) -> None:
        self._keys = keys
        self._passwords = passwords

    async def hash(self, password: str) -> str:
        """The hash to encrypt. Raises TooManyRequests when too many wait."""
        return await self._passwords.hash(password)

    async def encrypt(self, user: str, hashed: str) -> str:
        """The hash as an event is to hold it. Raises Unauthenticated when the user was erased."""
        try:
            return await self._keys.encrypt(user, {"password": hashed})
        except SubjectUnknown:
            raise Unauthenticated(GONE) from None

    async def verify(self, user: User | None, password: str) -> bool:
        """Whether this is the user's password; takes as long where there is no user.

        Raises TooManyRequests when too many wait.
        """
        return await self._passwords.verify(await self._hash_of(user), password)

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
