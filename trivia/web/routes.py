"""The routes of what browsers see; at the root only, since none of it is the API's."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath

from trivia.http.access import Access
from trivia.http.contract import Contract
from trivia.http.openapi import JSON, encode
from trivia.http.problems import NotFound, Problem, problem_types
from trivia.http.requests import AnyRequest
from trivia.web.pages import explain, page, problem_page
from trivia.web.static_files import File, file_of, load

_NOT_MODIFIED = 304
_OPEN: Final = Contract(tag="Pages", access=Access.ANYONE).opt


def send(request: AnyRequest, file: File) -> Response[bytes | None]:
    """A file, or 304 where the client has it already.

    Clients ask each time, so that a new version never meets half of an old one.
    """
    headers = {"ETag": file.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    known = request.headers.get("if-none-match", "").replace("W/", "").split(",")
    if file.etag in [tag.strip() for tag in known]:
        return Response(None, status_code=_NOT_MODIFIED, headers=headers)
    body = file.body
    if file.gzipped is not None and _takes_gzip(request):
        body, headers["Content-Encoding"] = file.gzipped, "gzip"
    return Response(body, headers=headers, media_type=file.media_type)


def _takes_gzip(request: AnyRequest) -> bool:
    offered = [part.split(";") for part in request.headers.get("accept-encoding", "").lower().split(",")]
    return any(name.strip() == "gzip" and "q=0" not in map(str.strip, rest) for name, *rest in offered)


@get("/", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
def home(request: AnyRequest) -> Response[Any]:
    """What this is, for people."""
    return send(request, page("home"))


@get("/play", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
def play(request: AnyRequest) -> Response[Any]:
    """The page on which questions are answered."""
    return send(request, page("play"))


@get("/api/docs", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
def docs(request: AnyRequest) -> Response[Any]:
    """The API's documentation."""
    return send(request, page("docs"))


@get("/api/docs/openapi.json", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
def openapi(request: AnyRequest) -> Response[Any]:
    """The OpenAPI document."""
    state = request.app.state
    if "openapi" not in state:
        state.openapi = file_of(encode(request.app), JSON)
    return send(request, state.openapi)


@get("/static/{name:path}", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
def static(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    """A script, style or picture of a page."""
    try:
        return send(request, load(name.lstrip("/")))
    except KeyError:
        raise NotFound("There is no file with this name.") from None


@get("/favicon.ico", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
def icon(request: AnyRequest) -> Response[Any]:
    """The picture that browsers ask for unbidden."""
    return send(request, load("icon.svg"))


@get("/problems", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
def problems(request: AnyRequest) -> Response[Any]:
    """Every type of problem: a page for browsers, JSON for others."""
    if _wants_html(request):
        return send(request, problem_page())
    return send(request, file_of(msgspec.json.encode([explain(kind) for kind in problem_types()]), JSON))


@get("/problems/{slug:str}", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
def problem(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """What one type of problem means: where its `type` leads."""
    kinds: dict[str, type[Problem]] = {kind.slug: kind for kind in problem_types()}
    if slug not in kinds:
        raise NotFound("There is no problem of this type.")
    if _wants_html(request):
        return send(request, problem_page(kinds[slug]))
    return send(request, file_of(msgspec.json.encode(explain(kinds[slug])), JSON))


def _wants_html(request: AnyRequest) -> bool:
    return "text/html" in request.headers.get("accept", "")


HANDLERS: Sequence[BaseRouteHandler] = [home, play, docs, openapi, static, icon, problems, problem]
