"""Deciding again when streams have moved."""

from types import SimpleNamespace

import pytest

from events.log import Conflict, StreamMoved
from events.retry import MAX_ATTEMPTS, retry_on_conflict
from trivia.http.errors import as_problem

MOVED = StreamMoved([Conflict("a", 1, 2)])


class Attempts:
    def __init__(self, *, refused: int, error: Exception = MOVED) -> None:
        self.made = 0
        self._refused = refused
        self._error = error

    async def __call__(self) -> int:
        self.made += 1
        if self.made <= self._refused:
            raise self._error
        return self.made


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr("events.retry._dice", SimpleNamespace(random=lambda: 0.0))


@pytest.mark.parametrize("refused", [0, 1, 7, MAX_ATTEMPTS - 1])
async def test_a_refused_append_is_decided_again_until_it_is_taken(refused):
    attempts = Attempts(refused=refused)
    assert await retry_on_conflict(attempts) == attempts.made == refused + 1


async def test_attempts_are_bounded_and_the_conflict_is_then_told_as_unavailable():
    attempts = Attempts(refused=MAX_ATTEMPTS)
    with pytest.raises(StreamMoved) as caught:
        await retry_on_conflict(attempts)
    assert attempts.made == MAX_ATTEMPTS
    problem = as_problem(caught.value)
    assert (problem.status, "Retry-After" in problem.headers) == (503, True)


async def test_any_other_error_ends_the_attempts():
    attempts = Attempts(refused=1, error=ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        await retry_on_conflict(attempts)
    assert attempts.made == 1
