"""Access tokens: JSON Web Tokens (RFC 7519), signed with HMAC-SHA-256.

A token says who its bearer is and nothing else is looked up, so what it says must stop being
believed when it stops being true. Every token carries in `ver` the version its user's stream had:
`revoke` refuses the tokens made before a given version, without comparing clocks.
"""

import base64
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal

import jwt
import msgspec
from msgspec import Meta

from events.ids import uuid7
from events.vocabulary.accounts import Role
from trivia.http.access import Identity
from trivia.http.problems import Unauthenticated
from trivia.platform.key_files import read_or_make
from trivia.settings import SettingsError

ISSUER: Final = "trivia"
MAX_TOKEN_BYTES: Final = 4_096
MAX_TOKEN_SECONDS: Final = 86_400
"""No token is good for longer, so a revocation need not be remembered for longer."""
CLOCK_SKEW_SECONDS: Final = 30
"""How far ahead the clock of another process that signs may be."""
CACHED_TOKENS: Final = 20_000

_ALGORITHM = "HS256"
_KEY_FILE = "secret_key"
_KEY_BYTES = 32

_Text = Annotated[str, Meta(min_length=1, max_length=300)]
_Moment = Annotated[int, Meta(ge=0, le=2**53)]


class Claims(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is in a token. Times are in seconds since 1970; guests have no `email`."""

    iss: Literal["trivia"]
    sub: _Text
    org_id: _Text
    role: Role
    iat: _Moment
    exp: _Moment
    jti: _Text
    ver: Annotated[int, Meta(ge=1, le=2**53)]
    email: _Text | None = None
    nbf: _Moment | None = None


class Bearer(msgspec.Struct, frozen=True):
    """Whom a token is made for. `version` is that of the user's stream."""

    user: str
    org: str
    role: Role
    version: int
    email: str | None = None


class Tokens:
    """Signs and verifies.

    Verified tokens are remembered by their bytes, so that one used again costs a look into a dict.
    """

    def __init__(self, key: bytes, *, clock: Callable[[], float] = time.time, cached: int = CACHED_TOKENS) -> None:
        if len(key) < _KEY_BYTES:
            raise ValueError(f"the key that signs tokens has at least {_KEY_BYTES} bytes")
        self._key = key
        self._clock = clock
        self._cached = cached
        self._verified: OrderedDict[bytes, Identity] = OrderedDict()
        self._revoked: dict[str, tuple[int, float]] = {}
        self._jwt = jwt.PyJWT()

    def issue(self, bearer: Bearer, seconds: int) -> str:
        """A token good for so many seconds, MAX_TOKEN_SECONDS at most."""
        if not 0 < seconds <= MAX_TOKEN_SECONDS:
            raise ValueError(f"a token is good for 1 to {MAX_TOKEN_SECONDS} seconds")
        now = int(self._clock())
        claims = Claims(
            iss=ISSUER,
            sub=bearer.user,
            org_id=bearer.org,
            role=bearer.role,
            iat=now,
            exp=now + seconds,
            jti=uuid7(),
            ver=bearer.version,
            email=bearer.email,
        )
        return self._jwt.encode(msgspec.to_builtins(claims), self._key, _ALGORITHM)

    def verify(self, token: bytes) -> Identity:
        """Whom the token stands for. Raises Unauthenticated."""
        identity = self._verified.get(token)
        if identity is None:
            identity = self._examine(token)
            self._verified[token] = identity
            if len(self._verified) > self._cached:
                self._verified.popitem(last=False)
        elif identity.expires_at <= self._clock():
            del self._verified[token]
            raise Unauthenticated("The access token has expired.")
        else:
            self._verified.move_to_end(token)
        return identity

    def _examine(self, token: bytes) -> Identity:
        if len(token) > MAX_TOKEN_BYTES:
            raise Unauthenticated("The access token is not valid.")
        try:
            # Times are checked below, by the clock that issued them and after their types.
            raw = self._jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
            claims = msgspec.convert(raw, Claims)
        except (jwt.PyJWTError, msgspec.ValidationError, UnicodeError, ValueError, RecursionError):
            # Neither says which it was: that would help nobody but a forger.
            raise Unauthenticated("The access token is not valid.") from None
        now = self._clock()
        if claims.exp <= now:
            raise Unauthenticated("The access token has expired.")
        if max(claims.iat, claims.nbf or 0) > now + CLOCK_SKEW_SECONDS or claims.exp - claims.iat > MAX_TOKEN_SECONDS:
            raise Unauthenticated("The access token is not valid.")
        version, _ = self._revoked.get(claims.sub, (0, 0.0))
        if claims.ver < version:
            raise Unauthenticated("The access token was revoked; sign in again.")
        return Identity(claims.sub, claims.org_id, claims.role, claims.exp, claims.email, claims.ver)

    def refresh_secret(self, login: str, generation: int) -> str:
        """The secret part of a refresh token: 256 bits in base64url.

        Derived from the key, so that the same token can be given again without being stored.
        """
        # No JSON Web Token has a NUL in what is signed, so neither signature stands for the other.
        mac = hmac.new(self._key, f"refresh-token\0{login}\0{generation}".encode(), sha256)
        return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()

    def revoke(self, user: str, before: int) -> None:
        """Refuse the user's tokens made when their stream was at a version below `before`."""
        now = self._clock()
        known, _ = self._revoked.pop(user, (0, 0.0))
        self._revoked[user] = (max(known, before), now + MAX_TOKEN_SECONDS)
        for token in [token for token, identity in self._verified.items() if identity.user == user]:
            del self._verified[token]
        # The oldest come first; once every token made before one has expired, it has done its work.
        for name, (_, until) in list(self._revoked.items()):
            if until > now:
                break
            del self._revoked[name]


def load_key(secret: str | None, directory: Path) -> bytes:
    """The key that signs tokens: the setting's, else of `directory`/secret_key, made if missing.

    Raises SettingsError when the file cannot be made or read, or holds no key.
    """
    if secret is not None:
        return secret.encode()
    path = directory / _KEY_FILE
    try:
        key = read_or_make(path, lambda: secrets.token_urlsafe(_KEY_BYTES))
    except OSError as error:
        raise SettingsError(f"the key that signs access tokens: {error}") from error
    if len(key) < _KEY_BYTES:
        raise SettingsError(f"{path} holds no key of at least {_KEY_BYTES} bytes; delete it to have a new one made")
    return key
