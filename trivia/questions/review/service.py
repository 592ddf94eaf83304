"""Approves, retires and reports questions; each is decided on the question's own stream."""

import asyncio
import math
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import structlog
from pyroaring import BitMap

from events.encryption import SubjectKeys, SubjectUnknown
from events.log import Context, EventLog, StreamWrite
from events.registry import Event
from events.retry import retry_on_conflict
from events.timestamps import Timestamp, now_us, rfc3339
from events.vocabulary.decoding import decode
from events.vocabulary.questions import QuestionAdded
from projections.engine.store import ReadModels
from projections.models.question_pool import QuestionPool
from trivia.accounts.streams import user_stream
from trivia.http.access import Identity
from trivia.http.problems import NotFound, Unauthenticated
from trivia.questions.bank.identity import question_stream
from trivia.questions.bank.stored_bank import StoredBank
from trivia.questions.play.assigning import Assigning
from trivia.questions.review.decide import (
    Standing,
    approve_question,
    evolve_standing,
    report_question,
    restore_question,
    retire_question,
)

SHOWN_REPORTS: Final = 20
"""Reports that are listed with a question; more are only counted."""
SAMPLE: Final = 1_000
"""Users, the latest to come, whose seen sets tell how many were given a question."""
BURST: Final = 20
"""Reports within BURST_SECONDS, in this process and organisation, that are an alert."""
BURST_SECONDS: Final = 600
_HOUR: Final = 3_600_000_000
_PAGE: Final = 1_000

_log = structlog.get_logger("trivia.review")

_SAMPLE: Final = "SELECT seen, given FROM seen_sets ORDER BY user_id DESC LIMIT $1"
_USERS: Final = "SELECT count(*) FROM seen_sets"
# Positions of the last reports lead through the pages: no two questions share one.
_REPORTED: Final = """
SELECT r.question, count(*), max(r.position), q.retired FROM question_reports r JOIN questions q ON q.number = r.question
WHERE q.org = $1 GROUP BY r.question, q.retired HAVING max(r.position) < $2 ORDER BY max(r.position) DESC LIMIT $3"""
_COUNTS: Final = "SELECT question, count(*) FROM question_reports WHERE question IN ({numbers}) GROUP BY question"
_REPORTS: Final = """
SELECT question, user_id, reported_at, reason FROM (
    SELECT *, row_number() OVER (PARTITION BY question ORDER BY position DESC) AS place
    FROM question_reports WHERE question IN ({numbers})
) AS ranked WHERE place <= {shown} ORDER BY question, place"""


class Report(msgspec.Struct, frozen=True):
    """What a user said was wrong; `reason` is null once that user is erased.

    The user is not named.
    """

    reason: str | None
    at: Timestamp


class Reported(NamedTuple):
    """A question with reports: how many times, the latest reports, the position of the last."""

    number: int
    times: int
    last: int
    retired: bool
    reports: list[Report]


class ReportRules(NamedTuple):
    """When reports retire a question by themselves.

    `threshold` users have to report it, and `percent` of those who were given it; never, when
    `threshold` is 0. Reports of guests and of accounts younger than `account_hours` do not count.
    """

    threshold: int
    percent: int
    account_hours: int


