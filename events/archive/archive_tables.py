"""Which tables an archive carries. All else in a database is read models, which are built anew from the log."""

from typing import Final, NamedTuple

import msgspec

from events.log import RecordedEvent


class CommandRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `commands`."""

    id: str
    fingerprint: bytes
    first_position: int
    last_position: int


class SealRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `seals`."""

    number: int
    first_position: int
    last_position: int
    root: bytes
    previous: bytes
    signed_at: int
    key_id: str
    signature: bytes
    leaves: bytes


class KeyRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `subject_keys`."""

    subject: str
    key: bytes


class LeavingRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `subjects_leaving`."""

    subject: str


class Carried(NamedTuple):
    """A table: the shape of its rows, the column they are ordered by, and which of them belong to a part of the log.

    `within` is SQL for the rows of positions beyond {after} up to {until}; `page` how many rows are handed on at once. `secret` tables
    are carried only with the keys.
    """

    table: str
    row: type[msgspec.Struct]
    order: str
    within: str = "true"
    secret: bool = False
    page: int = 2_000

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return self.row.__struct_fields__

    def condition(self, after: int, until: int) -> str:
        """SQL for the rows of this part of the log."""
        return self.within.format(after=int(after), until=int(until))


EVENTS: Final = Carried("events", RecordedEvent, "position", "position > {after} AND position <= {until}")

_SPAN: Final = "first_position > {after} AND last_position <= {until}"

TABLES: Final[tuple[Carried, ...]] = (
    EVENTS,
    Carried("commands", CommandRow, "id", _SPAN),
    # A seal holds a hash for each of its events.
    Carried("seals", SealRow, "number", _SPAN, page=50),
    Carried("subject_keys", KeyRow, "subject", secret=True),
    # Erasures that were begun when the archive was made are finished by whoever starts on a database made of it.
    Carried("subjects_leaving", LeavingRow, "subject", secret=True),
)
"""In the order in which they stand in an archive: events come first."""
