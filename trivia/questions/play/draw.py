"""GET /questions: the hot route.

A raw ASGI handler, because making a request object and a response costs more than all that this
route does. It passes through the same middleware as every other route, and so do its errors.
"""

from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec
from litestar import asgi
from litestar.status_codes import HTTP_200_OK
from litestar.types import Receive, Scope, Send
from msgspec import Meta

from events.vocabulary.questions import Difficulty
from projections.models.question_pool import Filter, Question
from trivia.http.access import Access, Identity, context_of
from trivia.http.contract import Contract
from trivia.http.fields import Age
from trivia.http.headers import EVENT_POSITION, GENERATION_JOB, IDEMPOTENCY_KEY, UNSEEN_REMAINING
from trivia.http.injection import service_of
from trivia.http.problems import BadInput, Conflicting, FieldError
from trivia.http.read_your_writes import MEMORY, raw_position_headers
from trivia.http.requests import request_id_of
from trivia.http.validation import parse_query
from trivia.questions.play.assigning import Draw
from trivia.questions.play.service import Play

EXACT_BELOW: Final = 1_000
"""From here on, X-Unseen-Remaining is not exact."""

_HEADERS: Final = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
_UNSEEN_REMAINING: Final = UNSEEN_REMAINING.lower().encode()
_GENERATION_JOB: Final = GENERATION_JOB.lower().encode()
_IDEMPOTENCY_KEY: Final = IDEMPOTENCY_KEY.lower().encode()

Topic = Annotated[str, Meta(min_length=1, max_length=100, description="In any letter case.")]
_KEY = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class DrawQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /questions."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 10
    age: Age | None = None
    topic: Topic | None = None
    difficulty: Difficulty | None = None


@lru_cache(maxsize=4096)
def parse_draw(query: bytes) -> Draw:
    """What a query string asks for; clients repeat a few of them for ever. Raises BadInput."""
    parsed = parse_query(query, DrawQuery)
    return Draw(parsed.limit, Filter(parsed.topic, parsed.difficulty, parsed.age))


def idempotency_key(scope: Any) -> str | None:
    """The request's idempotency key, if it has one. Raises BadInput."""
    for name, value in scope["headers"]:
        if name == _IDEMPOTENCY_KEY:
            try:
                return msgspec.convert(value.decode("latin-1"), _KEY)
            except msgspec.ValidationError:
                fault = FieldError(IDEMPOTENCY_KEY, "1 to 200 visible ASCII characters")
                raise BadInput(f"The header {IDEMPOTENCY_KEY} is not valid.", errors=[fault]) from None
    return None


@asgi(
    "/questions",
    copy_scope=False,
    opt=Contract(
        tag="Questions",
        access=Access.PLAYER,
        method="GET",
        operation_id="drawQuestions",
        safe=False,
        query=DrawQuery,
        request_headers=[IDEMPOTENCY_KEY],
        reads=[MEMORY],
        returns=list[Question],
        response_headers=[EVENT_POSITION, UNSEEN_REMAINING, GENERATION_JOB],
        problems=[Conflicting],
    ).opt,
)
async def draw_questions(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's three
    """Give the user up to `limit` questions that they have never been given."""
    asked = parse_draw(scope["query_string"])
    key = idempotency_key(scope)
    identity: Identity = scope["user"]
    context = context_of(identity, request_id_of(scope))
    play = service_of(scope, Play)
    drawn = await play.assigning.draw(identity, asked, key, context)
    body = b"[" + b",".join(play.pool.bodies(drawn.questions)) + b"]"
    headers = [
        *_HEADERS,
        (b"content-length", b"%d" % len(body)),
        (_UNSEEN_REMAINING, b"%d" % drawn.remaining if drawn.remaining < EXACT_BELOW else b"1000+"),
        *raw_position_headers(drawn.position),
    ]
    if (deficit := asked.limit - len(drawn.questions)) > 0:
        job = await play.replenisher.replenish(identity, asked.wanted, deficit, context)
        if job is not None:
            headers.append((_GENERATION_JOB, job.encode()))
    await send({"type": "http.response.start", "status": HTTP_200_OK, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
