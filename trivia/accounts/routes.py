"""The routes /auth/…, /me and /orgs/invitations."""

import re
import time
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from events.timestamps import Timestamp, rfc3339
from events.vocabulary.accounts import Role
from projections.models.invitations import InvitationsProjection
from trivia.accounts import addresses
from trivia.accounts.decide import Kind, User
from trivia.accounts.joining import Profile, Registration
from trivia.accounts.logins import SignedIn
from trivia.accounts.service import Accounts, Changes, Known
from trivia.http.access import Access, context_of
from trivia.http.contract import Contract
from trivia.http.cursors import Cursor, read_cursor, write_cursor
from trivia.http.fields import Age
from trivia.http.headers import EVENT_POSITION
from trivia.http.limits import RateLimits
from trivia.http.problems import (
    BadInput,
    Conflicting,
    FieldError,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unprocessable,
)
from trivia.http.read_your_writes import position_headers
from trivia.http.requests import AnyRequest, client_of, read_json, read_query, request_id

# No control characters, no invisible ones that only confuse, and something to see.
_PRINTABLE: Final = (
    r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]*\Z"
)

_INVITATION_ID: Final = re.compile(r"[0-9a-f]{64}")
MAX_POSITION: Final = 2**63 - 1
_Position = Annotated[int, Meta(ge=0, le=MAX_POSITION)]

Email = Annotated[
    str,
    Meta(min_length=3, max_length=addresses.MAX_LENGTH, pattern=addresses.PATTERN, description="An e-mail address."),
]
Password = Annotated[str, Meta(min_length=8, max_length=128, description="8 to 128 characters.")]
AnyPassword = Annotated[str, Meta(min_length=1, max_length=128)]
Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=_PRINTABLE)]
Nickname = Annotated[str, Meta(min_length=1, max_length=40, pattern=_PRINTABLE)]
Code = Annotated[str, Meta(min_length=1, max_length=200)]
RefreshToken = Annotated[str, Meta(min_length=1, max_length=300)]


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Someone who wants an account; `invite` is the code of an invitation."""

    email: Email
    password: Password
    name: Name | None = None
    age: Age | None = None
    invite: Code | None = None


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An e-mail address and its password."""

    email: Email
    password: AnyPassword


class Refresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refresh token."""

    refresh_token: RefreshToken


class Guest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Someone who plays without an account."""

    nickname: Nickname


class ProfileChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays.

    `password`, the present one, is needed for `email` and `new_password`.
    """

    name: Name | UnsetType | None = UNSET
    age: Age | UnsetType | None = UNSET
    nickname: Nickname | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    new_password: Password | UnsetType = UNSET
    password: AnyPassword | None = None


class NewInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The role of the invited user, and for how many hours the invitation is valid."""

    role: Role = "player"
    expires_in_hours: Annotated[int, Meta(ge=1, le=8760)] = 168


class UserView(msgspec.Struct, frozen=True):
    """A user. Accounts have `email`, `name` and `age`, guests a `nickname`."""

    id: str
    kind: Kind
    org_id: str
    role: Role
    created_at: Timestamp
    email: str | None = None
    name: str | None = None
    age: int | None = None
    nickname: str | None = None


class Session(msgspec.Struct, frozen=True):
    """A user signed in.

    `expires_in` is of the access token, in seconds; guests get no refresh token.
    """

    user: UserView
    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str | UnsetType = UNSET


class InvitationView(msgspec.Struct, frozen=True):
    """A new invitation; `invite` is its code, which cannot be read again."""

    id: str
    invite: str
    org_id: str
    role: Role
    expires_at: Timestamp


class InvitationsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /orgs/invitations."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Cursor | None = None


class ListedInvitation(msgspec.Struct, frozen=True):
    """An invitation that can be used.

    `invited_by` is a user's id, null where the installation made it.
    """

    id: str
    role: Role
    created_at: Timestamp
    expires_at: Timestamp
    invited_by: str | None


class InvitationsPage(msgspec.Struct, frozen=True):
    """Invitations, the latest first; `cursor` leads to the next page, and is null on the last."""

    items: list[ListedInvitation]
    cursor: str | None


def _view(user: User, profile: Profile) -> UserView:
    return UserView(user.id, user.kind, user.org, user.role, rfc3339(user.created_at), **profile)


