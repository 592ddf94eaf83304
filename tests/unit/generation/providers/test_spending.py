"""The day's spending, counted from a log that others write to as well."""

from collections.abc import AsyncIterator

import pytest
import time_machine
from structlog.testing import capture_logs

from events.log import ANY, EventLog, StreamWrite
from events.vocabulary.generation import CandidatesReceived, TokensSpent
from tests.support.databases import open_log
from tests.support.sample_events import numbered
from trivia.generation import spending
from trivia.generation.spending import DAY_SECONDS, Spending

DAY = 20_000 * DAY_SECONDS


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[EventLog]:
    async with open_log(database_url) as log:
        yield log


def received(tokens: int, cost: int) -> CandidatesReceived:
    return CandidatesReceived(0, "openai", ("{}",), "a-model", tokens, 0, cost)


def failed(tokens: int, cost: int) -> TokensSpent:
    return TokensSpent("openai", "no_candidates", "a-model", 0, tokens, cost)


async def store(log: EventLog, at: float, *events: CandidatesReceived | TokensSpent) -> None:
    with time_machine.travel(at, tick=False):
        await log.append([StreamWrite("noise", ANY, numbered(*range(3)))])
        for number, event in enumerate(events):
            await log.append([StreamWrite(f"generation-{number}", ANY, [event])])


async def test_only_what_was_spent_since_midnight_counts_for_whoever_asks_first_or_later(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spending, "SPAN", 2)
    early = Spending(log, lambda: DAY + 10)
    assert await early.today() == (0, 0)
    await store(log, DAY - 3 * DAY_SECONDS, received(1, 1))
    await store(log, DAY - 1, received(10, 10), failed(20, 20))
    await store(log, DAY, received(100, 7))
    await store(log, DAY + 5, failed(200, 9), received(400, 0))
    for reader in (early, Spending(log, lambda: DAY + 10)):
        assert await reader.today() == (700, 16)
        assert await reader.today() == (700, 16)
    await store(log, DAY + 8, received(1000, 1))
    assert await early.today() == (1700, 17)


async def test_a_new_day_begins_at_nothing(log: EventLog) -> None:
    now = [float(DAY + DAY_SECONDS - 5)]
    reader = Spending(log, lambda: now[0])
    await store(log, now[0], received(5, 5))
    assert await reader.today() == (5, 5)
    assert reader.seconds_to_midnight() == 5
    now[0] += 6
    assert await reader.today() == (0, 0)
    await store(log, now[0], received(7, 7))
    assert await reader.today() == (7, 7)
    # A clock that is put back finds what it had counted then.
    now[0] -= 6
    assert await reader.today() == (5, 5)


async def test_what_cost_nothing_is_not_recorded(log: EventLog) -> None:
    reader = Spending(log)
    await reader.record(TokensSpent("openai", "blind_check"))
    assert await log.head() == 0
    await reader.record(failed(30, 2))
    assert await reader.today() == (30, 2)


async def test_a_log_that_cannot_be_written_to_does_not_cost_the_answer(log: EventLog) -> None:
    spending = Spending(log)
    await log.close()
    with capture_logs() as logged:
        await spending.record(failed(30, 2))
    assert [(entry["event"], entry["provider"]) for entry in logged] == [("spending_not_recorded", "openai")]
