"""Users, organisations and how they sign in.

Personal data (name, e-mail address, nickname) is never stored in the clear: a field named `encrypted`
holds it, encrypted with the subject's own key (`events.encryption`), which erasure deletes.

    user-<user id>             UserRegistered | GuestJoined, ProfileChanged, RoleChanged, SubjectForgotten
    email-<keyed hash>         EmailReserved, EmailReleased: whoever reserves an address first has it
    login-<login id>           LoginStarted, LoginRefreshed, LoginEnded: one family of refresh tokens
    invitation-<hash of code>  InvitationMade, InvitationUsed | InvitationRevoked
    organisation-<id>          OrganisationMade
    installation               FirstAdminInvited: whichever process starts first makes the first invitation
"""

from typing import Final, Literal

from events.registry import Event

Role = Literal["player", "host", "admin"]

PUBLIC_ORG: Final = "public"
"""The organisation of whoever registers without an invitation; its bank is the shared one."""

_STORED_AS: Final = {"encrypted": "sealed"}
"""The field's name in stored events, which cannot be changed."""


class UserRegistered(Event, frozen=True, rename=_STORED_AS):
    """A user made an account. `encrypted` holds `{email, name, age}`; `email_stream` reserves the address.

    `password` holds `{password}`, an Argon2id hash, encrypted as well; older events have it in the
    clear.
    """

    user: str
    org: str
    role: Role
    encrypted: str
    password: str
    email_stream: str


class GuestJoined(Event, frozen=True, rename=_STORED_AS):
    """A player without an account. `encrypted` holds `{nickname}`."""

    user: str
    org: str
    encrypted: str


class ProfileChanged(Event, frozen=True, rename=_STORED_AS):
    """The user changed what we know of them. `encrypted` holds the whole new `{email, name, age}`, or `{nickname}` of a guest.

    `email_stream` is the new reservation where the address changed.
    """

    encrypted: str
    email_stream: str | None = None


class PasswordChanged(Event, frozen=True):
    """`password` is as in UserRegistered. `rehashed` says that the password is the old one, rehashed with the present parameters.

    A new password ends every login begun before it.
    """

    password: str
    rehashed: bool = False


class RoleChanged(Event, frozen=True):
    """An admin gave the user another role."""

    role: Role


class SubjectForgotten(Event, frozen=True):
    """The person is forgotten: their key is gone, and with it all that was encrypted with it."""

    user: str


class EmailReserved(Event, frozen=True):
    """The address belongs to this user."""

    user: str


class EmailReleased(Event, frozen=True):
    """The address is free again."""

    user: str


class LoginStarted(Event, frozen=True):
    """A family of refresh tokens began. `token` is the SHA-256 of the first, in hexadecimal; `expires_at` in seconds since 1970.

    The nth event of the stream holds the nth token, so a token that says its number is found without reading those before it.
    """

    user: str
    token: str
    expires_at: int


class LoginRefreshed(Event, frozen=True):
    """The token before this one is spent; `token` is the SHA-256 of the new one."""

    token: str
    expires_at: int


class LoginEnded(Event, frozen=True):
    """No token of this family is worth anything any more."""

    reason: Literal["logout", "reuse", "expired", "password", "erased"]


class InvitationMade(Event, frozen=True):
    """Whoever shows the code becomes a user of `org` with `role`. `expires_at` in seconds since 1970."""

    org: str
    role: Role
    expires_at: int | None = None


class InvitationUsed(Event, frozen=True):
    """The code is spent."""

    user: str


class InvitationRevoked(Event, frozen=True):
    """The code is worth nothing any more: an admin took it back or, for the first admin's, there is an admin now."""


class FirstAdminInvited(Event, frozen=True):
    """The invitation for the first admin was made; `invitation` is its stream."""

    invitation: str


class OrganisationMade(Event, frozen=True):
    """An organisation with a bank of its own; `shared_bank` says whether it draws from the public one as well."""

    org: str
    name: str
    shared_bank: bool = True
