"""Nobody spends what is meant for all: limits of a day for each user and network, decided on streams, whoever asks at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from events.log import ANY, Context, EventLog, StreamWrite
from events.vocabulary.generation import CandidatesReceived, GenerationRequested
from tests.support.databases import open_log
from tests.support.generation import asked_for
from trivia.cli.generate import USER
from trivia.generation.budget.quotas import OPERATOR, Exhausted, NetworkDigests, Quotas
from trivia.generation.budget.spending import DAY_SECONDS, Spending
from trivia.generation.decide import SECOND
from trivia.generation.requesting import Requested, Requesting
from trivia.settings import Settings

NOON = (20_000 * DAY_SECONDS + DAY_SECONDS // 2) * SECOND
LIMITS = Settings(
    generation_user_jobs=6, generation_guest_jobs=2, generation_network_jobs=9,
    generation_user_tokens=500, generation_guest_tokens=100, generation_network_tokens=900,
)  # fmt: skip


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[EventLog]:
    async with open_log(database_url) as log:
        yield log


class Process:
    """What asks for jobs in one process."""

    def __init__(self, log: EventLog) -> None:
        self.now = NOON
        spending = Spending(log, lambda: self.now / SECOND)
        self.requesting = Requesting(log, lambda: self.now, quotas=Quotas(log, spending, LIMITS))

    async def ask(self, user: str, topic: str = "Counting", **more: Any) -> Any:
        unlimited = more.pop("unlimited", False)
        asked = asked_for(user=user, topic=topic, **more)
        return await self.requesting.request(asked, Context("public", user), unlimited=unlimited)


async def started(log: EventLog) -> Counter[str]:
    events = await log.read(types=[GenerationRequested.__name__], limit=10_000)
    return Counter([event.metadata.partition('"actor":"')[2].partition('"')[0] for event in events])


async def test_however_many_a_user_asks_for_at_once_no_more_than_the_limit_are_started(log: EventLog) -> None:
    processes = [Process(log) for _ in range(2)]
    outcomes = await asyncio.gather(
        *[processes[n % 2].ask("guest", f"Topic {n}", guest=True, network="n1") for n in range(20)],
        *[processes[n % 2].ask("ada", f"Topic {n}") for n in range(20)],
    )
    assert await started(log) == {"guest": 2, "ada": 6}
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exhausted)]
    assert len(refused) == 32
    assert {outcome.retry_after for outcome in refused} == {DAY_SECONDS // 2}
    # What is refused leaves nothing behind.
    head = await log.head()
    assert isinstance(await processes[0].ask("ada", "One more"), Exhausted)
    assert await log.head() == head


async def test_all_who_share_a_network_have_a_limit_together(log: EventLog) -> None:
    process = Process(log)
    for n in range(20):
        await process.ask(f"guest-{n}", f"Topic {n}", guest=True, network="n1")
    assert sum((await started(log)).values()) == 9
    outcome = await process.ask("another", "Another", network="n1")
    assert isinstance(outcome, Exhausted)
    assert outcome.reason == "Users of your network have started 9 generation jobs today, and no more may start."
    assert isinstance(await process.ask("another", "Another", network="n2"), Requested)


async def test_the_next_day_and_a_clock_that_was_wrong_for_a_moment_change_no_other_days_limit(log: EventLog) -> None:
    process = Process(log)
    for n in range(3):
        await process.ask("guest", f"Topic {n}", guest=True)
    process.now = NOON + 365 * DAY_SECONDS * SECOND
    assert isinstance(await process.ask("guest", "Next year", guest=True), Requested)
    process.now = NOON
    assert isinstance(await process.ask("guest", "Back again", guest=True), Exhausted)
    process.now = NOON + DAY_SECONDS * SECOND
    assert isinstance(await process.ask("guest", "Tomorrow", guest=True), Requested)


@pytest.mark.parametrize(("user", "more"), [("guest", {"guest": True}), ("other", {"network": "n1"})])
async def test_who_has_spent_the_tokens_of_a_day_starts_no_more(log: EventLog, user: str, more: dict[str, Any]) -> None:
    process = Process(log)
    for spender, tokens in (("guest", 100), ("crowd", 850)):
        requested = await process.ask(spender, f"By {spender}", guest=spender == "guest", network="n1")
        answer = CandidatesReceived(0, "openai", (), None, tokens, 0)
        context = Context("public", spender, requested.job_id)
        await log.append([StreamWrite(f"generation-{requested.job_id}", ANY, [answer])], context=context)
    refused = await process.ask(user, "More", **more)
    assert isinstance(refused, Exhausted)
    assert "tokens of the model today" in refused.reason
    assert isinstance(await process.ask("other", "More", network="n2"), Requested)


async def test_what_runs_already_is_found_whatever_was_spent_and_the_operator_has_no_limits(log: EventLog) -> None:
    process = Process(log)
    first = await process.ask("guest", "First", guest=True)
    await process.ask("guest", "Second", guest=True)
    assert isinstance(await process.ask("guest", "Third", guest=True), Exhausted)
    again = await process.ask("guest", "FIRST ", guest=True)
    assert again.job_id == first.job_id
    assert USER == OPERATOR
    for n in range(10):
        assert isinstance(await process.ask(USER, f"Topic {n}", unlimited=True), Requested)


async def test_one_job_serves_all_who_wish_the_same_and_they_alone_may_see_it(log: EventLog) -> None:
    processes = [Process(log) for _ in range(3)]
    pupils = [f"pupil-{n}" for n in range(30)]
    outcomes = await asyncio.gather(*[processes[n % 3].ask(pupil, "Volcanoes") for n, pupil in enumerate(pupils)])
    (job_id,) = {outcome.job_id for outcome in outcomes}
    (starter,) = await started(log)
    (first,) = [pupil for pupil, outcome in zip(pupils, outcomes, strict=True) if outcome.started]
    assert starter == first
    requesting = processes[0].requesting
    joined = [pupil for pupil in pupils if await requesting.has_joined(job_id, pupil)]
    assert joined == [pupil for pupil in pupils if pupil != first]
    assert not await requesting.has_joined(job_id, "stranger")
    head = await log.head()
    await processes[1].ask(joined[0], "volcanoes\u00a0")
    assert await log.head() == head


async def test_members_need_not_wait_for_the_approval_of_what_guests_ask_for(log: EventLog) -> None:
    process = Process(log)
    guest, member = await process.ask("guest", guest=True), await process.ask("ada")
    other = await process.ask("ada", org="quizzers")
    assert len({guest.job_id, member.job_id, other.job_id}) == 3


def test_a_network_has_a_name_that_says_nothing_and_is_another_one_each_day() -> None:
    digests = NetworkDigests(b"k" * 32)
    name = digests.of("203.0.113.7", NOON)
    assert name is not None
    assert "203" not in name
    assert name == digests.of("203.0.113.7", NOON + SECOND) == digests.of("::ffff:203.0.113.7", NOON)
    assert digests.of("2001:db8::1", NOON) == digests.of("2001:db8::ffff", NOON) != digests.of("2001:db8:1::1", NOON)
    others = [digests.of("203.0.113.8", NOON), digests.of("203.0.113.7", NOON + DAY_SECONDS * SECOND)]
    assert name not in {*others, NetworkDigests(b"x" * 32).of("203.0.113.7", NOON)}
    assert digests.of(None, NOON) is digests.of("", NOON) is None