def _session(signed_in: SignedIn, status: int) -> Response[Session]:
    body = Session(
        _view(signed_in.user, signed_in.profile),
        signed_in.access_token,
        "bearer",
        signed_in.expires_in,
        signed_in.refresh_token or UNSET,
    )
    # Tokens must not be kept by anything on the way (RFC 6749, section 5.1).
    headers = {"Cache-Control": "no-store"} | position_headers(signed_in.position)
    return Response(body, status_code=status, headers=headers)


def _known(known: Known) -> Response[UserView]:
    headers = {"Cache-Control": "no-store"} | position_headers(known.position)
    return Response(_view(known.user, known.profile), headers=headers)


def _check_address(email: str | UnsetType) -> None:
    if isinstance(email, str):
        try:
            addresses.canonical(email)
        except addresses.AddressInvalid as error:
            raise BadInput("The body has faults.", errors=[FieldError("email", str(error))]) from None


@post(
    "/auth/register",
    operation_id="register",
    opt=Contract(
        tag="Accounts",
        access=Access.ANYONE,
        body=Register,
        response_headers=[EVENT_POSITION],
        problems=[Conflicting, Unprocessable, TooManyRequests],
    ).opt,
)
async def register(
    request: AnyRequest, accounts: NamedDependency[Accounts], rate_limits: NamedDependency[RateLimits]
) -> Response[Session]:
    """Make an account and sign in.

    Without an invitation one becomes a player of the organisation `public`. 409 where the e-mail
    address is registered already, in any letter case or spelling; 422 for an invitation that is
    unknown, used or expired.
    """
    body = await read_json(request, Register)
    _check_address(body.email)
    rate_limits.take("registrations", client_of(request))
    registration = Registration(body.email, body.password, body.name, body.age)
    signed_in = await accounts.joining.register(registration, body.invite, request_id(request), client_of(request))
    return _session(signed_in, 201)


@post(
    "/auth/login",
    operation_id="login",
    status_code=200,
    opt=Contract(
        tag="Accounts",
        access=Access.ANYONE,
        body=Login,
        response_headers=[EVENT_POSITION],
        problems=[Unauthenticated, TooManyRequests],
    ).opt,
)
async def login(request: AnyRequest, accounts: NamedDependency[Accounts]) -> Response[Session]:
    """Sign in. After ten failures for an address or from a place, 429 says how long to wait."""
    body = await read_json(request, Login)
    signed_in = await accounts.logins.sign_in(body.email, body.password, client_of(request), request_id(request))
    return _session(signed_in, 200)


@post(
    "/auth/refresh",
    operation_id="refresh",
    status_code=200,
    opt=Contract(
        tag="Accounts",
        access=Access.ANYONE,
        body=Refresh,
        response_headers=[EVENT_POSITION],
        problems=[Unauthenticated],
    ).opt,
)
async def refresh(request: AnyRequest, accounts: NamedDependency[Accounts]) -> Response[Session]:
    """Exchange a refresh token for a new one and a fresh access token.

    Sent again within ten seconds, it gets the same new one, for where a reply is lost or two tabs
    refresh at once. Sent again later, it ends the login.
    """
    body = await read_json(request, Refresh)
    return _session(await accounts.logins.refresh(body.refresh_token, request_id(request)), 200)


@post(
    "/auth/logout",
    operation_id="logout",
    status_code=204,
    opt=Contract(tag="Accounts", access=Access.ANYONE, body=Refresh, response_headers=[EVENT_POSITION]).opt,
)
async def logout(request: AnyRequest, accounts: NamedDependency[Accounts]) -> Response[None]:
    """End a login: its refresh tokens are worth nothing any more.

    Access tokens run out by themselves.
    """
    body = await read_json(request, Refresh)
    position = await accounts.logins.sign_out(body.refresh_token, request_id(request))
    return Response(None, status_code=204, headers=position_headers(position))


@post(
    "/auth/guest",
    operation_id="joinAsGuest",
    opt=Contract(
        tag="Accounts",
        access=Access.ANYONE,
        body=Guest,
        response_headers=[EVENT_POSITION],
        problems=[TooManyRequests],
    ).opt,
)
async def join_as_guest(
    request: AnyRequest, accounts: NamedDependency[Accounts], rate_limits: NamedDependency[RateLimits]
) -> Response[Session]:
    """Play without an account.

    There is no refresh token; when the access token has run out, the guest is gone.
    """
    body = await read_json(request, Guest)
    rate_limits.take("guests", client_of(request))
    return _session(await accounts.joining.join_as_guest(body.nickname, request_id(request)), 201)


