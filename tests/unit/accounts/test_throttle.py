"""How guessing is slowed down."""

import pytest

from tests.support.clock import Clock
from trivia.accounts.throttle import FORGET_SECONDS, FREE_FAILURES, MAX_WAIT_SECONDS, Throttle
from trivia.http.limits import network_of


def fail(throttle: Throttle, key: str, times: int) -> None:
    for _ in range(times):
        throttle.fail(key)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock=clock)


def test_nine_failures_cost_nothing_and_the_tenth_a_second(throttle: Throttle) -> None:
    fail(throttle, "ada", FREE_FAILURES - 1)
    assert throttle.wait("ada") == 0
    throttle.fail("ada")
    assert throttle.wait("ada") == 1


def test_each_further_failure_doubles_the_wait_up_to_a_bound(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, "ada", FREE_FAILURES)
    waits = []
    for _ in range(12):
        waits.append(throttle.wait("ada"))
        clock.advance(waits[-1])
        assert throttle.wait("ada") == 0
        throttle.fail("ada")
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    fail(throttle, "ada", 2_000)
    assert throttle.wait("ada") == MAX_WAIT_SECONDS


def test_waiting_less_than_a_second_is_never_told_as_none(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, "ada", FREE_FAILURES)
    clock.advance(0.99)
    assert throttle.wait("ada") == 1


def test_failures_of_one_key_are_not_those_of_another(throttle: Throttle) -> None:
    fail(throttle, "ada", 30)
    assert throttle.wait("bob") == 0


def test_success_forgives(throttle: Throttle) -> None:
    fail(throttle, "ada", 30)
    throttle.forgive("ada")
    assert throttle.wait("ada") == 0
    fail(throttle, "ada", FREE_FAILURES - 1)
    assert throttle.wait("ada") == 0


def test_old_failures_are_forgotten(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, "ada", FREE_FAILURES - 1)
    clock.advance(FORGET_SECONDS + 1)
    throttle.fail("ada")
    assert throttle.wait("ada") == 0


def test_a_failure_that_was_none_is_withdrawn(throttle: Throttle) -> None:
    fail(throttle, "ada", FREE_FAILURES - 1)
    throttle.fail("ada")
    throttle.withdraw("ada")
    assert throttle.wait("ada") == 0
    throttle.fail("ada")
    assert throttle.wait("ada") == 1
    throttle.withdraw("nobody")


def test_only_so_many_keys_are_remembered_and_the_idle_ones_go_first(clock: Clock) -> None:
    throttle = Throttle(clock=clock, max_keys=3)
    for key in "abc":
        fail(throttle, key, 20)
    throttle.fail("a")
    throttle.fail("d")
    assert [key for key in "abcd" if throttle.wait(key)] == ["a", "c"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1%eth0", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_a_client_is_its_address_or_its_site(address: str, network: str) -> None:
    assert network_of(address) == network
