"""Reviewing the bank: what waits for approval, what users report, approving and retiring."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath
from msgspec import Meta

from projections.models.question_pool import Question, QuestionPool
from projections.models.questions import QuestionsProjection
from trivia.http.access import Access, context_of
from trivia.http.contract import Contract
from trivia.http.cursors import Cursor, read_cursor, write_cursor
from trivia.http.headers import EVENT_POSITION
from trivia.http.problems import Conflicting, NotFound
from trivia.http.read_your_writes import MEMORY, Positions, position_headers
from trivia.http.requests import AnyRequest, read_json, read_query, request_id
from trivia.questions.review.service import Report, Reviewing

_MAX: Final = 2**63 - 1

Reason = Annotated[str, Meta(min_length=1, max_length=500, description="What is wrong with the question.")]
_Place = Annotated[int, Meta(ge=0, le=_MAX)]


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /questions/pending and GET /questions/reported."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Cursor | None = None


class RetireQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of DELETE /questions/{id}."""

    reason: Annotated[Reason, Meta(description="Why; it is kept with the event.")] | None = None


class ReportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /questions/{id}/report."""

    reason: Reason


class PendingQuestion(Question, frozen=True):
    """A question that waits for approval; `review_reason` says what to look at, if anything."""

    explanation: str | None
    review_reason: str | None


class PendingPage(msgspec.Struct, frozen=True):
    """Pending questions, the oldest first; `total` counts all there are.

    `cursor` leads on, and is null on the last page.
    """

    items: list[PendingQuestion]
    total: int
    cursor: str | None


class ReportedQuestion(Question, frozen=True):
    """A question, how many users have reported it, and what the latest of them said.

    A retired one is no longer given out.
    """

    retired: bool
    count: int
    reports: list[Report]


class ReportedPage(msgspec.Struct, frozen=True):
    """Questions with reports, the latest report first.

    `cursor` leads to the next page, and is null on the last.
    """

    items: list[ReportedQuestion]
    cursor: str | None


@get(
    "/questions/pending",
    operation_id="pendingQuestions",
    opt=Contract(tag="Questions", access=Access.HOST, query=PageQuery, reads=[MEMORY]).opt,
)
async def pending_questions(
    request: AnyRequest, pool: NamedDependency[QuestionPool], reviewing: NamedDependency[Reviewing]
) -> PendingPage:
    """List the pending questions of the organisation's own bank.

    They are given to nobody until they are approved.
    """
    query = read_query(request, PageQuery)
    waiting = pool.pending(request.user.org)
    after = read_cursor(query.cursor, _Place) if query.cursor else 0
    # The rank of a number is how many there are up to it.
    first = waiting.rank(min(after, 2**32 - 1))
    numbers = list(waiting[first : first + query.limit])
    reasons = await reviewing.review_reasons(numbers)
    items = [
        PendingQuestion(
            **msgspec.structs.asdict(question),
            explanation=pool.explanation(number),
            review_reason=reasons.get(number),
        )
        for number in numbers
        if (question := pool.question(number)) is not None
    ]
    more = first + len(numbers) < len(waiting)
    return PendingPage(items, len(waiting), write_cursor(numbers[-1]) if numbers and more else None)


@get(
    "/questions/reported",
    operation_id="reportedQuestions",
    opt=Contract(tag="Questions", access=Access.HOST, query=PageQuery, reads=[MEMORY, QuestionsProjection.name]).opt,
)
async def reported_questions(
    request: AnyRequest, pool: NamedDependency[QuestionPool], reviewing: NamedDependency[Reviewing]
) -> ReportedPage:
    """List the questions of the organisation's own bank that users have reported."""
    query = read_query(request, PageQuery)
    before = read_cursor(query.cursor, _Place) if query.cursor else _MAX
    found = await reviewing.reported(request.user.org, before, query.limit)
    items = [
        ReportedQuestion(**msgspec.structs.asdict(question), retired=row.retired, count=row.times, reports=row.reports)
        for row in found
        if (question := pool.question(row.number)) is not None
    ]
    return ReportedPage(items, write_cursor(found[-1].last) if len(found) == query.limit else None)


