"""Families of refresh tokens under everything that clients, thieves and time can do, against a model that is a list."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from events.vocabulary.accounts import (
    LoginEnded,
    LoginRefreshed,
    LoginStarted,
    PasswordChanged,
    RoleChanged,
    SubjectForgotten,
    UserRegistered,
)
from events.vocabulary.decoding import Decoded
from tests.support.recorded import Journal
from trivia.accounts.decide import REPEAT_SECONDS, Login, Shown, User, evolve_login, evolve_user, genuine, refresh
from trivia.http.problems import Unauthenticated

LIFETIME = 1_000
LOGIN = "login-l1"
USER = "user-u1"


def fold(events: list[Decoded], generation: int) -> Login | None:
    login = None
    for event in events:
        login = evolve_login(login, event, generation)
    return login


def outcome(login: Login | None, user: User | None, shown: Shown, now: float) -> Any:
    """What a client that shows this token gets: the event, None for the same successor again, or "refused" outright."""
    try:
        return refresh(genuine(login, shown), user, shown, "fresh", now)
    except Unauthenticated:
        return "refused"


class Families(RuleBasedStateMachine):
    """`issued` holds every token ever given out, oldest first, and `issued_at` when; only the last may ever make a new one."""

    tokens = Bundle("tokens")

    @initialize(target=tokens)
    def sign_in(self) -> int:
        self.journal = Journal()
        self.now = 0
        self.alive = True
        self.user_alive = True
        self.password_changed = False
        self.journal.add(USER, UserRegistered("u1", "public", "player", "sealed", "hash", "email-1"))
        self.journal.add(LOGIN, LoginStarted("u1", "token 1", LIFETIME))
        self.issued = ["token 1"]
        self.issued_at = [0]
        return 1

    def user(self) -> User | None:
        user = None
        for event in self.journal.of(USER):
            user = evolve_user(user, event)
        return user

    def show(self, generation: int, token: str) -> Any:
        shown = Shown("l1", generation, token)
        events = self.journal.of(LOGIN)
        whole = outcome(fold(events, generation), self.user(), shown, self.now)
        # What is loaded: the first event, and those from the token's own on.
        window = events[:1] + events[max(1, generation - 1) :]
        assert outcome(fold(window, generation), self.user(), shown, self.now) == whole
        return whole

    @rule(target=tokens, generation=tokens)
    def refresh(self, generation: int) -> int:
        event = self.show(generation, self.issued[generation - 1])
        newest = generation == len(self.issued)
        repeated = not newest and self.now - self.issued_at[generation] <= REPEAT_SECONDS
        worthy = self.user_alive and self.now < LIFETIME and not self.password_changed and (newest or repeated)
        if not self.alive:
            assert event == "refused"
        elif not worthy:
            assert isinstance(event, LoginEnded)
            if self.user_alive and not newest and not repeated:
                assert event.reason == "reuse"
            self.journal.add(LOGIN, event)
            self.alive = False
        elif repeated:
            assert event is None
        else:
            assert isinstance(event, LoginRefreshed)
            assert event.expires_at == LIFETIME
            self.issued.append(f"token {len(self.issued) + 1}")
            self.issued_at.append(self.now)
            self.journal.add(LOGIN, LoginRefreshed(self.issued[-1], event.expires_at), self.now)
            return len(self.issued)
        return generation

    @rule(generation=st.integers(0, 30), token=st.sampled_from(["forged", "", "token 0", "token 99", "TOKEN 1"]))
    def forge(self, generation: int, token: str) -> None:
        # A forged token is refused, and ends nothing: otherwise anybody could sign others out.
        assert self.show(generation, token) == "refused"

    @rule(generation=tokens)
    def show_under_another_number(self, generation: int) -> None:
        assert self.show(generation + 1, self.issued[generation - 1]) == "refused"

    @rule(seconds=st.one_of(st.integers(1, REPEAT_SECONDS + 1), st.integers(1, LIFETIME // 2)))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(rehashed=st.booleans())
    def change_password(self, *, rehashed: bool) -> None:
        self.journal.add(USER, PasswordChanged("hash", rehashed=rehashed))
        self.password_changed |= not rehashed

    @rule()
    def change_role(self) -> None:
        self.journal.add(USER, RoleChanged("host"))

    @rule()
    def forget(self) -> None:
        if self.user_alive:
            self.journal.add(USER, SubjectForgotten("u1"))
            self.user_alive = False

    @rule()
    def sign_out(self) -> None:
        if self.alive:
            self.journal.add(LOGIN, LoginEnded("logout"))
            self.alive = False

    @invariant()
    def at_most_the_newest_token_makes_a_new_one(self) -> None:
        worth = [
            generation
            for generation, token in enumerate(self.issued, 1)
            if isinstance(self.show(generation, token), LoginRefreshed)
        ]
        assert worth in ([], [len(self.issued)])


Families.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestFamilies = Families.TestCase


def test_a_token_of_no_family_is_refused() -> None:
    assert outcome(None, None, Shown("l1", 1, "token"), 0) == "refused"
    assert fold([], 1) is None


def test_a_family_without_a_beginning_is_none() -> None:
    journal = Journal()
    assert fold([journal.add(LOGIN, LoginRefreshed("token 2", LIFETIME))], 1) is None


def test_a_clock_that_was_wrong_once_lets_nobody_repeat_for_longer() -> None:
    journal = Journal()
    journal.add(USER, UserRegistered("u1", "public", "player", "sealed", "hash", "email-1"))
    events = [
        journal.add(LOGIN, LoginStarted("u1", "token 1", LIFETIME)),
        journal.add(LOGIN, LoginRefreshed("token 2", LIFETIME), at=500),
    ]
    user = evolve_user(None, journal.of(USER)[0])
    shown = Shown("l1", 1, "token 1")
    assert outcome(fold(events, 1), user, shown, 490) is None
    assert outcome(fold(events, 1), user, shown, 400) == LoginEnded("reuse")
