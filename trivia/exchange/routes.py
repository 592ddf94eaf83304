"""POST /questions/import and GET /questions/export."""

from collections.abc import AsyncIterator
from typing import Annotated, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Stream
from msgspec import Meta

from events.log import EventLog
from projections.engine.store import ReadModels
from trivia.exchange.importing import ImportResult, ImportService, OnError, Options
from trivia.exchange.sources import read_body, read_lines
from trivia.http.access import Access, context_of
from trivia.http.contract import Contract
from trivia.http.headers import EVENT_POSITION
from trivia.http.problems import Conflicting, TooLarge, Unavailable, Unprocessable, UnsupportedMedia
from trivia.http.read_your_writes import position_headers
from trivia.http.requests import AnyRequest, read_chunks, read_query, request_id
from trivia.questions.bank.near_duplicates.screening import Mode
from trivia.questions.bank.question_row import ImportRow
from trivia.questions.bank.stored_bank import StoredBank
from trivia.settings import Settings

MAX_JSON_BYTES: Final = 8_388_608
"""Largest import in JSON, which has to be held in memory.

NDJSON is read line by line, up to the setting max_import_bytes.
"""
MAX_JSON_COMMAS: Final = 1_000_000
"""About the most values in it, each of which takes memory before validation.

A question has about ten.
"""

NDJSON: Final = "application/x-ndjson"
_LINES: Final = frozenset({NDJSON, "application/ndjson", "application/jsonl"})


class ImportQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of POST /questions/import."""

    on_error: Annotated[
        OnError, Meta(description="abort: one bad row and nothing enters; skip: the good rows enter.")
    ] = "abort"
    dry_run: Annotated[bool, Meta(description="Say what would happen, and add nothing.")] = False
    near_duplicates: Annotated[
        Mode | None,
        Meta(
            description="Questions that ask for the same fact as another in other words. count: they enter and are counted; skip: they "
            "do not enter, and those that only may ask for the same wait for approval; off: nobody looks. By default count, or off "
            "where that would take many seconds."
        ),
    ] = None


class ImportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /questions/import in JSON; in NDJSON each line is a question.

    Read row by row, so that each fault is named.
    """

    questions: list[ImportRow]


class ExportQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /questions/export."""

    format: Literal["jsonl"] = "jsonl"


@post(
    "/questions/import",
    operation_id="importQuestions",
    status_code=200,
    opt=Contract(
        tag="Questions",
        access=Access.HOST,
        query=ImportQuery,
        consumes={"application/json": ImportBody, NDJSON: ImportRow},
        response_headers=[EVENT_POSITION],
        problems=[Conflicting, Unprocessable],
    ).opt,
)
async def import_questions(
    request: AnyRequest, importing: NamedDependency[ImportService], settings: NamedDependency[Settings]
) -> Response[ImportResult]:
    """Add questions to the bank of the user's organisation.

    All of them are added or, with `on_error=skip`, the good ones. An organisation can run one
    import at a time; another is refused until the first is done. In JSON at most 8 MiB are read.
    """
    query = read_query(request, ImportQuery)
    options = Options(
        request.user.org,
        "http",
        query.on_error,
        query.dry_run,
        context_of(request.user, request_id(request)),
        near_duplicates=query.near_duplicates,
    )
    media_type = request.content_type[0]
    if media_type in _LINES:
        batches = read_lines(read_chunks(request, settings.max_import_bytes, _too_large))
    elif media_type in {"", "application/json"}:
        limit = min(MAX_JSON_BYTES, settings.max_import_bytes)
        body = b"".join([chunk async for chunk in read_chunks(request, limit, _too_large)])
        if body.count(b",") > MAX_JSON_COMMAS:
            raise TooLarge(f"There are too many values in this body. Send {NDJSON}, or several files.")
        batches = read_body(body)
    else:
        raise UnsupportedMedia(f"Send application/json or {NDJSON}, not {media_type[:100]}.")
    try:
        with importing.alone(request.user.org):
            imported = await importing.run(batches, options)
    except OSError as error:
        raise Unavailable(
            f"There is no room to keep the questions aside while they are read: {error.strerror}."
        ) from error
    return Response(imported.result, headers=position_headers(imported.position))


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"At most {limit} bytes are read here. Send {NDJSON} for more than {MAX_JSON_BYTES}, or several files."
    )


@get(
    "/questions/export",
    operation_id="exportQuestions",
    opt=Contract(tag="Questions", access=Access.HOST, query=ExportQuery, produces={NDJSON: ImportRow}, reads=[]).opt,
)
async def export_questions(
    request: AnyRequest, log: NamedDependency[EventLog], models: NamedDependency[ReadModels]
) -> Stream:
    """The bank of the user's organisation, in a form that can be imported again."""
    read_query(request, ExportQuery)
    pages = StoredBank(log, models).rows(request.user.org)
    # The first page is read before the response begins: a database that is gone is a 503, not a 200 that breaks off.
    first: list[ImportRow] = await anext(pages, [])
    return Stream(
        _write_lines(first, pages),
        media_type=NDJSON,
        headers={"Content-Disposition": 'attachment; filename="questions.jsonl"', "Cache-Control": "no-store"},
    )


async def _write_lines(first: list[ImportRow], others: AsyncIterator[list[ImportRow]]) -> AsyncIterator[bytes]:
    encoder = msgspec.json.Encoder()
    if first:
        yield encoder.encode_lines(first)
    async for page in others:
        if page:
            yield encoder.encode_lines(page)