class Reviewing:
    """Approves, retires and reports questions, and lists reported ones.

    `show_all` waits until the pool has caught up with the log.
    """

    def __init__(
        self,
        log: EventLog,
        models: ReadModels,
        pool: QuestionPool,
        assigning: Assigning,
        keys: SubjectKeys,
        rules: ReportRules,
        *,
        show_all: Callable[[], Awaitable[None]],
    ) -> None:
        self._log = log
        self._models = models
        self._pool = pool
        self._assigning = assigning
        self._keys = keys
        self._rules = rules
        self._recent: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=BURST))
        self._show_all = show_all

    async def approve(self, actor: Identity, number: int, context: Context) -> int:
        """Let a pending question be given out; the event's position.

        Raises as `approve_question`, LogUnavailable and StreamMoved.
        """
        shared = self._pool.draws_shared(actor.org)

        async def decide(state: Standing) -> Sequence[Event]:
            return approve_question(state, number, actor, draws_shared=shared)

        return await self._change(number, decide, context)

    async def retire(self, actor: Identity, number: int, reason: str | None, context: Context) -> int:
        """Give a question out no more; the event's position.

        Raises as `retire_question`, LogUnavailable and StreamMoved.
        """
        shared = self._pool.draws_shared(actor.org)

        async def decide(state: Standing) -> Sequence[Event]:
            return retire_question(state, number, actor, reason, draws_shared=shared)

        return await self._change(number, decide, context)

    async def restore(self, actor: Identity, number: int, context: Context) -> int:
        """Bring a retired question back; the event's position.

        Raises as `restore_question`, LogUnavailable and StreamMoved.
        """
        shared = self._pool.draws_shared(actor.org)

        async def decide(state: Standing) -> Sequence[Event]:
            return restore_question(state, number, actor, draws_shared=shared)

        return await self._change(number, decide, context)

    async def report(self, actor: Identity, number: int, reason: str, context: Context) -> int:
        """Note what a user who was given the question says is wrong; the last event's position.

        Raises NotFound for a question that they were never given, Conflicting for their second
        report, LogUnavailable and StreamMoved.
        """
        if not (await self._assigning.seen(actor)).was_given(number):
            raise NotFound("You were not given a question with this id.")
        try:
            encrypted = await self._keys.encrypt(actor.user, {"text": reason})
        except SubjectUnknown:
            raise Unauthenticated("This user does not exist any more.") from None
        counts = await self._is_established(actor)
        retired = False

        async def decide(state: Standing) -> Sequence[Event]:
            nonlocal retired
            needed = self._rules.threshold
            if counts and 0 < needed <= state.counted + 1 and not state.retired:
                needed = max(needed, math.ceil(await self._count_given(number) * self._rules.percent / 100))
            events = report_question(state, number, actor.user, encrypted, counts=counts, needed=needed)
            retired = len(events) > 1
            return events

        position = await self._change(number, decide, context)
        if retired:
            _log.warning("question_retired_by_reports", question=number, org=actor.org)
        self._watch_for_burst(actor.org)
        return position

    async def _is_established(self, actor: Identity) -> bool:
        """Whether they have an account, and have had it for long enough."""
        if actor.email is None:
            return False
        first = await self._log.read_stream(user_stream(actor.user), 0, limit=1)
        return bool(first) and now_us() - first[0].recorded_at >= self._rules.account_hours * _HOUR

    async def _count_given(self, number: int) -> int:
        """About how many users were ever given a question.

        Exact for fewer than SAMPLE users, else estimated from the latest ones. The read model may
        lag by half a minute.
        """
        rows = await self._models.fetch(_SAMPLE, SAMPLE)
        given = sum([number in BitMap.deserialize(given or seen) for seen, given in rows])
        if len(rows) < SAMPLE:
            return given
        return given * int((await self._models.fetch(_USERS))[0][0]) // len(rows)

    def _watch_for_burst(self, org: str) -> None:
        recent = self._recent[org]
        recent.append(now := time.monotonic())
        if len(recent) == BURST and now - recent[0] <= BURST_SECONDS:
            _log.warning("question_reports_burst", org=org, reports=BURST, seconds=round(now - recent[0], 1))
            # The next alert is for as many more.
            recent.clear()

    async def _change(
        self, number: int, decide: Callable[[Standing], Awaitable[Sequence[Event]]], context: Context
    ) -> int:
        if self._pool.question(number) is None:
            # Another process may have added it, and this one not have heard of it.
            await self._show_all()
        located = None
        if self._pool.question(number) is not None:
            located = await StoredBank(self._log, self._models).locate(number)
        if located is None:
            raise NotFound("There is no question with this id.")
        stream = question_stream(located.org, located.content)
        state = Standing()

        async def attempt() -> int:
            nonlocal state
            state = await self._catch_up(stream, state)
            events = await decide(state)
            return (await self._log.append([StreamWrite(stream, state.version, events)], context=context)).last

        return await retry_on_conflict(attempt)

    async def _catch_up(self, stream: str, state: Standing) -> Standing:
        while page := await self._log.read_stream(stream, state.version, limit=_PAGE):
            for recorded in page:
                state = evolve_standing(state, decode(recorded).event)
            if len(page) < _PAGE:
                break
        return state

    async def review_reasons(self, numbers: Sequence[int]) -> dict[int, str]:
        """Why each of these questions was left to a reviewer, where that was stored with it.

        Raises LogUnavailable.
        """
        found = await asyncio.gather(*map(self._review_reason, numbers))
        return {number: reason for number, reason in zip(numbers, found, strict=True) if reason is not None}

    async def _review_reason(self, number: int) -> str | None:
        located = await StoredBank(self._log, self._models).locate(number)
        if located is None:
            return None
        added = decode(
            (await self._log.read_stream(question_stream(located.org, located.content), 0, limit=1))[0]
        ).event
        return added.review_reason if isinstance(added, QuestionAdded) else None

    async def reported(self, org: str, before: int, limit: int) -> list[Reported]:
        """Reported questions of the organisation's own bank, the latest report first.

        Raises LogUnavailable.
        """
        found = await self._models.fetch(_REPORTED, org, before, limit)
        reports = await self._reports([row[0] for row in found])
        return [Reported(number, times, last, bool(retired), reports[number]) for number, times, last, retired in found]

    async def count_reports(self, numbers: Sequence[int]) -> dict[int, int]:
        """How many users have reported each of these questions, where any has.

        Raises LogUnavailable.
        """
        if not numbers:
            return {}
        return dict(await self._models.fetch(_COUNTS.format(numbers=_places(numbers)), *numbers))

    async def _reports(self, numbers: Sequence[int]) -> defaultdict[int, list[Report]]:
        reports: defaultdict[int, list[Report]] = defaultdict(list)
        if not numbers:
            return reports
        rows = await self._models.fetch(_REPORTS.format(numbers=_places(numbers), shown=SHOWN_REPORTS), *numbers)
        opened = await self._keys.decrypt_many([(user, encrypted) for _, user, _, encrypted in rows])
        for (number, _, reported_at, _), fields in zip(rows, opened, strict=True):
            reports[number].append(Report(None if fields is None else str(fields["text"]), rfc3339(reported_at)))
        return reports


def _places(values: Sequence[object]) -> str:
    return ", ".join([f"${n}" for n in range(1, len(values) + 1)])
