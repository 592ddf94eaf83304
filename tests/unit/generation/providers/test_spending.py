"""The day's spending, counted from a log that others write to as well."""

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
import time_machine
from structlog.testing import capture_logs

from events.log import ANY, Context, EventLog, StreamWrite
from events.vocabulary.decoding import decode
from events.vocabulary.generation import CandidatesReceived, GenerationRequested, TokensSpent
from tests.support.databases import open_log
from tests.support.sample_events import numbered
from trivia.generation.budget import spending
from trivia.generation.budget.spending import DAY_SECONDS, Payer, Spending, payer

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


YEAR_AHEAD = DAY + 365 * DAY_SECONDS


async def test_a_clock_that_was_a_year_ahead_for_a_moment_costs_no_days_budget_its_count(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spending, "SPAN", 2)
    now = [float(DAY + 100)]
    reader = Spending(log, lambda: now[0])

    async def spend(tokens: int) -> None:
        with time_machine.travel(now[0], tick=False):
            await reader.today(begin=True)
        await store(log, now[0], received(tokens, 1))

    async def counted() -> list[int]:
        # A process that has read on, and one that starts now.
        return [(await each.today())[0] for each in (reader, Spending(log, lambda: now[0]))]

    await spend(1)
    now[0] = YEAR_AHEAD
    await spend(20)
    assert await counted() == [20, 20]
    now[0] = DAY + 200
    # All that follows is stamped a year ahead, and so is what was spent then; it was spent today.
    await spend(300)
    assert await counted() == [321, 321]
    for day in (1, 2, 30):
        now[0] = DAY + day * DAY_SECONDS
        assert await counted() == [0, 0]
        await spend(4_000)
        await spend(4_000)
        assert await counted() == [8_000, 8_000]


async def test_a_day_is_begun_once_by_any_number_of_processes_and_by_none_that_only_looks(log: EventLog) -> None:
    readers = [Spending(log, lambda: DAY + 10) for _ in range(5)]
    await asyncio.gather(*[reader.today() for reader in readers])
    assert await log.head() == 0
    await asyncio.gather(*[reader.today(begin=True) for reader in readers])
    assert [event.type for event in await log.read()] == ["SpendingDayStarted"]
    await store(log, DAY + 20, received(5, 0))
    assert [await reader.today() for reader in readers] == [(5, 0)] * 5


async def test_who_only_looks_hears_of_a_day_that_another_has_begun(log: EventLog) -> None:
    looking, spending_too = Spending(log, lambda: DAY + 10), Spending(log, lambda: DAY + 10)
    with time_machine.travel(YEAR_AHEAD, tick=False):
        await looking.today()
        await spending_too.today(begin=True)
    await store(log, DAY + 20, received(5, 0))
    assert await looking.today() == await spending_too.today() == (5, 0)


async def test_what_is_spent_for_a_user_and_a_network_is_counted_by_the_job(log: EventLog) -> None:
    reader = Spending(log)
    for job, user, network in (("j1", "ada", "n1"), ("j2", "bob", "n1"), ("j3", "ada", None)):
        context = Context("public", user, job)
        requested = GenerationRequested(user, "public", 5, "manual", network=network)
        await log.append([StreamWrite(f"generation-{job}", ANY, [requested, received(100, 1)])], context=context)
        token = payer.set(Payer(context, job, network=network))
        await reader.record(failed(10, 1))
        payer.reset(token)
    await reader.record(failed(1_000, 1))
    assert await reader.tokens_of("ada", "n1") == (220, 220)
    assert await reader.tokens_of("bob", None) == (110, 0)
    assert await Spending(log).tokens_of("nobody", "n2") == (0, 0)
    assert (await reader.today())[0] == 1_330


async def test_what_cost_nothing_is_not_recorded(log: EventLog) -> None:
    reader = Spending(log)
    await reader.record(TokensSpent("openai", "no_candidates", attempts=0))
    assert await log.head() == 0
    await reader.record(failed(30, 2))
    assert await reader.today() == (30, 2)


@pytest.mark.parametrize("wrong", [True, 0.5, -3, math.nan, math.inf, 10**30, "7", None, b"x", [1], {}], ids=repr)
async def test_what_a_provider_records_is_stored_with_its_types_and_within_bounds(log: EventLog, wrong: Any) -> None:
    await Spending(log).record(TokensSpent(wrong, wrong, wrong, wrong, wrong, wrong, wrong))
    await Spending(log).record(TokensSpent("openai", "blind_check", "m", 1, 2, wrong))
    for recorded in await log.read(types=[TokensSpent.__name__]):
        assert isinstance(decode(recorded).event, TokensSpent)
    assert (await Spending(log).today())[0] >= 3


async def test_a_log_that_cannot_be_written_to_does_not_cost_the_answer(log: EventLog) -> None:
    spending = Spending(log)
    await log.close()
    with capture_logs() as logged:
        await spending.record(failed(30, 2))
    assert [(entry["event"], entry["provider"]) for entry in logged] == [("spending_not_recorded", "openai")]
