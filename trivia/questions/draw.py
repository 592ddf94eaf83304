"""GET /questions: the hot route.

It is an ASGI handler inside the Litestar application, since what Litestar does for an ordinary route would cost more than all that
this one does. Authorisation, validation and problem documents are those of every other route.
"""

from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec
from litestar import asgi
from litestar.types import Receive, Scope, Send
from msgspec import Meta

from events.vocabulary.questions import Difficulty
from projections.question_pool import Filter, Question
from trivia.edge import REQUEST_ID
from trivia.identity import Access, authorise, context_of
from trivia.problems import BadInput, Conflicting, FieldError, MethodNotAllowed
from trivia.questions.assigning import Draw
from trivia.validation import parse_query

EXACT_BELOW: Final = 1_000
"""From here on, X-Unseen-Remaining is not exact."""

Age = Annotated[int, Meta(ge=0, le=120, description="In years.")]
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
    """The header Idempotency-Key, if there is one. Raises BadInput."""
    for name, value in scope["headers"]:
        if name == b"idempotency-key":
            try:
                return msgspec.convert(value.decode("latin-1"), _KEY)
            except msgspec.ValidationError:
                fault = FieldError("Idempotency-Key", "1 to 200 visible ASCII characters")
                raise BadInput("The header Idempotency-Key is not valid.", errors=[fault]) from None
    return None


@asgi(
    "/questions",
    copy_scope=False,
    opt={
        "access": Access.PLAYER,
        "method": "GET",
        "operation_id": "drawQuestions",
        "query": DrawQuery,
        "request_headers": ["Idempotency-Key"],
        "returns": list[Question],
        "response_headers": ["X-Event-Position", "X-Unseen-Remaining"],
        "problems": [Conflicting],
    },
)
async def draw_questions(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's three
    """Give the user up to `limit` questions that they have never been given."""
    if scope["method"] != "GET":  # type: ignore[typeddict-item] # only HTTP comes here
        raise MethodNotAllowed("This path does not take this method.", allow="GET")
    identity = authorise(scope, Access.PLAYER)
    asked = parse_draw(scope["query_string"])
    core = scope["litestar_app"].state.core
    context = context_of(identity, scope[REQUEST_ID])  # type: ignore[typeddict-item] # put there by the edge
    drawn = await core.assigning.draw(identity, asked, idempotency_key(scope), context)
    body = b"[" + b",".join([core.pool.body(number) for number in drawn.questions]) + b"]"
    remaining = b"%d" % drawn.remaining if drawn.remaining < EXACT_BELOW else b"1000+"
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-unseen-remaining", remaining),
    ]
    if drawn.position:
        headers.append((b"x-event-position", b"%d" % drawn.position))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
