"""The log over HTTP: GET /events, /events/stream, /events/{position}/proof and /audit/verify."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import get
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Meta

from events.log import LogUnavailable, RecordedEvent
from events.tamper_evidence.proof import NoEvent, NoProof, Proof, prove
from events.tamper_evidence.seal import Signatures
from events.tamper_evidence.verify import Fault, verify
from trivia.audit.event_pages import WITHHELD, EventView, Wanted, may_see, read_page, view_of
from trivia.http.access import Access, identify, require_operator
from trivia.http.problems import BadInput, Conflicting, FieldError, Forbidden, NotFound, Unauthenticated
from trivia.http.requests import AnyRequest, read_query
from trivia.services import Core

EVENT_STREAM: Final = "text/event-stream"
COMMENT_SECONDS: Final = 15.0
"""How often a stream without news says that it still lives."""
TICK_SECONDS: Final = 1.0
"""How soon a stream ends when the service drains or its token is worth nothing any more."""
STREAM_PAGE: Final = 500
VERIFIED: Final = 20_000
"""Positions that one call verifies at most."""
_VERIFY_BATCH: Final = 1_000
_MAX_POSITION: Final = 2**63 - 1
_MAX_DIGITS: Final = 19

Position = Annotated[int, Meta(ge=0, le=_MAX_POSITION)]
StreamName = Annotated[str, Meta(min_length=1, max_length=200)]
TypeName = Annotated[str, Meta(min_length=1, max_length=100)]


class EventsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /events."""

    after: Annotated[Position, Meta(description="Events beyond this position.")] = 0
    stream: StreamName | None = None
    type: TypeName | None = None
    until: Position | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class FollowQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /events/stream."""

    after: Position | None = None
    stream: StreamName | None = None
    type: TypeName | None = None


class VerifyQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /audit/verify."""

    after: Position = 0
    until: Position | None = None


class EventsPage(msgspec.Struct, frozen=True):
    """Events in order.

    `after` is where the next page begins; there is no more when it is `head`, the position of the
    last event.
    """

    events: list[EventView]
    after: int
    head: int


class Verified(msgspec.Struct, frozen=True):
    """Findings from `first` to `last`; `next` is the `after` of the next call, null at the end."""

    ok: bool
    first: int
    last: int
    head: int
    sealed: int
    events: int
    seals: int
    fault_count: int
    faults: list[Fault]
    notes: list[str]
    next: int | None


@get("/events", operation_id="listEvents", opt={"tag": "Audit", "access": Access.ADMIN, "query": EventsQuery})
async def list_events(request: AnyRequest) -> EventsPage:
    """List events of the log, in order.

    Admins see the events of their own organisation, those of `public` see all. A page may hold
    fewer events than `limit`, even none, and yet not be the last: go on with its `after` until that
    is `head`.
    """
    query = read_query(request, EventsQuery)
    core = request.app.state.core
    head = await core.log.head()
    until = head if query.until is None else min(query.until, head)
    wanted = Wanted(request.user, query.stream, query.type)
    events, after = await read_page(core, wanted, query.after, until, query.limit)
    return EventsPage([view_of(event) for event in events], min(after, head), head)


