"""The log over HTTP: GET /events, /events/stream, /events/{position}/proof and /audit/verify."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Meta

from events.log import EventLog
from events.tamper_evidence.proof import NoEvent, NoProof, Proof, prove
from events.tamper_evidence.seal import Signatures
from events.tamper_evidence.verify import Fault, verify
from trivia.audit.event_pages import WITHHELD, EventReader, EventView, Wanted, may_see, view_of
from trivia.audit.following import EventStream
from trivia.http.access import Access, require_operator
from trivia.http.contract import Contract
from trivia.http.headers import LAST_EVENT_ID, LOG_EPOCH
from trivia.http.problems import Conflicting, Forbidden, NotFound
from trivia.http.read_your_writes import Positions, parse_position
from trivia.http.requests import AnyRequest, read_query
from trivia.platform.sealing import Sealing

EVENT_STREAM: Final = "text/event-stream"
VERIFIED: Final = 20_000
"""Positions that one call verifies at most."""
_VERIFY_BATCH: Final = 1_000
_MAX_POSITION: Final = 2**63 - 1

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


@get("/events", operation_id="listEvents", opt=Contract(tag="Audit", access=Access.ADMIN, query=EventsQuery).opt)
async def list_events(
    request: AnyRequest, log: NamedDependency[EventLog], event_reader: NamedDependency[EventReader]
) -> EventsPage:
    """List events of the log, in order.

    Admins see the events of their own organisation, those of `public` see all. A page may hold
    fewer events than `limit`, even none, and yet not be the last: go on with its `after` until that
    is `head`.
    """
    query = read_query(request, EventsQuery)
    head = await log.head()
    until = head if query.until is None else min(query.until, head)
    wanted = Wanted(request.user, query.stream, query.type)
    events, after = await event_reader.read_page(wanted, query.after, until, query.limit)
    return EventsPage([view_of(event) for event in events], min(after, head), head)


@get(
    "/events/stream",
    operation_id="followEvents",
    opt=Contract(
        tag="Audit",
        access=Access.ADMIN,
        query=FollowQuery,
        request_headers=[LAST_EVENT_ID, LOG_EPOCH],
        produces={EVENT_STREAM: str},
        endless=True,
    ).opt,
)
async def follow_events(
    request: AnyRequest,
    log: NamedDependency[EventLog],
    event_stream: NamedDependency[EventStream],
    positions: NamedDependency[Positions],
) -> Stream:
    """Follow the log as server-sent events.

    Each has the log's epoch and its position as `id` (`epoch:position`) and an event, as
    GET /events lists it, as `data`. The stream begins beyond `Last-Event-ID`, else beyond `after`,
    else with what happens from now on. It ends when the service stops or the access token
    expires; come back with the last id. An id of another epoch is refused (409): start afresh.
    """
    query = read_query(request, FollowQuery)
    # Asked before the response begins: a database that is gone is a 503, not a stream that breaks off.
    head = await log.head()
    after = _last_event_id(request, positions)
    if after is None:
        after = head if query.after is None else query.after
    wanted = Wanted(request.user, query.stream, query.type)
    return Stream(
        event_stream.frames(request.scope, wanted, after),
        media_type=EVENT_STREAM,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _last_event_id(request: AnyRequest, positions: Positions) -> int | None:
    """The position in Last-Event-ID, if it is there. Raises BadInput, and OtherEpoch."""
    text = request.headers.get(LAST_EVENT_ID)
    if text is None:
        return None
    epoch, _, position = text.rpartition(":")
    if epoch:
        positions.require_epoch(epoch)
    return parse_position(position.encode("latin-1"), LAST_EVENT_ID)


@get(
    "/events/{position:int}/proof",
    operation_id="proveEvent",
    opt=Contract(tag="Audit", access=Access.ADMIN, problems=[Conflicting]).opt,
)
async def prove_event(
    request: AnyRequest, position: FromPath[int], log: NamedDependency[EventLog], sealing: NamedDependency[Sealing]
) -> Proof:
    """Prove that an event is under a seal.

    The proof can be checked without this service, with the public key that its operator has made
    known. There is none before the event is sealed, nor for one that is not as it was sealed (409).
    Events with the hash of a password are proven on the command line only (403).
    """
    # Litestar takes the digits of every script for numbers.
    is_position = 0 < position <= _MAX_POSITION and request.scope["path"].isascii()
    found = await log.read(position - 1, limit=1, until=position) if is_position else []
    if not found or not may_see(request.user, found[0]):
        raise NotFound("There is no event at this position.")
    if found[0].type in WITHHELD:
        raise Forbidden("This event holds the hash of a password; `trivia events proof` proves it.")
    try:
        return await prove(sealing.store, position, public_key=sealing.key.public)
    except NoEvent:
        raise NotFound("There is no event at this position.") from None
    except NoProof as error:
        raise Conflicting(f"There is no proof: {error}.") from error


@get("/audit/verify", operation_id="verifyLog", opt=Contract(tag="Audit", access=Access.ADMIN, query=VerifyQuery).opt)
async def verify_log(
    request: AnyRequest, log: NamedDependency[EventLog], sealing: NamedDependency[Sealing]
) -> Verified:
    """Compare a part of the log with its seals.

    Looks at whole blocks from `after` on, some twenty thousand events a call. For admins of
    `public` only.
    """
    query = read_query(request, VerifyQuery)
    require_operator(request.user)
    # Beyond the log there is nothing to verify, nor any number that a database could not hold.
    after = min(query.after, await log.head())
    limit = after + VERIFIED
    try:
        outside, _ = await sealing.outside()
    except OSError as error:
        raise Conflicting(f"The file of seals cannot be read: {error.strerror}.") from error
    report = await verify(
        sealing.store,
        Signatures([sealing.key.public]),
        outside=outside,
        after=after,
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
