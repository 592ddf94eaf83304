"""How users come to be: by registering, by invitation, as guests, and made by an operator."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from events.encryption import SubjectKeys
from events.ids import uuid7
from events.log import NO_STREAM, Context, EventLog, Guard, StreamMoved, StreamWrite
from events.retry import retry_on_conflict
from events.vocabulary.accounts import PUBLIC_ORG, GuestJoined, Role, UserRegistered
from trivia.accounts.addresses import AddressInvalid, email_stream
from trivia.accounts.credentials import Credentials
from trivia.accounts.decide import User, present, reserve, use_invitation
from trivia.accounts.logins import Logins, SignedIn
from trivia.accounts.streams import Streams, invitation_id, invitation_stream, user_stream
from trivia.http.problems import FieldError, Problem, Unprocessable

Profile = dict[str, Any]
"""What is encrypted of a user: `{email, name, age}`, or `{nickname}` of a guest."""

_T = TypeVar("_T")


class Registration(msgspec.Struct, frozen=True):
    """What is said of someone who is to have an account."""

    email: str
    password: str
    name: str | None = None
    age: int | None = None

    def profile(self) -> Profile:
        """What is encrypted of it."""
        return {"email": self.email, "name": self.name, "age": self.age}


class Terms(NamedTuple):
    """On what terms an account is made, and what is to be written along with it."""

    org: str
    role: Role
    writes: list[StreamWrite]
    guards: Sequence[Guard] = ()


class Joining:
    """Makes users.

    Each is one append, so that an address is reserved and an invitation spent exactly when the user
    comes to be.
    """

    def __init__(
        self,
        log: EventLog,
        keys: SubjectKeys,
        credentials: Credentials,
        logins: Logins,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._log = log
        self._keys = keys
        self._credentials = credentials
        self._logins = logins
        self._streams = Streams(log)
        self._clock = clock

    async def register(
        self, registration: Registration, invite: str | None = None, request_id: str | None = None, client: str = ""
    ) -> SignedIn:
        """Make an account and sign it in.

        Raises Conflicting for an address that is taken, Unprocessable for a bad invitation.
        """
        user = uuid7()
        await self._terms(invite, user)
        started = self._logins.start(user)

        async def terms() -> Terms:
            terms = await self._terms(invite, user)
            return terms._replace(writes=[*terms.writes, started.write])

        context = Context(actor=user, correlation_id=request_id)
        made, position = await self._add(user, registration, terms, context, client)
        return await self._logins.signed_in(made, started.refresh_token, position)

    async def _terms(self, invite: str | None, user: str) -> Terms:
        if invite is None:
            return Terms(PUBLIC_ORG, "player", [])
        found = await self._streams.invitation(invitation_id(invite))
        giver = await self._streams.giver(found)
        invitation, used = use_invitation(found, giver, user, self._clock())
        stream = invitation_stream(invitation_id(invite))
        ended = [write for write in await self._admin_writes(invitation.org, invitation.role) if write.stream != stream]
        guards = [Guard(user_stream(giver.id), giver.version)] if giver else []
        return Terms(invitation.org, invitation.role, [StreamWrite(stream, invitation.version, [used]), *ended], guards)

    async def _admin_writes(self, org: str, role: Role) -> list[StreamWrite]:
        return await self._streams.end_first_invitation() if (org, role) == (PUBLIC_ORG, "admin") else []

    async def create(self, registration: Registration, org: str, role: Role, context: Context) -> User:
        """Make an account without signing it in.

        Raises Conflicting for an address that is taken, Unprocessable for a bad one.
        """

        async def terms() -> Terms:
            return Terms(org, role, await self._admin_writes(org, role))

        return (await self._add(uuid7(), registration, terms, context))[0]

    async def _add(
        self,
        user: str,
        registration: Registration,
        terms: Callable[[], Awaitable[Terms]],
        context: Context,
        client: str = "",
    ) -> tuple[User, int]:
        stream = await self.email_stream(registration.email)
        reserve((await self._streams.holder(stream))[0], user)
        hashed = await self._credentials.hash(registration.password, client)

        async def attempt(encrypted: str) -> tuple[User, int]:
            org, role, writes, guards = await terms()
            holder, version = await self._streams.holder(stream)
            password = await self._credentials.encrypt(user, hashed)
            registered = UserRegistered(user, org, role, encrypted, password, stream)
            stored = await self._log.append(
                [
                    StreamWrite(user_stream(user), NO_STREAM, [registered]),
                    StreamWrite(stream, version, [reserve(holder, user)]),
                    *writes,
                ],
                guards=guards,
                context=msgspec.structs.replace(context, org=org),
            )
            return present(await self._streams.user(user)), stored.last

        return await self._with_key(user, registration.profile(), attempt)

    async def join_as_guest(self, nickname: str, request_id: str | None = None) -> SignedIn:
        """Make a player without an account."""
        user = uuid7()

        async def attempt(encrypted: str) -> SignedIn:
            stored = await self._log.append(
                [StreamWrite(user_stream(user), NO_STREAM, [GuestJoined(user, PUBLIC_ORG, encrypted)])],
                context=Context(PUBLIC_ORG, user, request_id),
            )
            return await self._logins.signed_in(present(await self._streams.user(user)), None, stored.last)

        return await self._with_key(user, {"nickname": nickname}, attempt)

    async def _with_key(self, user: str, profile: Profile, attempt: Callable[[str], Awaitable[_T]]) -> _T:
        """Encrypt a new user's profile and make the user.

        The key is durable before the first event that needs it.
        """
        await self._keys.create(user)
        encrypted = await self._keys.encrypt(user, profile)
        try:
            return await retry_on_conflict(lambda: attempt(encrypted))
        except (Problem, StreamMoved):
            # Nothing was stored. After any other error something may have been, so the key must stay.
            await self._keys.forget(user)
            raise

    async def email_stream(self, email: str) -> str:
        """The stream that reserves an address. Raises Unprocessable."""
        try:
            return email_stream(await self._keys.installation_key(), email)
        except AddressInvalid as error:
            raise Unprocessable(
                "The e-mail address cannot be used.", errors=[FieldError("email", str(error))]
            ) from None
