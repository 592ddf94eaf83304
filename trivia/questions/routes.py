"""POST /questions/import and GET /questions/export."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.exceptions import InternalServerException
from litestar.response import Stream
from msgspec import Meta

from trivia.identity import Access, context_of
from trivia.problems import BadInput, TooLarge, Unavailable, Unprocessable, UnsupportedMedia
from trivia.questions.bank import StoredBank
from trivia.questions.importing import ImportResult, ImportService, OnError, Options
from trivia.questions.near_duplicates.screening import Mode
from trivia.questions.rows import ImportRow
from trivia.questions.sources import read_body, read_lines
from trivia.requests import AnyRequest, read_query, request_id

MAX_JSON_BYTES: Final = 33_554_432
"""Largest import in JSON, which has to be held in memory; NDJSON is read line by line up to the setting max_import_bytes."""

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
    """The body of POST /questions/import in JSON; in NDJSON each line is a question. Read row by row, so that each fault is named."""

    questions: list[ImportRow]


class ExportQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /questions/export."""

    format: Literal["jsonl"] = "jsonl"


class PoolBank(StoredBank):
    """The bank as the question pool of this process has it."""

    def __init__(self, core: Any) -> None:
        super().__init__(core.log, core.models)
        self._core = core
        self.position = 0

    async def wait_for(self, position: int) -> None:
        """See Bank.wait_for. Raises Unavailable."""
        self.position = position
        await self._core.pool_at(position)

    async def count(self, org: str) -> int:
        """See Bank.count."""
        return int(self._core.pool.count(org))


@post(
    "/questions/import",
    operation_id="importQuestions",
    status_code=200,
    opt={
        "access": Access.HOST,
        "query": ImportQuery,
        "consumes": {"application/json": ImportBody, NDJSON: ImportRow},
        "response_headers": ["X-Event-Position"],
        "problems": [Unprocessable],
    },
)
async def import_questions(request: AnyRequest) -> Response[ImportResult]:
    """Add questions to the bank of the user's organisation: all of them or, with `on_error=skip`, the good ones."""
    query = read_query(request, ImportQuery)
    core = request.app.state.core
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
        batches = read_lines(_read_chunks(request, core.settings.max_import_bytes))
    elif media_type in {"", "application/json"}:
        limit = min(MAX_JSON_BYTES, core.settings.max_import_bytes)
        batches = read_body(b"".join([chunk async for chunk in _read_chunks(request, limit)]))
    else:
        raise UnsupportedMedia(f"Send application/json or {NDJSON}, not {media_type[:100]}.")
    bank = PoolBank(core)
    try:
        result = await ImportService(core.log, bank, Path(core.settings.data_dir), core.near).run(batches, options)
    except OSError as error:
        raise Unavailable(
            f"There is no room to keep the questions aside while they are read: {error.strerror}."
        ) from error
    # A dry run has stored nothing.
    return Response(result, headers={"X-Event-Position": str(bank.position)} if bank.position else {})


async def _read_chunks(request: AnyRequest, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes in. Raises TooLarge, and BadInput where it does not come to its end."""
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            yield chunk
    except InternalServerException as error:
        raise BadInput("The body ended too early; nothing was imported.") from error


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"At most {limit} bytes are read here. Send {NDJSON} for more than {MAX_JSON_BYTES}, or several files."
    )


@get(
    "/questions/export",
    operation_id="exportQuestions",
    opt={"access": Access.HOST, "query": ExportQuery, "produces": {NDJSON: ImportRow}, "reads": []},
)
async def export_questions(request: AnyRequest) -> Stream:
    """The bank of the user's organisation, in a form that can be imported again."""
    read_query(request, ExportQuery)
    core = request.app.state.core
    pages = StoredBank(core.log, core.models).rows(request.user.org)
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
