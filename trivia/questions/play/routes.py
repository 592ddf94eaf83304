"""What a player sees of the bank, and of their own part in it."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from events.log import RecordedEvent
from events.timestamps import rfc3339
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned
from events.vocabulary.decoding import decode
from events.vocabulary.questions import Difficulty
from projections.engine.user_state import load_state, stream_of
from projections.models.question_pool import Filter, QuestionPool
from projections.models.user_statistics import USER_STATISTICS, UserStatistics
from trivia.http.access import Access, context_of
from trivia.http.contract import Contract
from trivia.http.cursors import Cursor, read_cursor, write_cursor
from trivia.http.fields import Age
from trivia.http.headers import EVENT_POSITION
from trivia.http.problems import Conflicting
from trivia.http.read_your_writes import MEMORY, position_headers
from trivia.http.requests import AnyRequest, read_json, read_query, request_id
from trivia.questions.play.assigning import Answered
from trivia.questions.play.draw import Topic
from trivia.questions.play.service import Play

BUFFER = 5
"""Unseen questions that availability keeps in hand beyond what is needed."""


_HISTORY: Final = "history"
_Place = tuple[Literal["history"], Annotated[int, Meta(ge=0, le=2**62)]]
"""The version of the user's stream that a page of history ends before."""


class AvailabilityQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /questions/availability."""

    age: Age | None = None
    topic: Topic | None = None
    difficulty: Difficulty | None = None
    need: Annotated[int, Meta(ge=1, le=10_000)] = 20


class Availability(msgspec.Struct, frozen=True):
    """Whether a user can be given `need` questions.

    `shortage` is what lacks to need and buffer together.
    """

    available: int
    need: int
    buffer: int
    shortage: int
    sufficient: bool


class TopicView(msgspec.Struct, frozen=True):
    """A topic, its questions, and how many of them the user has not seen."""

    topic: str
    questions: int
    unseen: int


class AnswerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /questions/{id}/answer."""

    answer: Annotated[str, Meta(min_length=1, max_length=300)]


class TopicStatistics(msgspec.Struct, frozen=True):
    """A user's answers on one topic."""

    topic: str
    answered: int
    correct: int
    accuracy: float


class QuizStatistics(msgspec.Struct, frozen=True):
    """A user's record.

    `accuracy` is between 0 and 1, 0 while nothing was answered; `streak` of right answers up to
    now.
    """

    assigned: int
    answered: int
    correct: int
    accuracy: float
    streak: int
    best_streak: int
    by_topic: list[TopicStatistics]


class HistoryQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /me/history."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Cursor | None = None


class HistoryPage(msgspec.Struct, frozen=True):
    """A page of history, the latest first; `cursor` leads to the next, and is null on the last."""

    items: list[dict[str, Any]]
    cursor: str | None


@get(
    "/questions/availability",
    operation_id="availability",
    opt=Contract(tag="Questions", access=Access.PLAYER, query=AvailabilityQuery, reads=[MEMORY]).opt,
)
async def availability(request: AnyRequest, play: NamedDependency[Play]) -> Availability:
    """Say how many questions this user could be given; assigns nothing."""
    query = read_query(request, AvailabilityQuery)
    state = await play.assigning.seen(request.user)
    candidates = play.pool.candidates(request.user.org, Filter(query.topic, query.difficulty, query.age))
    available = candidates.unseen(state.seen)
    shortage = max(0, query.need + BUFFER - available)
    return Availability(available, query.need, BUFFER, shortage, sufficient=shortage == 0)


@get("/topics", operation_id="topics", opt=Contract(tag="Questions", access=Access.PLAYER, reads=[MEMORY]).opt)
async def topics(request: AnyRequest, play: NamedDependency[Play]) -> list[TopicView]:
    """List the topics, with what this user has not seen of each."""
    state = await play.assigning.seen(request.user)
    return [
        TopicView(name, len(questions.bits), questions.unseen(state.seen))
        for name, questions in play.pool.topics(request.user.org)
    ]


