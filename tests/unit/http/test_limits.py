"""Rate limits by address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import Clock
from trivia.http.limits import RateLimits
from trivia.http.problems import TooManyRequests


@pytest.fixture
def clock() -> Clock:
    return Clock()


def is_let_in(limits: RateLimits, name: str = "guests", address: str = "192.0.2.1") -> bool:
    try:
        limits.take(name, address)
    except TooManyRequests:
        return False
    return True


def test_a_whole_class_is_let_in_at_once_and_what_goes_beyond_is_told_when_to_come_back(clock: Clock) -> None:
    limits = RateLimits({"guests": 60}, clock=clock)
    assert all(is_let_in(limits) for _ in range(60))
    with pytest.raises(TooManyRequests) as refusal:
        limits.take("guests", "192.0.2.1")
    assert refusal.value.headers["Retry-After"] == "60"
    clock.advance(59)
    assert not is_let_in(limits)
    clock.advance(1)
    assert is_let_in(limits)
    assert not is_let_in(limits)


def test_names_and_networks_are_counted_apart(clock: Clock) -> None:
    limits = RateLimits({"guests": 1, "registrations": 1}, clock=clock)
    assert is_let_in(limits)
    assert not is_let_in(limits)
    assert is_let_in(limits, "registrations")
    assert is_let_in(limits, address="192.0.2.2")
    assert is_let_in(limits, address="2001:db8::1")
    # One site, one network.
    assert not is_let_in(limits, address="2001:db8::2")
    assert not is_let_in(limits, address="::ffff:192.0.2.2")


def test_no_limit_is_none() -> None:
    limits = RateLimits({"guests": 0})
    assert all(is_let_in(limits) for _ in range(10_000))


def test_no_more_clients_are_remembered_than_allowed(clock: Clock) -> None:
    limits = RateLimits({"guests": 1}, clock=clock, max_keys=2)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        assert is_let_in(limits, address=address)
    assert not is_let_in(limits, address="192.0.2.3")
    assert len(limits._buckets) == 2


@given(size=st.integers(1, 50), pauses=st.lists(st.floats(0, 3_600), max_size=100))
def test_never_more_than_a_bucket_and_what_has_flowed_in(size: int, pauses: list[float]) -> None:
    clock = Clock(0)
    limits = RateLimits({"guests": size}, clock=clock)
    let_in = 0
    for pause in pauses:
        clock.advance(pause)
        let_in += is_let_in(limits)
        assert let_in <= size + clock() * size / 3_600 + 1e-6
