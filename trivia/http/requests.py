"""Reading requests: one way for every route.

A route names the Struct of its body in `opt["body"]` and of its query in `opt["query"]`; the API's documentation is made from them.
"""

from typing import Any, TypeVar

from litestar import Request

from trivia.http.access import Identity
from trivia.http.errors import REQUEST_ID
from trivia.http.problems import TooLarge, UnsupportedMedia
from trivia.http.validation import parse_json, parse_query

_T = TypeVar("_T")

AnyRequest = Request[Identity, Any, Any]


async def read_json(request: AnyRequest, kind: type[_T]) -> _T:
    """The body as a `kind`. Raises UnsupportedMedia, TooLarge and BadInput, which names every field at fault."""
    return parse_json(await read_body(request), kind)


async def read_body(request: AnyRequest) -> bytes:
    """The body, which is to be JSON, as it is. Raises UnsupportedMedia and TooLarge."""
    media_type = request.content_type[0]
    if media_type not in {"", "application/json"}:
        raise UnsupportedMedia(f"Send application/json, not {media_type[:100]}.")
    limit: int = request.app.state.services.settings.max_body_bytes
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"At most {limit} bytes are read here.")
    return bytes(body)


def read_query(request: AnyRequest, kind: type[_T]) -> _T:
    """The query string as a `kind`. Raises BadInput, which names every parameter at fault."""
    return parse_query(request.scope["query_string"], kind)


def request_id(request: AnyRequest) -> str:
    """The id under which this request is logged and answered."""
    return str(request.scope[REQUEST_ID])  # type: ignore[typeddict-item] # put there by the edge
