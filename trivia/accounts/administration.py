"""Administration of users and organisations from the command line."""

import re
from collections.abc import AsyncIterator
from typing import Final

from events.encryption import SubjectKeys
from events.log import NO_STREAM, Context, EventLog, StreamMoved, StreamWrite
from events.retry import retry_on_conflict
from events.vocabulary.accounts import PUBLIC_ORG, OrganisationMade, Role
from projections.engine.store import ReadModels
from projections.models.accounts import ACCOUNTS
from trivia.accounts.decide import User, change_role, present
from trivia.accounts.joining import Registration
from trivia.accounts.logins import bearer_of
from trivia.accounts.service import Accounts, Known
from trivia.accounts.streams import Streams, organisation_stream, user_stream
from trivia.accounts.tokens import Tokens
from trivia.http.problems import Conflicting, FieldError, NotFound, Unprocessable

_ORG: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_PAGE: Final = 500

_LIST = f"SELECT {', '.join(ACCOUNTS.columns)} FROM {ACCOUNTS.name} WHERE user_id > $1 ORDER BY user_id LIMIT $2"


class Administration:
    """Users and organisations, for operators on the command line; events name them as `actor`."""

    def __init__(
        self,
        log: EventLog,
        models: ReadModels,
        keys: SubjectKeys,
        tokens: Tokens,
        accounts: Accounts,
        *,
        actor: str = "operator",
    ) -> None:
        self._log = log
        self._models = models
        self._keys = keys
        self._tokens = tokens
        self._accounts = accounts
        self._streams = Streams(log)
        self._actor = actor

    async def create_user(self, registration: Registration, *, org: str = PUBLIC_ORG, role: Role = "player") -> User:
        """Make an account.

        Raises NotFound for an unknown organisation, Conflicting for a taken address, Unprocessable
        for a bad one.
        """
        await self._require_organisation(org)
        return await self._accounts.joining.create(registration, org, role, Context(org, self._actor))

    async def find(self, email: str) -> User:
        """The user with this e-mail address.

        Raises NotFound, and Unprocessable for what is no address.
        """
        holder, _ = await self._streams.holder(await self._accounts.joining.email_stream(email))
        user = await self._streams.user(holder) if holder else None
        if user is None or user.forgotten:
            raise NotFound("No user has this e-mail address.")
        return user

    async def issue_token(self, email: str, seconds: int) -> str:
        """An access token for a user. Raises NotFound, and ValueError above MAX_TOKEN_SECONDS."""
        user = await self.find(email)
        known = await self._accounts.known(user.id)
        return self._tokens.issue(bearer_of(known.user, known.profile), seconds)

    async def set_role(self, email: str, role: Role) -> bool:
        """Give a user a role; False if it was theirs already.

        Tokens with the old role are refused from then on. Raises NotFound.
        """
        found = await self.find(email)

        async def attempt() -> bool:
            user = present(await self._streams.user(found.id))
            events = change_role(user, role)
            if events:
                first_admin = (user.org, role) == (PUBLIC_ORG, "admin")
                ended = await self._streams.end_first_invitation() if first_admin else []
                await self._log.append(
                    [StreamWrite(user_stream(user.id), user.version, events), *ended],
                    context=Context(user.org, self._actor),
                )
                self._tokens.revoke(user.id, user.version + 1)
            return bool(events)

        return await retry_on_conflict(attempt)

    async def erase(self, email: str) -> int:
        """Forget a user; the position of the event. Raises NotFound."""
        user = await self.find(email)
        return await self._accounts.erase(user.id, Context(user.org, self._actor))

    async def list_users(self) -> AsyncIterator[Known]:
        """Every user in the order of their ids, that is, of their creation.

        The read model is inline.
        """
        after = ""
        while rows := await self._models.fetch(_LIST, after, _PAGE):
            profiles = await self._keys.decrypt_many([(row[0], row[5]) for row in rows])
            for (user, kind, org, role, created_at, encrypted), profile in zip(rows, profiles, strict=True):
                if profile is not None:
                    yield Known(User(user, kind, org, role, encrypted, created_at, version=0), profile)
            after = rows[-1][0]

    async def make_organisation(self, org: str, name: str, *, shared_bank: bool = True) -> int:
        """Make an organisation; the position of the event.

        Raises Unprocessable for a bad id, Conflicting for one that exists.
        """
        if not _ORG.fullmatch(org):
            raise Unprocessable(
                "The id of an organisation cannot be that.",
                errors=[FieldError("org", "must be 1 to 40 of a-z, 0-9 and -, and neither begin nor end with -")],
            )
        made = OrganisationMade(org, name, shared_bank)
        if org == PUBLIC_ORG:
            raise Conflicting("This organisation exists already.")
        try:
            stored = await self._log.append(
                [StreamWrite(organisation_stream(org), NO_STREAM, [made])], context=Context(org, self._actor)
            )
        except StreamMoved:
            raise Conflicting("This organisation exists already.") from None
        return stored.last

    async def _require_organisation(self, org: str) -> None:
        if org != PUBLIC_ORG and (await self._log.versions([organisation_stream(org)])) == [0]:
            raise NotFound(f"There is no organisation {org[:100]}.")
