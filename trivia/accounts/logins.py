"""Signing in, staying signed in, signing out."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
import structlog

from events.encryption import SubjectKeys
from events.ids import uuid7
from events.log import Context, EventLog, Guard, StreamMoved, StreamWrite
from events.retry import retry_on_conflict
from events.vocabulary.accounts import LoginEnded, LoginRefreshed, LoginStarted, PasswordChanged
from trivia.accounts.addresses import AddressInvalid, email_stream
from trivia.accounts.credentials import Credentials
from trivia.accounts.decide import GONE, Shown, User, genuine, present, refresh, refused
from trivia.accounts.streams import Streams, digest, login_stream, user_stream
from trivia.accounts.tokens import Bearer, Tokens
from trivia.http.problems import Unauthenticated
from trivia.settings import Settings

_SECONDS_A_DAY: Final = 86_400
_MAX_GENERATION_DIGITS: Final = 9
_WRONG: Final = "The e-mail address or the password is wrong."

_log = structlog.get_logger("trivia.accounts")


class SignedIn(NamedTuple):
    """A user with what they need to be known again.

    `position` is that of the last event; guests have no refresh token.
    """

    user: User
    profile: dict[str, object]
    access_token: str
    expires_in: int
    refresh_token: str | None
    position: int


class Started(NamedTuple):
    """A family about to be appended: what to write, and the token it begins with."""

    write: StreamWrite
    refresh_token: str


class Logins:
    """Passwords become tokens, tokens become fresh tokens."""

    def __init__(
        self,
        log: EventLog,
        keys: SubjectKeys,
        tokens: Tokens,
        credentials: Credentials,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._log = log
        self._streams = Streams(log)
        self._keys = keys
        self._tokens = tokens
        self._credentials = credentials
        self._settings = settings
        self._clock = clock

    async def sign_in(self, email: str, password: str, client: str, request_id: str | None = None) -> SignedIn:
        """Sign in with an e-mail address and a password.

        Raises Unauthenticated and TooManyRequests.

        Words and timing do not depend on whether the address is known.
        """
        try:
            stream = email_stream(await self._keys.installation_key(), email)
        except AddressInvalid:
            stream = f"invalid {digest(email)}"
        user = await self._credentials.guess(stream, password, client, lambda: self._find(stream))
        if user is None:
            raise Unauthenticated(_WRONG)
        return await self._begin(await self._rehash(user, password, client), password, request_id)

    async def _find(self, stream: str) -> User | None:
        holder, _ = await self._streams.holder(stream)
        # Asked for even where there is no holder, so that both ways cost the same.
        return await self._streams.user(holder or "nobody")

    async def _rehash(self, user: User, password: str, client: str) -> User:
        if not await self._credentials.is_outdated(user):
            return user
        hashed = await self._credentials.hash(password, client)
        changed = PasswordChanged(await self._credentials.encrypt(user.id, hashed), rehashed=True)
        try:
            await self._log.append(
                [StreamWrite(user_stream(user.id), user.version, [changed])], context=Context(user.org, user.id)
            )
        except StreamMoved:
            # Another change came first; the next login rehashes.
            return user
        return msgspec.structs.replace(user, password=changed.password)

    async def _begin(self, user: User, password: str, request_id: str | None) -> SignedIn:
        async def attempt() -> SignedIn:
            current = present(await self._streams.user(user.id))
            if current.password != user.password and not await self._credentials.verify(current, password):
                # What was checked is not the password any more.
                raise Unauthenticated(_WRONG)
            started = self.start(current.id)
            stored = await self._log.append(
                [started.write],
                guards=[Guard(user_stream(current.id), current.version)],
                context=Context(current.org, current.id, request_id),
            )
            return await self.signed_in(current, started.refresh_token, stored.last)

        return await retry_on_conflict(attempt)

    def start(self, user: str) -> Started:
        """A new family of refresh tokens, to be appended by the caller."""
        login = uuid7()
        token = self._make(login, 1)
        expires_at = int(self._clock()) + self._settings.refresh_token_days * _SECONDS_A_DAY
        event = LoginStarted(user, digest(token), expires_at)
        return Started(StreamWrite(login_stream(login), 0, [event]), token)

    async def signed_in(self, user: User, refresh_token: str | None, position: int) -> SignedIn:
        """Make the access token for a user.

        Raises Unauthenticated when they were forgotten meanwhile.
        """
        profile = await self._keys.decrypt(user.id, user.encrypted)
        if profile is None:
            raise Unauthenticated(GONE)
        guest = user.kind == "guest"
        seconds = self._settings.guest_token_seconds if guest else self._settings.access_token_seconds
        token = self._tokens.issue(bearer_of(user, profile), seconds)
        return SignedIn(user, profile, token, seconds, refresh_token, position)

    async def refresh(self, refresh_token: str, request_id: str | None = None) -> SignedIn:
        """Exchange a refresh token for the next one.

        Sent again within REPEAT_SECONDS, it gets the same one; later it ends its family. Raises
        Unauthenticated.
        """
        shown = _read(refresh_token)

        async def attempt() -> SignedIn:
            login = genuine(await self._streams.login(shown), shown)
            user = await self._streams.user(login.user)
            fresh = self._make(shown.login, shown.generation + 1)
            event = refresh(login, user, shown, digest(fresh), self._clock())
            if event is None:
                return await self.signed_in(present(user), fresh, login.position)
            stored = await self._log.append(
                [StreamWrite(login_stream(shown.login), login.version, [event])],
                guards=[Guard(user_stream(login.user), user.version)] if user else [],
                context=Context(user.org if user else None, login.user, request_id),
            )
            if isinstance(event, LoginRefreshed):
                return await self.signed_in(present(user), fresh, stored.last)
            _log.info("login_ended", user=login.user, reason=event.reason)
            raise refused()

        return await retry_on_conflict(attempt)

    def _make(self, login: str, generation: int) -> str:
        """A refresh token: which family, which of its tokens, and a secret."""
        return f"{login}.{generation}.{self._tokens.refresh_secret(login, generation)}"

    async def sign_out(self, refresh_token: str, request_id: str | None = None) -> int:
        """End the family of a refresh token; the event's position.

        One that is not genuine, or has ended already, ends nothing: 0.
        """
        try:
            shown = _read(refresh_token)
        except Unauthenticated:
            return 0

        async def attempt() -> int:
            try:
                login = genuine(await self._streams.login(shown), shown)
            except Unauthenticated:
                return 0
            ended = await self._log.append(
                [StreamWrite(login_stream(shown.login), login.version, [LoginEnded("logout")])],
                context=Context(actor=login.user, correlation_id=request_id),
            )
            return ended.last

        return await retry_on_conflict(attempt)


def bearer_of(user: User, profile: dict[str, object]) -> Bearer:
    """Whom to make a token for."""
    email = profile.get("email")
    return Bearer(user.id, user.org, user.role, user.version, email if isinstance(email, str) else None)


def _read(token: str) -> Shown:
    login, _, rest = token.partition(".")
    generation, _, secret = rest.partition(".")
    if not (login and secret and token.isascii() and token.isprintable() and generation.isdecimal()):
        raise refused()
    if len(generation) > _MAX_GENERATION_DIGITS or len(login_stream(login)) > 100:  # noqa: PLR2004 - ours are shorter by far
        raise refused()
    return Shown(login, int(generation), digest(token))
