"""GET /questions/search: finding questions by their words."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers.base import BaseRouteHandler
from msgspec import Meta

from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.questions import Difficulty
from projections.models.question_pool import Candidates, Filter, Question, QuestionPool
from projections.models.question_search import Place, QuestionSearch, Wanted
from projections.models.questions import QuestionsProjection
from projections.models.search_words import words_of
from trivia.http.access import Access
from trivia.http.contract import Contract
from trivia.http.cursors import Cursor, read_cursor, write_cursor
from trivia.http.fields import Age
from trivia.http.read_your_writes import MEMORY
from trivia.http.requests import AnyRequest, read_query
from trivia.questions.play.draw import Topic
from trivia.questions.review.service import Reviewing

_MAX: Final = 2**32 - 1
_Place = tuple[int, Annotated[int, Meta(ge=0, le=_MAX)]]


class SearchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /questions/search."""

    q: Annotated[
        str,
        Meta(
            max_length=300,
            description="Words that a question must have, in any letter case and with or without accents; of the last one the beginning "
            "is enough. Without any, all questions are listed.",
        ),
    ] = ""
    topic: Topic | None = None
    difficulty: Difficulty | None = None
    age: Age | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Cursor | None = None


class FoundQuestion(Question, frozen=True):
    """A question that may be given out.

    `reports` counts users who reported it; null for one of the shared bank seen from elsewhere.
    """

    explanation: str | None
    shared: bool
    reports: int | None


class SearchPage(msgspec.Struct, frozen=True):
    """Questions found.

    `cursor` leads to the next page, which may be empty, and is null on the last.
    """

    items: list[FoundQuestion]
    cursor: str | None


@get(
    "/questions/search",
    operation_id="searchQuestions",
    opt=Contract(tag="Questions", access=Access.HOST, query=SearchQuery, reads=[MEMORY, QuestionsProjection.name]).opt,
)
async def search_questions(
    request: AnyRequest,
    pool: NamedDependency[QuestionPool],
    search: NamedDependency[QuestionSearch],
    reviewing: NamedDependency[Reviewing],
) -> SearchPage:
    """Find questions of the organisation's own bank and, if it draws from it, of the shared one.

    With words in `q` the questions that have them all in the prompt come first, then those that
    have some in options, topic and explanation; of each, short prompts before long ones. Without
    `q` the newest come first. Pages hold together: what enters the bank between two of them moves
    nothing that was there. Pending and retired questions are left out. A new question is found
    within a second.
    """
    query = read_query(request, SearchQuery)
    org = request.user.org
    wanted = Filter(query.topic, query.difficulty, query.age)
    candidates = pool.candidates(org, wanted)
    after: Place | None = read_cursor(query.cursor, _Place) if query.cursor else None
    if query.q.strip():
        words = words_of(query.q)
        shared = pool.draws_shared(org)
        found = await search.find(Wanted(words, org, shared, wanted, query.limit, after)) if words else []
    else:
        found = _newest(candidates, after, query.limit)
    # What has been retired since the tables were brought up to date is known here.
    numbers = [number for _, number in found if number in candidates.bits]
    own = [number for number in numbers if pool.is_in_bank(org, number)]
    reports = dict.fromkeys(own, 0) | await reviewing.count_reports(own)
    items = _describe(pool, numbers, reports)
    return SearchPage(items, write_cursor(found[-1]) if len(found) == query.limit else None)


def _newest(candidates: Candidates, after: Place | None, limit: int) -> list[Place]:
    end = len(candidates.bits) if after is None else candidates.bits.rank(max(after[1] - 1, 0))
    return [(0, number) for number in reversed(candidates.bits[max(end - limit, 0) : end])]


def _describe(pool: QuestionPool, numbers: Sequence[int], reports: Mapping[int, int]) -> list[FoundQuestion]:
    return [
        FoundQuestion(
            **msgspec.structs.asdict(question),
            explanation=pool.explanation(number),
            shared=pool.is_in_bank(PUBLIC_ORG, number),
            reports=reports.get(number),
        )
        for number in numbers
        if (question := pool.question(number)) is not None
    ]


HANDLERS: Sequence[BaseRouteHandler] = [search_questions]
