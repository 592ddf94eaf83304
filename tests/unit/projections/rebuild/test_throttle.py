"""A rebuild leaves most of the time to others while they append, and takes all of it otherwise."""

import pytest

from projections.rebuild import throttle as module
from projections.rebuild.throttle import BUSY_SHARE, MAX_PAUSE_SECONDS, Throttle


class Clock:
    """Time that passes only while someone works or sleeps, and a log that others append to meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, appended_a_second: float) -> None:
        self.now = self.worked = self.slept = 0.0
        self.rate = appended_a_second
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(module.asyncio, "sleep", self.sleep)

    async def head(self) -> int:
        return int(self.now * self.rate)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds

    def work(self, seconds: float) -> None:
        self.now += seconds
        self.worked += seconds


@pytest.mark.parametrize(("rate", "share"), [(0, 1.0), (1, 1.0), (500, BUSY_SHARE)])
async def test_the_share_of_the_time_depends_on_whether_others_append(monkeypatch, rate, share):
    clock = Clock(monkeypatch, rate)
    throttle = Throttle(clock)  # type: ignore[arg-type] # its head is all that is asked of a log
    for _ in range(10_000):
        clock.work(0.003)
        await throttle()
    assert clock.worked / clock.now == pytest.approx(share, rel=0.05)
    assert throttle.is_busy == (share < 1)


async def test_it_works_at_full_speed_again_once_nobody_appends(monkeypatch):
    clock = Clock(monkeypatch, 500)
    throttle = Throttle(clock)  # type: ignore[arg-type] # the same
    for _ in range(100):
        clock.work(0.01)
        await throttle()
    slept = clock.slept
    assert throttle.is_busy
    head = await clock.head()
    monkeypatch.setattr(clock, "head", lambda: _constant(head))
    for _ in range(200):
        clock.work(0.01)
        await throttle()
    assert not throttle.is_busy
    assert clock.slept - slept < 2.0


async def _constant(value: int) -> int:
    return value


async def test_no_pause_is_long(monkeypatch):
    clock = Clock(monkeypatch, 500)
    throttle = Throttle(clock)  # type: ignore[arg-type] # the same
    for _ in range(3):
        clock.work(30.0)
        await throttle()
    assert clock.slept <= 3 * MAX_PAUSE_SECONDS
