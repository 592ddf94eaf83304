"""Reading requests: one way for every route.

A route names the Struct of its body and that of its query in its contract; the API's documentation
is made from them.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeVar

from litestar import Request
from litestar.exceptions import InternalServerException

from trivia.http.access import Identity
from trivia.http.errors import REQUEST_ID
from trivia.http.injection import service_of
from trivia.http.problems import BadInput, TooLarge, UnsupportedMedia
from trivia.http.validation import BYTE_ORDER_MARK, parse_json, parse_query
from trivia.settings import Settings

_T = TypeVar("_T")

AnyRequest = Request[Identity, Any, Any]


def client_of(request: AnyRequest) -> str:
    """The address of the client, as a trusted proxy names it or as it is connected; empty where it is not known."""
    return request.client.host if request.client else ""


async def read_json(request: AnyRequest, kind: type[_T]) -> _T:
    """The body as a `kind`.

    Raises UnsupportedMedia, TooLarge and BadInput, which names every field at fault.
    """
    return parse_json(await read_body(request), kind)


async def read_body(request: AnyRequest) -> bytes:
    """The bytes of a JSON body, without a byte order mark.

    Raises UnsupportedMedia, TooLarge and BadInput.
    """
    media_type = request.content_type[0]
    if media_type not in {"", "application/json"}:
        raise UnsupportedMedia(f"Send application/json, not {media_type[:100]}.")
    limit = service_of(request.scope, Settings).max_body_bytes
    body = b"".join([chunk async for chunk in read_chunks(request, limit, _too_large)])
    return body.removeprefix(BYTE_ORDER_MARK)


async def read_chunks(request: AnyRequest, limit: int, too_large: Callable[[int], TooLarge]) -> AsyncIterator[bytes]:
    """The body as it comes in, at most `limit` bytes.

    Raises TooLarge, and BadInput where the client breaks off.
    """
    if (request.content_length or 0) > limit:
        raise too_large(limit)
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            yield chunk
    except InternalServerException as error:
        raise BadInput("The body ended too early; nothing was done.") from error


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"At most {limit} bytes are read here.")


def read_query(request: AnyRequest, kind: type[_T]) -> _T:
    """The query string as a `kind`. Raises BadInput, which names every parameter at fault."""
    return parse_query(request.scope["query_string"], kind)


def preferred_media_type(request: AnyRequest, offered: Sequence[str]) -> str:
    """The `offered` media type that the header Accept prefers; the first where it names none."""
    try:
        return request.accept.best_match(list(offered)) or offered[0]
    except OverflowError:
        # Litestar does not expect a quality without bounds, such as `q=inf`.
        return offered[0]


def request_id(request: AnyRequest) -> str:
    """The id under which this request is logged and answered."""
    return request_id_of(request.scope)


def request_id_of(scope: Any) -> str:
    """The same, given the ASGI scope."""
    return str(scope[REQUEST_ID])