@post(
    "/questions/{question_id:int}/answer",
    operation_id="answerQuestion",
    status_code=200,
    opt=Contract(
        tag="Questions",
        access=Access.PLAYER,
        body=AnswerBody,
        response_headers=[EVENT_POSITION],
        problems=[Conflicting],
    ).opt,
)
async def answer(request: AnyRequest, question_id: FromPath[int], play: NamedDependency[Play]) -> Response[Answered]:
    """Answer a question that this user was given; once."""
    body = await read_json(request, AnswerBody)
    context = context_of(request.user, request_id(request))
    answered, position = await play.assigning.answer(request.user, question_id, body.answer, context)
    return Response(answered, headers=position_headers(position))


@get(
    "/user_quiz_stats", operation_id="userQuizStats", opt=Contract(tag="Questions", access=Access.PLAYER, reads=[]).opt
)
async def statistics(request: AnyRequest, play: NamedDependency[Play]) -> QuizStatistics:
    """Count what this user was given and how well they answered."""
    user = request.user.user
    state = await play.assigning.seen(request.user)
    counted = await load_state(play.log, play.models, USER_STATISTICS, UserStatistics, user)
    return QuizStatistics(
        assigned=len(state.ever_given()),
        answered=counted.answered,
        correct=counted.correct,
        accuracy=_share(counted.correct, counted.answered),
        streak=counted.streak,
        best_streak=counted.best_streak,
        by_topic=[
            TopicStatistics(topic, answered, correct, _share(correct, answered))
            for topic, (answered, correct) in sorted(counted.by_topic.items())
        ],
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


@get(
    "/me/history",
    operation_id="history",
    opt=Contract(tag="Questions", access=Access.PLAYER, query=HistoryQuery, reads=[MEMORY]).opt,
)
async def history(request: AnyRequest, play: NamedDependency[Play]) -> HistoryPage:
    """List what this user was given and answered, the latest first, from the log."""
    query = read_query(request, HistoryQuery)
    newest = (await play.assigning.seen(request.user)).version
    last = newest if query.cursor is None else min(newest, read_cursor(query.cursor, _Place)[1])
    first = max(0, last - query.limit)
    events = await play.log.read_stream(stream_of(request.user.user), first, limit=last - first) if last else []
    items = [_view(event, play.pool) for event in reversed(events)]
    return HistoryPage(items, write_cursor((_HISTORY, first)) if first else None)


def _view(recorded: RecordedEvent, pool: QuestionPool) -> dict[str, Any]:
    view: dict[str, Any] = {
        "position": recorded.position,
        "at": rfc3339(recorded.recorded_at),
    }
    match decode(recorded).event:
        case QuestionsAssigned() as assigned:
            view |= {"type": "assigned", "questions": [_name(number, pool) for number in assigned.questions]}
        case QuestionAnswered() as given:
            view |= {
                "type": "answered",
                "question": _name(given.question, pool),
                "answer": given.answer,
                "correct": given.correct,
            }
        case _:
            view |= {"type": "reset"}
    return view


def _name(number: int, pool: QuestionPool) -> dict[str, Any]:
    question = pool.question(number)
    return {"id": number} if question is None else {"id": number, "prompt": question.prompt, "topic": question.topic}


@post(
    "/me/seen/reset",
    operation_id="resetSeen",
    status_code=200,
    opt=Contract(tag="Questions", access=Access.PLAYER, response_headers=[EVENT_POSITION]).opt,
)
async def reset_seen(request: AnyRequest, play: NamedDependency[Play]) -> Response[dict[str, int]]:
    """Let questions come again; the history stays."""
    context = context_of(request.user, request_id(request))
    position = await play.assigning.reset(request.user, context)
    return Response({"position": position}, headers=position_headers(position))