@get(
    "/events/stream",
    operation_id="followEvents",
    opt={
        "tag": "Audit",
        "access": Access.ADMIN,
        "query": FollowQuery,
        "request_headers": ["Last-Event-ID"],
        "produces": {EVENT_STREAM: str},
        "endless": True,
    },
)
async def follow_events(request: AnyRequest) -> Stream:
    """Follow the log as server-sent events.

    Each has its position as `id` and an event, as GET /events lists it, as `data`. It begins beyond
    `Last-Event-ID`, else beyond `after`, else with what happens from now on. It ends when the
    service stops or the access token expires; come back with the last id.
    """
    query = read_query(request, FollowQuery)
    core = request.app.state.core
    # Asked before the response begins: a database that is gone is a 503, not a stream that breaks off.
    head = await core.log.head()
    after = _last_event_id(request)
    if after is None:
        after = head if query.after is None else query.after
    wanted = Wanted(request.user, query.stream, query.type)
    return Stream(
        _frames(core, request, wanted, after),
        media_type=EVENT_STREAM,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _last_event_id(request: AnyRequest) -> int | None:
    text = request.headers.get("last-event-id")
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS and int(text) <= _MAX_POSITION:
        return int(text)
    raise BadInput(
        "The header Last-Event-ID is not valid.", errors=[FieldError("Last-Event-ID", "not a position in the log")]
    )


async def _frames(core: Core, request: AnyRequest, wanted: Wanted, after: int) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    spoken = time.monotonic()
    while not core.draining and _is_signed_in(request):
        # What this process has applied is committed, and known without asking the database.
        head = core.live.position
        try:
            events, after = await read_page(core, wanted, after, head, STREAM_PAGE) if after < head else ([], after)
        except LogUnavailable:
            return
        if events:
            yield b"".join([_frame(event) for event in events])
            spoken = time.monotonic()
        elif time.monotonic() - spoken >= COMMENT_SECONDS:
            # The id lets a client whose events are rare come back to where the stream is.
            yield b": still here\nid: %d\n\n" % after
            spoken = time.monotonic()
        if after >= core.live.position:
            await core.live.reach(after + 1, TICK_SECONDS)
        else:
            await asyncio.sleep(0)


def _is_signed_in(request: AnyRequest) -> bool:
    try:
        identify(request.scope)
    except Unauthenticated:
        return False
    return True


def _frame(event: RecordedEvent) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (event.position, msgspec.json.encode(view_of(event)))


@get(
    "/events/{position:int}/proof",
    operation_id="proveEvent",
    opt={"tag": "Audit", "access": Access.ADMIN, "problems": [Conflicting]},
)
async def prove_event(request: AnyRequest, position: FromPath[int]) -> Proof:
    """Prove that an event is under a seal.

    The proof can be checked without this service, with the public key that its operator has made
    known. There is none before the event is sealed, nor for one that is not as it was sealed (409).
    Events with the hash of a password are proven on the command line only (403).
    """
    core = request.app.state.core
    # Litestar takes the digits of every script for numbers.
    is_position = 0 < position <= _MAX_POSITION and request.scope["path"].isascii()
    found = await core.log.read(position - 1, limit=1, until=position) if is_position else []
    if not found or not may_see(request.user, found[0]):
        raise NotFound("There is no event at this position.")
    if found[0].type in WITHHELD:
        raise Forbidden("This event holds the hash of a password; `trivia events proof` proves it.")
    try:
        return await prove(core.sealing.store, position, public_key=core.sealing.key.public)
    except NoEvent:
        raise NotFound("There is no event at this position.") from None
    except NoProof as error:
        raise Conflicting(f"There is no proof: {error}.") from error


@get("/audit/verify", operation_id="verifyLog", opt={"tag": "Audit", "access": Access.ADMIN, "query": VerifyQuery})
async def verify_log(request: AnyRequest) -> Verified:
    """Compare a part of the log with its seals.

    Looks at whole blocks from `after` on, some twenty thousand events a call. For admins of
    `public` only.
    """
    query = read_query(request, VerifyQuery)
    require_operator(request.user)
    core: Any = request.app.state.core
    limit = min(query.after + VERIFIED, _MAX_POSITION)
    try:
        outside, _ = await core.sealing.outside()
    except OSError as error:
        raise Conflicting(f"The file of seals cannot be read: {error.strerror}.") from error
    report = await verify(
        core.sealing.store,
        Signatures([core.sealing.key.public]),
        outside=outside,
        after=query.after,
        until=limit if query.until is None else min(query.until, limit),
        batch=_VERIFY_BATCH,
    )
    return Verified(
        report.fault_count == 0,
        report.first,
        report.last,
        report.head,
        report.sealed,
        report.events,
        report.seals,
        report.fault_count,
        report.faults,
        report.notes,
        report.last if report.last < report.head else None,
    )


HANDLERS: Sequence[BaseRouteHandler] = [list_events, follow_events, prove_event, verify_log]
