"""The streams of accounts: their names, and loading their states."""

from hashlib import sha256
from typing import Final

import msgspec

from events.log import EventLog, Metadata, StreamWrite
from events.vocabulary.accounts import FirstAdminInvited, InvitationRevoked
from events.vocabulary.decoding import Decoded, decode
from trivia.accounts.decide import (
    Invitation,
    Login,
    Shown,
    User,
    evolve_holder,
    evolve_invitation,
    evolve_login,
    evolve_user,
)

INSTALLATION: Final = "installation"
_INVITATION: Final = "invitation-"
_PAGE: Final = 1_000


def user_stream(user: str) -> str:
    """The stream of a user."""
    return f"user-{user}"


def login_stream(login: str) -> str:
    """The stream of a family of refresh tokens."""
    return f"login-{login}"


def organisation_stream(org: str) -> str:
    """The stream of an organisation."""
    return f"organisation-{org}"


def invitation_id(code: str) -> str:
    """The public id of an invitation, which does not give its code away."""
    return digest(code)


def invitation_stream(invitation: str) -> str:
    """The stream of the invitation with this id."""
    return f"{_INVITATION}{invitation}"


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal: enough for what has 128 random bits or more."""
    return sha256(secret.encode()).hexdigest()


class Streams:
    """Reads the streams of accounts to their states."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def read(self, stream: str, after: int = 0) -> list[Decoded]:
        """All events of a stream beyond version `after`."""
        events: list[Decoded] = []
        while True:
            page = await self._log.read_stream(stream, after, limit=_PAGE)
            events += [decode(recorded) for recorded in page]
            if len(page) < _PAGE:
                return events
            after = page[-1].version

    async def version_of(self, user: str) -> int:
        """The version of a user's stream, 0 where there is none."""
        return (await self._log.versions([user_stream(user)]))[0]

    async def user(self, user: str) -> User | None:
        """The user with this id, forgotten or not."""
        state = None
        for decoded in await self.read(user_stream(user)):
            state = evolve_user(state, decoded)
        return state

    async def holder(self, email_stream: str) -> tuple[str | None, int]:
        """Who holds an address, and the version of its stream."""
        holder, version = None, 0
        for decoded in await self.read(email_stream):
            holder, version = evolve_holder(holder, decoded), decoded.recorded.version
        return holder, version

    async def invitation(self, invitation: str) -> Invitation | None:
        """The invitation with this id."""
        state = None
        for recorded in await self._log.read_stream(invitation_stream(invitation)):
            actor = msgspec.json.decode(recorded.metadata, type=Metadata).actor
            state = evolve_invitation(state, decode(recorded), actor)
        return state

    async def giver(self, invitation: Invitation | None) -> User | None:
        """Who made an invitation, as they are now; None for the installation's own."""
        return await self.user(invitation.giver) if invitation and invitation.giver else None

    async def end_first_invitation(self) -> list[StreamWrite]:
        """The writes that end the first admin's invitation, once `public` has an admin."""
        for decoded in await self.read(INSTALLATION):
            if isinstance(decoded.event, FirstAdminInvited):
                stream = decoded.event.invitation
                first = await self.invitation(stream.removeprefix(_INVITATION))
                if first and not (first.used or first.revoked):
                    return [StreamWrite(stream, first.version, [InvitationRevoked()])]
        return []

    async def login(self, shown: Shown) -> Login | None:
        """The family of a token shown.

        Reads its first event and those from the token's own on, so long families cost no more.
        """
        stream = login_stream(shown.login)
        events = [decode(recorded) for recorded in await self._log.read_stream(stream, limit=1)]
        if events:
            events += await self.read(stream, max(1, shown.generation - 1))
        state = None
        for decoded in events:
            state = evolve_login(state, decoded, shown.generation)
        return state
