"""The read model of users and organisations."""

from events.vocabulary.accounts import (
    GuestJoined,
    OrganisationMade,
    PasswordChanged,
    ProfileChanged,
    RoleChanged,
    SubjectForgotten,
    UserRegistered,
)
from events.vocabulary.decoding import Decoded
from projections.engine.projection import Key, Row, Table
from projections.models.accounts import ACCOUNTS, ORGANISATIONS, Accounts
from tests.support.recorded import Journal


class NeededRows:
    """Rows in memory; only those that the projection said it needs can be had."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Key], Row] = {}
        self.needed: set[tuple[str, Key]] = set()

    def get(self, table: Table, key: Key) -> Row | None:
        assert (table.name, key) in self.needed
        return self.rows.get((table.name, key))

    def put(self, table: Table, row: Row) -> None:
        assert len(row) == len(table.columns)
        self.rows[table.name, table.key_of(row)] = row

    def delete(self, table: Table, key: Key) -> None:
        self.rows.pop((table.name, key), None)


def fold(events: list[Decoded]) -> dict[tuple[str, Key], Row]:
    projection, rows = Accounts(), NeededRows()
    for decoded in events:
        if type(decoded.event) in projection.handles:
            rows.needed = {(table.name, key) for table, key in projection.needs(decoded)}
            projection.apply(decoded, rows)
    return rows.rows


def test_users_and_organisations_are_listed_as_they_now_are() -> None:
    journal = Journal()
    journal.add("user-u1", UserRegistered("u1", "public", "player", "s1", "hash", "email-1"))
    journal.add("user-u2", GuestJoined("u2", "public", "s2"))
    journal.add("organisation-o1", OrganisationMade("o1", "Quizzers", shared_bank=False))
    journal.add("user-u1", PasswordChanged("other"))
    journal.add("user-u1", ProfileChanged("s1 new", "email-2"))
    journal.add("user-u1", RoleChanged("admin"))
    assert fold(journal.events) == {
        (ACCOUNTS.name, ("u1",)): ("u1", "account", "public", "admin", 1_000_000, "s1 new"),
        (ACCOUNTS.name, ("u2",)): ("u2", "guest", "public", "player", 2_000_000, "s2"),
        (ORGANISATIONS.name, ("o1",)): ("o1", "Quizzers", 0, 3_000_000),
    }


def test_the_forgotten_are_not_listed_and_nothing_brings_them_back() -> None:
    journal = Journal()
    journal.add("user-u1", UserRegistered("u1", "public", "player", "s1", "hash", "email-1"))
    journal.add("user-u1", SubjectForgotten("u1"))
    journal.add("user-u1", RoleChanged("admin"))
    assert fold(journal.events) == {}
