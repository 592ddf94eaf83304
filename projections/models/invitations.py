"""The invitations of each organisation that were neither used nor revoked, so that they can be listed.

Whether one is still good, its stream and its giver's say.
"""

from collections.abc import Iterable
from typing import ClassVar, Final

from events.registry import Event
from events.vocabulary.accounts import InvitationMade, InvitationRevoked, InvitationUsed
from events.vocabulary.decoding import Decoded
from projections.engine.projection import Key, Projection, Rows, Table

INVITATIONS: Final = Table("invitations", {"invitation": "text", "org": "text", "position": "bigint"})

_STREAM: Final = "invitation-"


class InvitationsProjection(Projection):
    """See the module."""

    name: ClassVar[str] = "invitations"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[Table, ...]] = (INVITATIONS,)
    # Rare events, and an invitation that was made is looked for in the list at once.
    inline: ClassVar[bool] = True
    handles: ClassVar[frozenset[type[Event]]] = frozenset({InvitationMade, InvitationUsed, InvitationRevoked})

    def needs(self, decoded: Decoded) -> Iterable[tuple[Table, Key]]:  # noqa: ARG002 - of no use here
        """See Projection.needs."""
        return ()

    def apply(self, decoded: Decoded, rows: Rows) -> None:
        """See Projection.apply."""
        recorded = decoded.recorded
        invitation = recorded.stream.removeprefix(_STREAM)
        match decoded.event:
            case InvitationMade(org):
                rows.put(INVITATIONS, (invitation, org, recorded.position))
            case _:
                rows.delete(INVITATIONS, (invitation,))