@get("/me", operation_id="getMe", opt=Contract(tag="Accounts", access=Access.PLAYER).opt)
async def get_me(request: AnyRequest, accounts: NamedDependency[Accounts]) -> Response[UserView]:
    """Say who is asking."""
    return _known(await accounts.known(request.user.user))


@patch(
    "/me",
    operation_id="changeMe",
    opt=Contract(
        tag="Accounts",
        access=Access.PLAYER,
        body=ProfileChange,
        response_headers=[EVENT_POSITION],
        problems=[Conflicting, Unprocessable, TooManyRequests],
    ).opt,
)
async def change_me(request: AnyRequest, accounts: NamedDependency[Accounts]) -> Response[UserView]:
    """Change one's own name, age, nickname, e-mail address or password.

    A new password ends every login and access token there is, this one too: sign in again.
    """
    body = await read_json(request, ProfileChange)
    _check_address(body.email)
    changes = Changes(**{name: getattr(body, name) for name in body.__struct_fields__})
    return _known(await accounts.change(request.user, changes, request_id(request), client_of(request)))


@delete(
    "/me",
    operation_id="eraseMe",
    opt=Contract(tag="Accounts", access=Access.PLAYER, response_headers=[EVENT_POSITION]).opt,
)
async def erase_me(request: AnyRequest, accounts: NamedDependency[Accounts]) -> Response[None]:
    """Erase your personal data for ever.

    What you were asked and answered stays, without your name.
    """
    identity = request.user
    position = await accounts.erase(identity.user, context_of(identity, request_id(request)))
    return Response(None, status_code=204, headers=position_headers(position))


@post(
    "/orgs/invitations",
    operation_id="invite",
    opt=Contract(tag="Accounts", access=Access.ADMIN, body=NewInvitation, response_headers=[EVENT_POSITION]).opt,
)
async def invite(request: AnyRequest, accounts: NamedDependency[Accounts]) -> Response[InvitationView]:
    """Make an invitation into one's own organisation.

    It works once, until it expires or is revoked, and only while its maker is an admin there.
    """
    body = await read_json(request, NewInvitation)
    expires_at = int(time.time()) + body.expires_in_hours * 3600
    invited = await accounts.invite(request.user, body.role, expires_at, request_id(request))
    view = InvitationView(invited.id, invited.code, invited.org, invited.role, rfc3339(expires_at * 1_000_000))
    return Response(view, headers={"Cache-Control": "no-store"} | position_headers(invited.position))


@get(
    "/orgs/invitations",
    operation_id="listInvitations",
    opt=Contract(tag="Accounts", access=Access.ADMIN, query=InvitationsQuery, reads=[InvitationsProjection.name]).opt,
)
async def list_invitations(request: AnyRequest, accounts: NamedDependency[Accounts]) -> InvitationsPage:
    """List the invitations into one's own organisation that can be used.

    A page may have fewer than `limit`.
    """
    query = read_query(request, InvitationsQuery)
    before = read_cursor(query.cursor, _Position) if query.cursor else MAX_POSITION
    listed, following = await accounts.invitations(request.user.org, before, query.limit)
    items = [
        ListedInvitation(
            invitation_id,
            invitation.role,
            rfc3339(invitation.made_at),
            rfc3339(invitation.expires_at * 1_000_000),
            invitation.giver,
        )
        for invitation_id, invitation in listed
    ]
    return InvitationsPage(items, None if following is None else write_cursor(following))


@delete(
    "/orgs/invitations/{invitation_id:str}",
    operation_id="revokeInvitation",
    status_code=204,
    opt=Contract(tag="Accounts", access=Access.ADMIN, response_headers=[EVENT_POSITION], problems=[Conflicting]).opt,
)
async def revoke_invitation(
    request: AnyRequest, invitation_id: FromPath[str], accounts: NamedDependency[Accounts]
) -> Response[None]:
    """Revoke an invitation into one's own organisation: nobody can use it from then on."""
    if not _INVITATION_ID.fullmatch(invitation_id):
        raise NotFound("There is no invitation with this id.")
    position = await accounts.revoke_invitation(request.user, invitation_id, request_id(request))
    return Response(None, status_code=204, headers=position_headers(position))


HANDLERS: Final[list[Any]] = [
    register,
    login,
    refresh,
    logout,
    join_as_guest,
    get_me,
    change_me,
    erase_me,
    invite,
    list_invitations,
    revoke_invitation,
]
