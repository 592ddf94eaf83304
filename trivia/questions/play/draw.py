"""GET /questions: the hot route.

The edge answers it without Litestar, whose way to a handler would cost more than all that this route does. Authorisation, validation,
problem documents, documentation and tests are those of every other route.
"""

from functools import lru_cache
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from litestar import asgi
from litestar.types import Receive, Scope, Send
from msgspec import Meta

from events.vocabulary.questions import Difficulty
from projections.models.question_pool import Filter, Question
from projections.models.topics import clean_topic
from trivia.generation.requesting import now
from trivia.http.access import Access, authorise, context_of
from trivia.http.errors import REQUEST_ID
from trivia.http.middleware import Reply
from trivia.http.problems import BadInput, Conflicting, FieldError, MethodNotAllowed
from trivia.http.read_your_writes import MEMORY, RAW_MIN_POSITION, parse_position
from trivia.http.validation import parse_query
from trivia.questions.play.assigning import Draw

EXACT_BELOW: Final = 1_000
"""From here on, X-Unseen-Remaining is not exact."""

_HEAD: Final = (
    b"content-type: application/json\r\ncontent-length: %d\r\ncache-control: no-store\r\nx-unseen-remaining: %b\r\n"
)

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
    topic = None if parsed.topic is None else clean_topic(parsed.topic)
    return Draw(parsed.limit, Filter(topic, parsed.difficulty, parsed.age))


class DrawHeaders(NamedTuple):
    """The headers of GET /questions."""

    key: str | None = None
    min_position: int = 0


NO_HEADERS: Final = DrawHeaders()


def draw_headers(scope: Any) -> DrawHeaders:
    """Those of the request. Raises BadInput."""
    found = NO_HEADERS
    for name, value in scope["headers"]:
        if name == b"idempotency-key":
            found = found._replace(key=_idempotency_key(value))
        elif name == RAW_MIN_POSITION:
            found = found._replace(min_position=parse_position(value))
    return found


def _idempotency_key(value: bytes) -> str:
    try:
        return msgspec.convert(value.decode("latin-1"), _KEY)
    except msgspec.ValidationError:
        fault = FieldError("Idempotency-Key", "1 to 200 visible ASCII characters")
        raise BadInput("The header Idempotency-Key is not valid.", errors=[fault]) from None


@asgi(
    "/questions",
    copy_scope=False,
    opt={
        "tag": "Questions",
        "access": Access.PLAYER,
        "method": "GET",
        "operation_id": "drawQuestions",
        "query": DrawQuery,
        "request_headers": ["Idempotency-Key"],
        "reads": [MEMORY],
        "returns": list[Question],
        "response_headers": ["X-Event-Position", "X-Unseen-Remaining", "X-Generation-Job"],
        "problems": [Conflicting],
    },
)
async def draw_questions(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's three
    """Give the user up to `limit` questions that they have never been given.

    Without an age, those for children alone come only once no others are left.
    """
    # The edge answers GET by `draw` before Litestar is asked; every other method comes here.
    raise MethodNotAllowed("This path does not take this method.", allow="GET")


async def draw(scope: Any) -> Reply:
    """Answer GET /questions, given its ASGI scope. Raises problems, and what `Assigning.draw` raises."""
    identity = authorise(scope, Access.PLAYER)
    core = scope["litestar_app"].state.core
    asked = parse_draw(scope["query_string"])
    context = context_of(identity, scope[REQUEST_ID])
    key, min_position = draw_headers(scope)
    if min_position > core.live.position:
        await core.positions.reach(min_position)
    drawn = await core.assigning.draw(identity, asked, key, context)
    body = b"[" + b",".join(core.pool.bodies(drawn.questions)) + b"]"
    remaining = b"%d" % drawn.remaining if drawn.remaining < EXACT_BELOW else b"1000+"
    head = _HEAD % (len(body), remaining)
    if drawn.position:
        head += b"x-event-position: %d\r\n" % drawn.position
    if (deficit := asked.limit - drawn.fitting) > 0:
        client = scope.get("client")
        network = core.generation.networks.of(client[0] if client else None, now())
        job = await core.generation.replenishing.replenish(identity, asked.wanted, deficit, context, network)
        if job is not None:
            head += b"x-generation-job: %b\r\n" % job.encode()
    return Reply(200, head, body)
