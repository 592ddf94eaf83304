"""The rules of accounts: the state of a stream, and what may be appended to it.

Pure: no clock, no randomness, no I/O.

Each subject has a state, an `evolve_…` that folds one event into it, and functions that decide.
They return the events to append, or raise a Problem. What is timed or random (now, ids, hashes of
tokens) is passed in.
"""

from typing import Final, Literal

import msgspec

from events.vocabulary.accounts import (
    EmailReleased,
    EmailReserved,
    GuestJoined,
    InvitationMade,
    InvitationRevoked,
    InvitationUsed,
    LoginEnded,
    LoginRefreshed,
    LoginStarted,
    PasswordChanged,
    ProfileChanged,
    Role,
    RoleChanged,
    SubjectForgotten,
    UserRegistered,
)
from events.vocabulary.decoding import Decoded
from trivia.http.problems import Conflicting, FieldError, NotFound, Unauthenticated, Unprocessable

GONE: Final = "This user does not exist any more."
Kind = Literal["account", "guest"]


# Users


class User(msgspec.Struct, frozen=True):
    """The state of a user's stream. Guests have neither password nor e-mail address.

    `version` is the stream's; `logins_after` the position in the log from which on logins count,
    since a new password ends those begun before. `created_at` is in microseconds since 1970-01-01
    UTC.
    """

    id: str
    kind: Kind
    org: str
    role: Role
    encrypted: str
    created_at: int
    version: int
    password: str | None = None
    email_stream: str | None = None
    logins_after: int = 0
    forgotten: bool = False


def evolve_user(user: User | None, decoded: Decoded) -> User | None:  # noqa: PLR0911 - a table
    """The user after one more event of their stream."""
    recorded, event = decoded.recorded, decoded.event
    match event:
        case UserRegistered():
            return User(
                event.user,
                "account",
                event.org,
                event.role,
                event.encrypted,
                recorded.recorded_at,
                recorded.version,
                event.password,
                event.email_stream,
            )
        case GuestJoined():
            return User(
                event.user, "guest", event.org, "player", event.encrypted, recorded.recorded_at, recorded.version
            )
    if user is None:
        return None
    changed = msgspec.structs.replace(user, version=recorded.version)
    match event:
        case ProfileChanged():
            return msgspec.structs.replace(
                changed, encrypted=event.encrypted, email_stream=event.email_stream or user.email_stream
            )
        case PasswordChanged():
            after = user.logins_after if event.rehashed else recorded.position
            return msgspec.structs.replace(changed, password=event.password, logins_after=after)
        case RoleChanged():
            return msgspec.structs.replace(changed, role=event.role)
        case SubjectForgotten():
            return msgspec.structs.replace(changed, forgotten=True, password=None, email_stream=None)
        case _:
            return changed


def present(user: User | None) -> User:
    """The user, if there is one still. Raises Unauthenticated."""
    if user is None or user.forgotten:
        raise Unauthenticated(GONE)
    return user


def reserve(holder: str | None, user: str) -> EmailReserved:
    """Take an e-mail address that nobody holds. Raises Conflicting."""
    if holder is not None:
        raise Conflicting("This e-mail address is registered already.")
    return EmailReserved(user)


def evolve_holder(holder: str | None, decoded: Decoded) -> str | None:
    """Who holds an e-mail address after one more event of its stream."""
    match decoded.event:
        case EmailReserved(user):
            return user
        case EmailReleased():
            return None
        case _:
            return holder


def change_role(user: User | None, role: Role) -> list[RoleChanged]:
    """Give the user another role; nothing if it is theirs already.

    Raises NotFound, and Unprocessable for a guest.
    """
    if user is None or user.forgotten:
        raise NotFound("There is no such user.")
    if user.kind == "guest":
        raise Unprocessable("A guest has no role to change.", errors=[FieldError("role", "a guest stays a player")])
    return [] if user.role == role else [RoleChanged(role)]


def forget(user: User | None) -> SubjectForgotten:
    """Erase the user. Raises Unauthenticated when that has happened already."""
    return SubjectForgotten(present(user).id)


# Invitations


FIRST_INVITATION_SECONDS: Final = 7 * 86_400
"""How long the first admin's invitation is valid; older ones, which state no time, too."""


class Invitation(msgspec.Struct, frozen=True):
    """The state of an invitation's stream.

    `giver` is the admin who made it, None for the installation's own. `made_at` is in microseconds
    since 1970-01-01 UTC, `expires_at` in seconds.
    """

    org: str
    role: Role
    made_at: int
    expires_at: int
    version: int
    giver: str | None = None
    used: bool = False
    revoked: bool = False


def evolve_invitation(invitation: Invitation | None, decoded: Decoded, giver: str | None = None) -> Invitation | None:
    """The invitation after one more event of its stream, which this user caused."""
    recorded = decoded.recorded
    match decoded.event:
        case InvitationMade(org, role, expires_at):
            if expires_at is None:
                expires_at = recorded.recorded_at // 1_000_000 + FIRST_INVITATION_SECONDS
            return Invitation(org, role, recorded.recorded_at, expires_at, recorded.version, giver)
        case InvitationUsed():
            return invitation and msgspec.structs.replace(invitation, used=True, version=recorded.version)
        case InvitationRevoked():
            return invitation and msgspec.structs.replace(invitation, revoked=True, version=recorded.version)
        case _:
            return invitation


