"""The rules of accounts, without a database."""

import msgspec
import pytest

from events.registry import Event
from events.vocabulary.accounts import (
    EmailReleased,
    EmailReserved,
    GuestJoined,
    InvitationMade,
    InvitationRevoked,
    InvitationUsed,
    PasswordChanged,
    ProfileChanged,
    RoleChanged,
    SubjectForgotten,
    UserRegistered,
)
from tests.support.recorded import Journal
from trivia.accounts.decide import (
    Invitation,
    User,
    change_role,
    evolve_holder,
    evolve_invitation,
    evolve_user,
    forget,
    present,
    reserve,
    revoke_invitation,
    use_invitation,
)
from trivia.http.problems import Conflicting, NotFound, Unauthenticated, Unprocessable

REGISTERED = UserRegistered("u1", "public", "player", "sealed", "hash", "email-1")
GUEST = GuestJoined("u2", "public", "sealed")


def user_after(*events: Event) -> User | None:
    journal = Journal()
    journal.add("something-else", EmailReserved("u9"))
    user = None
    for event in events:
        user = evolve_user(user, journal.add("user-u1", event))
    return user


def invitation_after(*events: Event) -> Invitation | None:
    journal = Journal()
    invitation = None
    for event in events:
        invitation = evolve_invitation(invitation, journal.add("invitation-1", event), "boss")
    return invitation


def test_a_registered_user_is_what_the_event_says() -> None:
    assert user_after(REGISTERED) == User(
        "u1", "account", "public", "player", "sealed", 2_000_000, 1, "hash", "email-1"
    )


def test_a_guest_is_a_player_without_password_and_address() -> None:
    assert user_after(GUEST) == User("u2", "guest", "public", "player", "sealed", 2_000_000, 1)


def test_changes_are_taken_in_and_counted() -> None:
    user = user_after(REGISTERED, RoleChanged("host"), ProfileChanged("new"), ProfileChanged("newer", "email-2"))
    assert user is not None
    assert (user.role, user.encrypted, user.email_stream, user.version) == ("host", "newer", "email-2", 4)
    kept = user_after(REGISTERED, ProfileChanged("new"))
    assert kept is not None
    assert kept.email_stream == "email-1"


def test_a_new_password_ends_logins_begun_before_it_and_a_rehashed_one_does_not() -> None:
    changed = user_after(REGISTERED, PasswordChanged("new"))
    rehashed = user_after(REGISTERED, PasswordChanged("same", rehashed=True))
    assert changed is not None
    assert rehashed is not None
    assert (changed.password, changed.logins_after) == ("new", 3)
    assert (rehashed.password, rehashed.logins_after) == ("same", 0)


def test_of_the_forgotten_neither_password_nor_address_is_known() -> None:
    user = user_after(REGISTERED, SubjectForgotten("u1"))
    assert user is not None
    assert (user.forgotten, user.password, user.email_stream) == (True, None, None)
    with pytest.raises(Unauthenticated):
        present(user)
    with pytest.raises(Unauthenticated):
        forget(user)


def test_nobody_is_not_present() -> None:
    assert user_after(RoleChanged("admin")) is None
    with pytest.raises(Unauthenticated):
        present(None)
    with pytest.raises(Unauthenticated):
        forget(None)


def test_forgetting_names_the_user() -> None:
    assert forget(user_after(REGISTERED)) == SubjectForgotten("u1")


def test_an_address_belongs_to_whoever_reserved_it_until_released() -> None:
    journal = Journal()
    holder = None
    for event, expected in [
        (EmailReserved("u1"), "u1"),
        (EmailReleased("u1"), None),
        (EmailReserved("u2"), "u2"),
        (RoleChanged("host"), "u2"),
    ]:
        holder = evolve_holder(holder, journal.add("email-1", event))
        assert holder == expected
    with pytest.raises(Conflicting):
        reserve(holder, "u3")
    assert reserve(None, "u3") == EmailReserved("u3")


def test_a_role_changes_once() -> None:
    assert change_role(user_after(REGISTERED), "host") == [RoleChanged("host")]
    assert change_role(user_after(REGISTERED, RoleChanged("host")), "host") == []


def test_neither_guests_nor_the_forgotten_get_a_role() -> None:
    with pytest.raises(Unprocessable):
        change_role(user_after(GUEST), "host")
    for nobody in (None, user_after(REGISTERED, SubjectForgotten("u1"))):
        with pytest.raises(NotFound):
            change_role(nobody, "host")


BOSS = User("boss", "account", "quizzers", "admin", "encrypted", 0, 1)
MADE = InvitationMade("quizzers", "host", 1_000)


def refusal_of(invitation: Invitation | None, giver: User | None = BOSS, now: float = 0) -> str:
    with pytest.raises(Unprocessable) as refusal:
        use_invitation(invitation, giver, "u1", now)
    return f"{refusal.value.detail} {refusal.value.errors}"


def test_an_invitation_is_good_once_and_until_it_expires_or_is_revoked() -> None:
    invitation, used = use_invitation(invitation_after(MADE), BOSS, "u1", 999)
    assert (invitation.org, invitation.role, invitation.version, used) == ("quizzers", "host", 1, InvitationUsed("u1"))
    said = {
        refusal_of(bad)
        for bad in (
            None,
            invitation_after(InvitationUsed("u1")),
            invitation_after(InvitationRevoked()),
            invitation_after(MADE, InvitationUsed("u0")),
            invitation_after(MADE, InvitationRevoked()),
        )
    }
    # Whoever tries codes must not learn which of them exist.
    assert said == {refusal_of(invitation_after(MADE), now=1_000)}


def test_an_invitation_ends_with_its_givers_right_to_give_it() -> None:
    invitation = invitation_after(MADE)
    for changed in ({"role": "host"}, {"forgotten": True}, {"org": "others"}):
        refusal_of(invitation, msgspec.structs.replace(BOSS, **changed))
    refusal_of(invitation, None)
    journal = Journal()
    assert use_invitation(evolve_invitation(None, journal.add("invitation-1", MADE), None), None, "u1", 0)


def test_an_invitation_that_names_no_end_has_one_all_the_same() -> None:
    invitation = invitation_after(InvitationMade("quizzers", "admin"))
    assert use_invitation(invitation, BOSS, "u1", 7 * 86_400)
    refusal_of(invitation, now=7 * 86_400 + 1)


def test_an_invitation_is_revoked_once_by_its_own_organisation() -> None:
    assert revoke_invitation(invitation_after(MADE), "quizzers") == InvitationRevoked()
    for nobody in (None, invitation_after(InvitationRevoked())):
        with pytest.raises(NotFound):
            revoke_invitation(nobody, "quizzers")
    with pytest.raises(NotFound):
        revoke_invitation(invitation_after(MADE), "others")
    for ended in (InvitationUsed("u1"), InvitationRevoked()):
        with pytest.raises(Conflicting):
            revoke_invitation(invitation_after(MADE, ended), "quizzers")
