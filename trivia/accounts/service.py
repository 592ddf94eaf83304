"""Profiles, invitations, and the erasure of users.

Erasure has four steps, in this order, so that it can be resumed after a crash between any two:

1. the erasure is noted beside the keys (`subjects_leaving`);
2. one append: SubjectForgotten, and EmailReleased where there is an address. From here on no login,
   refresh or `/me` finds the user;
3. access tokens are revoked: here at once, in other processes when they read the event, in later
   ones when they start;
4. the key is deleted and the note removed.

Each process looks at the notes when it starts and every minute. Where step 2 was done it does step
4; where it was not, the user stays, and nothing was promised to them. Families of refresh tokens
are not written to: using one of their tokens ends the family.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog
from msgspec import UNSET, Struct, UnsetType

from events.encryption import SubjectKeys, SubjectUnknown
from events.log import NO_STREAM, Context, EventLog, LogUnavailable, RecordedEvent, StreamMoved, StreamWrite
from events.log_time import position_at
from events.registry import Event, type_names
from events.retry import retry_on_conflict
from events.vocabulary.accounts import (
    PUBLIC_ORG,
    EmailReleased,
    FirstAdminInvited,
    InvitationMade,
    PasswordChanged,
    ProfileChanged,
    Role,
    RoleChanged,
    SubjectForgotten,
)
from events.vocabulary.decoding import Decoded, decode
from projections.engine.store import ReadModels
from projections.models.accounts import ACCOUNTS
from projections.models.invitations import INVITATIONS
from trivia.accounts.credentials import Credentials
from trivia.accounts.decide import (
    FIRST_INVITATION_SECONDS,
    GONE,
    Invitation,
    User,
    forget,
    is_good,
    present,
    reserve,
    revoke_invitation,
)
from trivia.accounts.joining import Joining, Profile
from trivia.accounts.logins import Logins
from trivia.accounts.streams import INSTALLATION, Streams, invitation_id, invitation_stream, user_stream
from trivia.accounts.tokens import CLOCK_SKEW_SECONDS, MAX_TOKEN_SECONDS, Tokens
from trivia.http.access import Identity, context_of
from trivia.http.problems import FieldError, Unauthenticated, Unprocessable

RESUME_SECONDS: Final = 60.0
GUESTS_AT_ONCE: Final = 100
"""Guests that are erased in one round: each costs a few commits."""
REVOKING: Final[tuple[type[Event], ...]] = (SubjectForgotten, RoleChanged, PasswordChanged)
"""Events that revoke access tokens issued before them; call `Accounts.notice` for each."""

_CODE_BYTES: Final = 24
_PAGE: Final = 1_000

_OLD_GUESTS: Final = f"""
SELECT user_id FROM {ACCOUNTS.name} WHERE kind = 'guest' AND created_at < $1 ORDER BY created_at LIMIT $2"""
_INVITATIONS: Final = f"""
SELECT invitation, position FROM {INVITATIONS.name} WHERE org = $1 AND position < $2
ORDER BY position DESC LIMIT $3"""

_log = structlog.get_logger("trivia.accounts")


class Changes(Struct, frozen=True):
    """What a user wants changed.

    `password` is the present one, without which neither address nor password changes.
    """

    name: str | UnsetType | None = UNSET
    age: int | UnsetType | None = UNSET
    nickname: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    new_password: str | UnsetType = UNSET
    password: str | None = None


class Known(NamedTuple):
    """A user and their profile; `position` is that of the last event this call appended, else 0."""

    user: User
    profile: Profile
    position: int = 0


class Invited(NamedTuple):
    """An invitation: its code is returned once and not stored.

    `expires_at` in seconds since 1970.
    """

    code: str
    id: str
    org: str
    role: Role
    expires_at: int | None
    position: int


class Listed(NamedTuple):
    """An invitation with its id."""

    id: str
    invitation: Invitation


class Accounts:
    """Profiles, invitations and erasure. See also `joining`, `logins` and `administration`."""

    def __init__(
        self,
        log: EventLog,
        models: ReadModels,
        keys: SubjectKeys,
        tokens: Tokens,
        credentials: Credentials,
        joining: Joining,
        logins: Logins,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._log = log
        self._models = models
        self._keys = keys
        self._tokens = tokens
        self._credentials = credentials
        self._streams = Streams(log)
        self._clock = clock
        self.joining = joining
        self.logins = logins

    # What is known of a user

    async def known(self, user: str) -> Known:
        """The user and their profile. Raises Unauthenticated when they are forgotten."""
        current = present(await self._streams.user(user))
        return Known(current, await self._profile(current))

    async def _profile(self, user: User) -> Profile:
        profile = await self._keys.decrypt(user.id, user.encrypted)
        if profile is None:
            raise Unauthenticated(GONE)
        return profile

    async def _encrypt(self, user: User, profile: Profile) -> str:
        try:
            return await self._keys.encrypt(user.id, profile)
        except SubjectUnknown:
            raise Unauthenticated(GONE) from None

    async def change(
        self, identity: Identity, changes: Changes, request_id: str | None = None, client: str = ""
    ) -> Known:
        """Change what is known of a user. A new password ends all logins and tokens.

        Raises Unprocessable, which names every field at fault, and Conflicting for an address that
        is taken.
        """
        user = present(await self._streams.user(identity.user))
        await self._check_changes(user, changes, client)
        fresh = None if changes.new_password is UNSET else await self._credentials.hash(changes.new_password, client)

        async def attempt() -> Known:
            current = present(await self._streams.user(identity.user))
            if current.password != user.password:
                await self._check_changes(current, changes, client)
            profile = await self._profile(current)
            renewed = profile | _given(changes)
            events: list[Event] = []
            writes: list[StreamWrite] = []
            if renewed != profile:
                moved_to, writes = await self._move(current, profile.get("email"), renewed.get("email"))
                events.append(ProfileChanged(await self._encrypt(current, renewed), moved_to))
            if fresh is not None:
                events.append(PasswordChanged(await self._credentials.encrypt(current.id, fresh)))
            if not events:
                return Known(current, profile)
            stored = await self._log.append(
                [StreamWrite(user_stream(current.id), current.version, events), *writes],
                context=context_of(identity, request_id),
            )
            if fresh is not None:
                self._tokens.revoke(current.id, current.version + len(events))
            return Known(current, renewed, stored.last)

        return await retry_on_conflict(attempt)

    async def _check_changes(self, user: User, changes: Changes, client: str) -> None:
        guest = user.kind == "guest"
        foreign = {"name", "age", "email", "new_password", "password"} if guest else {"nickname"}
        faults = [
            FieldError(name, f"{'a guest' if guest else 'an account'} has none")
            for name in changes.__struct_fields__
            if name in foreign and getattr(changes, name) not in (UNSET, None)
        ]
        sensitive = changes.email is not UNSET or changes.new_password is not UNSET
        if not faults and sensitive and not await self._is_password(user, changes.password or "", client):
            faults = [FieldError("password", "must be the present password for changing the address or the password")]
        if faults:
            raise Unprocessable("This cannot be changed so.", errors=faults)

    async def _is_password(self, user: User, password: str, client: str) -> bool:
        async def load() -> User:
            return user

        # The same account as at a login, so that who is slowed down there is not helped here.
        return await self._credentials.guess(user.email_stream or user.id, password, client, load) is not None

    async def _move(self, user: User, old: str | None, new: str | None) -> tuple[str | None, list[StreamWrite]]:
        """The writes of a changed address: the new reservation, and the release of the old one."""
        if new is None or new == old:
            return None, []
        stream = await self.joining.email_stream(new)
        if stream == user.email_stream:
            return None, []
        holder, version = await self._streams.holder(stream)
        return stream, [StreamWrite(stream, version, [reserve(holder, user.id)]), *await self._release(user)]

    async def _release(self, user: User) -> list[StreamWrite]:
        if user.email_stream is None:
            return []
        _, version = await self._streams.holder(user.email_stream)
        return [StreamWrite(user.email_stream, version, [EmailReleased(user.id)])]

    # Forgetting

    async def erase(self, user: str, context: Context) -> int:
        """Forget a user, as the module says; the position of the event.

        Raises Unauthenticated when there is none.
        """
        present(await self._streams.user(user))
        await self._keys.begin_forgetting(user)

        async def attempt() -> tuple[int, int]:
            current = present(await self._streams.user(user))
            stored = await self._log.append(
                [StreamWrite(user_stream(user), current.version, [forget(current)]), *await self._release(current)],
                context=context,
            )
            return stored.last, current.version + 1

        position, version = await retry_on_conflict(attempt)
        self._tokens.revoke(user, version)
        await self._keys.forget(user)
        return position

    async def finish_erasures(self) -> int:
        """Destroy the keys of those whose erasure was recorded but not carried out; how many."""
        finished = 0
        for subject in await self._keys.half_forgotten():
            user = await self._streams.user(subject)
            if user is not None and user.forgotten:
                await self._keys.forget(subject)
                finished += 1
        return finished

    async def forget_guests(self) -> int:
        """Erase guests whose access token can no longer be good, some at a time; how many.

        Nobody else does: without the token a guest cannot ask for it. Expiry is measured by the
        time of the log's last event, so that a wrong clock of this process erases nobody too early.
        """
        head = await self._log.head()
        if not head:
            return 0
        (last,) = await self._log.read(head - 1, limit=1)
        before = last.recorded_at - (MAX_TOKEN_SECONDS + CLOCK_SKEW_SECONDS) * 1_000_000
        forgotten = 0
        for (guest,) in await self._models.fetch(_OLD_GUESTS, before, GUESTS_AT_ONCE):
            # Another process may have been faster.
            with contextlib.suppress(Unauthenticated):
                await self.erase(guest, Context(PUBLIC_ORG))
                forgotten += 1
        return forgotten

    # Staying right while other processes change things

    def notice(self, decoded: Decoded) -> None:
        """Apply an event of REVOKING: refuse older tokens, drop an erased key from the cache."""
        match decoded.event:
            case SubjectForgotten(user):
                self._keys.drop(user)
            case PasswordChanged(rehashed=True):
                return
            case _:
                user = decoded.recorded.stream.removeprefix(user_stream(""))
        self._tokens.revoke(user, decoded.recorded.version)

    def notice_unreadable(self, recorded: RecordedEvent) -> None:
        """Revoke the user's tokens as well where an event of REVOKING cannot be read."""
        self._tokens.revoke(recorded.stream.removeprefix(user_stream("")), recorded.version)

    async def prepare(self, notice: Callable[[RecordedEvent], None] | None = None) -> None:
        """Before the first request: finish interrupted erasures, load revocations in force.

        Each event of REVOKING is given to `notice`.
        """
        notice = notice or (lambda recorded: self.notice(decode(recorded)))
        await self.finish_erasures()
        horizon = int((self._clock() - MAX_TOKEN_SECONDS) * 1_000_000)
        position = await position_at(self._log, horizon)
        types = type_names(REVOKING)
        while events := await self._log.read(position, limit=_PAGE, types=types):
            for recorded in events:
                notice(recorded)
            position = events[-1].position

    async def run(self) -> None:
        """Look for erasures to finish, every minute, until cancelled."""
        while True:
            await asyncio.sleep(RESUME_SECONDS)
            try:
                await self.finish_erasures()
            except LogUnavailable as error:
                _log.warning("erasures_delayed", reason=str(error))

    async def run_forgetting_guests(self) -> None:
        """Erase guests whose time is over, every minute, until cancelled."""
        while True:
            await asyncio.sleep(RESUME_SECONDS)
            try:
                if forgotten := await self.forget_guests():
                    _log.info("guests_erased", count=forgotten)
            except (LogUnavailable, StreamMoved) as error:
                _log.warning("erasures_delayed", reason=str(error))

    # Invitations

    async def invite(
        self, identity: Identity, role: Role, expires_at: int | None, request_id: str | None = None
    ) -> Invited:
        """Make an invitation into the caller's own organisation.

        It is valid for as long as the caller is an admin there.
        """
        code = secrets.token_urlsafe(_CODE_BYTES)
        invitation = invitation_id(code)
        made = InvitationMade(identity.org, role, expires_at)
        stored = await self._log.append(
            [StreamWrite(invitation_stream(invitation), NO_STREAM, [made])], context=context_of(identity, request_id)
        )
        return Invited(code, invitation, identity.org, role, expires_at, stored.last)

    async def invitations(self, org: str, before: int, limit: int) -> tuple[list[Listed], int | None]:
        """A page of the invitations into an organisation that can be used, the latest first.

        Those made before position `before`; the second value is where the next page begins. Raises
        LogUnavailable.
        """
        rows = await self._models.fetch(_INVITATIONS, org, before, limit)
        listed = []
        for invitation, _ in rows:
            found = await self._streams.invitation(invitation)
            if found is not None and is_good(found, await self._streams.giver(found), self._clock()):
                listed.append(Listed(invitation, found))
        return listed, rows[-1][1] if len(rows) == limit else None

    async def revoke_invitation(self, identity: Identity, invitation: str, request_id: str | None = None) -> int:
        """Take back an invitation into the caller's organisation; the event's position.

        Raises NotFound, and Conflicting for one that was used or revoked before.
        """

        async def attempt() -> int:
            found = await self._streams.invitation(invitation)
            revoked = revoke_invitation(found, identity.org)
            version = found.version if found else NO_STREAM
            write = StreamWrite(invitation_stream(invitation), version, [revoked])
            return (await self._log.append([write], context=context_of(identity, request_id))).last

        return await retry_on_conflict(attempt)

    async def ensure_first_admin(self) -> str | None:
        """The invitation code of the first admin, once for a fresh installation; None after that.

        It ends after a week, and as soon as there is an admin. If it is lost, `trivia users create
        --role admin` makes an admin without it.
        """
        code = secrets.token_urlsafe(_CODE_BYTES)
        stream = invitation_stream(invitation_id(code))
        expires_at = int(self._clock()) + FIRST_INVITATION_SECONDS
        try:
            await self._log.append(
                [
                    StreamWrite(INSTALLATION, NO_STREAM, [FirstAdminInvited(stream)]),
                    StreamWrite(stream, NO_STREAM, [InvitationMade(PUBLIC_ORG, "admin", expires_at)]),
                ]
            )
        except StreamMoved:
            return None
        return code


def _given(changes: Changes) -> Profile:
    """What a change says of the profile."""
    given = {"name": changes.name, "age": changes.age, "nickname": changes.nickname, "email": changes.email}
    return {name: value for name, value in given.items() if value is not UNSET}