def is_good(invitation: Invitation, giver: User | None, now: float) -> bool:
    """Whether an invitation can be used: a right that is given on ends with the giver's own."""
    if invitation.used or invitation.revoked or invitation.expires_at <= now:
        return False
    if invitation.giver is None:
        return True
    return giver is not None and not giver.forgotten and giver.role == "admin" and giver.org == invitation.org


def use_invitation(
    invitation: Invitation | None, giver: User | None, user: str, now: float
) -> tuple[Invitation, InvitationUsed]:
    """Spend an invitation.

    Raises Unprocessable, with the same words for whatever makes it worth nothing.
    """
    if invitation is None or not is_good(invitation, giver, now):
        raise Unprocessable(
            "This invitation is not good.", errors=[FieldError("invite", "unknown, used before, revoked, or expired")]
        )
    return invitation, InvitationUsed(user)


def revoke_invitation(invitation: Invitation | None, org: str) -> InvitationRevoked:
    """Take an invitation of this organisation back.

    Raises NotFound, and Conflicting for one that was used or revoked before.
    """
    if invitation is None or invitation.org != org:
        raise NotFound("There is no invitation with this id.")
    if invitation.used or invitation.revoked:
        raise Conflicting(f"This invitation was {'used' if invitation.used else 'revoked'} before.")
    return InvitationRevoked()


# Logins: families of refresh tokens


class Shown(msgspec.Struct, frozen=True):
    """A refresh token from a client: its family, its number in it, and its SHA-256."""

    login: str
    generation: int
    token: str


class Login(msgspec.Struct, frozen=True):
    """The state of a login's stream: a family of refresh tokens.

    `generation`, `token` and `position` (of its event) are of the last one. `shown` is what was
    stored for the generation that a client shows, if it was ever made, and `spent_at` when that was
    exchanged for the next, in microseconds since 1970-01-01 UTC. `started` is the position of the
    first event; `version` the stream's.
    """

    user: str
    started: int
    expires_at: int
    generation: int
    token: str
    version: int
    position: int
    shown: str | None = None
    spent_at: int | None = None
    ended: bool = False


def evolve_login(login: Login | None, decoded: Decoded, generation: int) -> Login | None:
    """The family after one more event of its stream, for a client with token `generation`."""
    recorded, event = decoded.recorded, decoded.event
    made = recorded.version
    match event:
        case LoginStarted(user, token, expires_at):
            login = Login(user, recorded.position, expires_at, made, token, made, recorded.position)
        case LoginRefreshed(token, expires_at) if login is not None:
            login = msgspec.structs.replace(
                login, expires_at=expires_at, generation=made, token=token, version=made, position=recorded.position
            )
            if made == generation + 1:
                login = msgspec.structs.replace(login, spent_at=recorded.recorded_at)
        case LoginEnded() if login is not None:
            return msgspec.structs.replace(login, ended=True, version=made)
        case _:
            return login
    return msgspec.structs.replace(login, shown=login.token) if made == generation else login


REPEAT_SECONDS: Final = 10
"""A refresh token sent again within this time of its exchange gets the same successor.

The reply was lost, or two tabs sent the token.
"""
MAX_CLOCK_SKEW_SECONDS: Final = 30
"""How far ahead the clock may be of the process that exchanged a token."""

_REFUSED: Final = "The refresh token is not valid; sign in again."


def genuine(login: Login | None, shown: Shown) -> Login:
    """The family, if the token shown was ever one of it and it has not ended.

    Raises Unauthenticated.
    """
    # Tokens are 256 random bits and compared by their hashes, so the time a comparison takes reveals nothing.
    if login is None or login.ended or login.shown != shown.token:
        raise Unauthenticated(_REFUSED)
    return login


def refresh(
    login: Login, user: User | None, shown: Shown, fresh: str, now: float
) -> LoginRefreshed | LoginEnded | None:
    """The event for a genuine token: the next token (its SHA-256 is given), or the login's end.

    None for a repetition, which gets the token that this one was exchanged for.
    """
    if user is None or user.forgotten:
        return LoginEnded("erased")
    spent = shown.generation != login.generation
    if spent and not _is_repetition(login, now):
        # Used before: either the client or a thief has a copy, and there is no way to know which.
        return LoginEnded("reuse")
    if login.expires_at <= now:
        return LoginEnded("expired")
    if login.started <= user.logins_after:
        return LoginEnded("password")
    return None if spent else LoginRefreshed(fresh, login.expires_at)


def _is_repetition(login: Login, now: float) -> bool:
    # The other process's clock may be somewhat ahead; one that was wrong by more opens nothing for longer.
    return login.spent_at is not None and -MAX_CLOCK_SKEW_SECONDS <= now - login.spent_at / 1_000_000 <= REPEAT_SECONDS


def refused() -> Unauthenticated:
    """What is said when a family has ended."""
    return Unauthenticated(_REFUSED)
