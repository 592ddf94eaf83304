"""Users and organisations, so that listing and counting them needs no walk through the log.

A forgotten user has no row. Personal data stays encrypted, as it is in the log.
"""

from collections.abc import Iterable
from typing import Any, Final

from events.vocabulary.accounts import (
    GuestJoined,
    OrganisationMade,
    ProfileChanged,
    RoleChanged,
    SubjectForgotten,
    UserRegistered,
)
from events.vocabulary.decoding import Decoded
from projections.engine.projection import Key, Projection, Rows, Table

ACCOUNTS: Final = Table(
    "accounts",
    {"user_id": "text", "kind": "text", "org": "text", "role": "text", "created_at": "bigint", "sealed": "text"},
)
ORGANISATIONS: Final = Table(
    "organisations", {"org": "text", "name": "text", "shared_bank": "bigint", "created_at": "bigint"}
)

_USER_STREAM: Final = "user-"


class Accounts(Projection):
    """See the module."""

    name = "accounts"
    version = 1
    tables = (ACCOUNTS, ORGANISATIONS)
    # Rare events, and a user that was made is looked for in the list at once.
    inline = True
    handles = frozenset({UserRegistered, GuestJoined, ProfileChanged, RoleChanged, SubjectForgotten, OrganisationMade})

    def needs(self, decoded: Decoded) -> Iterable[tuple[Table, Key]]:
        """See Projection.needs."""
        if isinstance(decoded.event, ProfileChanged | RoleChanged):
            return [(ACCOUNTS, _user_of(decoded))]
        return []

    def apply(self, decoded: Decoded, rows: Rows) -> None:
        """See Projection.apply."""
        at = decoded.recorded.recorded_at
        match decoded.event:
            case UserRegistered(user, org, role, encrypted):
                rows.put(ACCOUNTS, (user, "account", org, role, at, encrypted))
            case GuestJoined(user, org, encrypted):
                rows.put(ACCOUNTS, (user, "guest", org, "player", at, encrypted))
            case ProfileChanged(encrypted):
                self._replace(decoded, rows, sealed=encrypted)
            case RoleChanged(role):
                self._replace(decoded, rows, role=role)
            case SubjectForgotten(user):
                rows.delete(ACCOUNTS, (user,))
            case OrganisationMade(org, name, shared_bank):
                rows.put(ORGANISATIONS, (org, name, int(shared_bank), at))

    @staticmethod
    def _replace(decoded: Decoded, rows: Rows, **changed: Any) -> None:
        row = rows.get(ACCOUNTS, _user_of(decoded))
        if row is not None:
            rows.put(ACCOUNTS, tuple((dict(zip(ACCOUNTS.columns, row, strict=True)) | changed).values()))


def _user_of(decoded: Decoded) -> Key:
    return (decoded.recorded.stream.removeprefix(_USER_STREAM),)