@post(
    "/questions/{question_id:int}/approve",
    operation_id="approveQuestion",
    status_code=204,
    opt=Contract(tag="Questions", access=Access.HOST, response_headers=[EVENT_POSITION], problems=[Conflicting]).opt,
)
async def approve(
    request: AnyRequest,
    question_id: FromPath[int],
    reviewing: NamedDependency[Reviewing],
    positions: NamedDependency[Positions],
) -> Response[None]:
    """Let a pending question be given out.

    Questions of the shared bank are approved by admins of the organisation `public` only.
    """
    context = context_of(request.user, request_id(request))
    number = _number(request, question_id)
    return await _done(positions, await reviewing.approve(request.user, number, context))


@delete(
    "/questions/{question_id:int}",
    operation_id="retireQuestion",
    status_code=204,
    opt=Contract(
        tag="Questions",
        access=Access.ADMIN,
        query=RetireQuery,
        response_headers=[EVENT_POSITION],
        problems=[Conflicting],
    ).opt,
)
async def retire(
    request: AnyRequest,
    question_id: FromPath[int],
    reviewing: NamedDependency[Reviewing],
    positions: NamedDependency[Positions],
) -> Response[None]:
    """Retire a question: it is no longer given out; what was given out stays.

    A pending one is turned down that way. Questions of the shared bank are retired by admins of the
    organisation `public` only. An import does not bring a retired question back.
    """
    query = read_query(request, RetireQuery)
    context = context_of(request.user, request_id(request))
    number = _number(request, question_id)
    return await _done(positions, await reviewing.retire(request.user, number, query.reason, context))


@post(
    "/questions/{question_id:int}/restore",
    operation_id="restoreQuestion",
    status_code=204,
    opt=Contract(tag="Questions", access=Access.ADMIN, response_headers=[EVENT_POSITION], problems=[Conflicting]).opt,
)
async def restore(
    request: AnyRequest,
    question_id: FromPath[int],
    reviewing: NamedDependency[Reviewing],
    positions: NamedDependency[Positions],
) -> Response[None]:
    """Bring a retired question back.

    It is given out again or, if it was pending, waits for approval again. Reports made so far no
    longer retire it. Questions of the shared bank are restored by admins of the organisation
    `public` only.
    """
    context = context_of(request.user, request_id(request))
    number = _number(request, question_id)
    return await _done(positions, await reviewing.restore(request.user, number, context))


@post(
    "/questions/{question_id:int}/report",
    operation_id="reportQuestion",
    status_code=204,
    opt=Contract(
        tag="Questions",
        access=Access.PLAYER,
        body=ReportBody,
        response_headers=[EVENT_POSITION],
        problems=[Conflicting],
    ).opt,
)
async def report(
    request: AnyRequest,
    question_id: FromPath[int],
    reviewing: NamedDependency[Reviewing],
    positions: NamedDependency[Positions],
) -> Response[None]:
    """Say what is wrong with a question that this user was given; once.

    When as many users as the settings `report_threshold` and `report_percent` say have reported it,
    it is retired. Reports of guests and of new accounts are shown to hosts but do not count.
    """
    body = await read_json(request, ReportBody)
    context = context_of(request.user, request_id(request))
    number = _number(request, question_id)
    return await _done(positions, await reviewing.report(request.user, number, body.reason, context))


def _number(request: AnyRequest, question_id: int) -> int:
    # Litestar takes the digits of every script for numbers.
    if not request.scope["path"].isascii():
        raise NotFound("There is no question with this id.")
    return question_id


async def _done(positions: Positions, position: int) -> Response[None]:
    # So that the next draw in this process reads it.
    await positions.show(position)
    return Response(None, status_code=204, headers=position_headers(position))


HANDLERS: Sequence[BaseRouteHandler] = [pending_questions, reported_questions, approve, retire, restore, report]
