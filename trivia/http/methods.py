"""Methods that no handler is written for: OPTIONS, and what the header Allow says.

Litestar answers OPTIONS itself, but of several handlers of one path it names only the first one's
methods.
"""

from collections.abc import Iterable
from typing import Any, Final

from litestar import HttpMethod, Response
from litestar.handlers import HTTPRouteHandler
from litestar.types import Send

from trivia.http.access import Access
from trivia.http.contract import Contract

NO_CONTENT: Final = 204


def allow(methods: Iterable[str], *, safe: bool = True) -> str:
    """The header Allow for handlers of these methods; where GET is `safe`, HEAD is answered too."""
    named = {*methods, "OPTIONS"}
    return ", ".join(sorted({*named, "HEAD"} if safe and "GET" in named else named))


def options_of(handlers: Iterable[Any]) -> list[HTTPRouteHandler]:
    """One handler of OPTIONS for each path of these."""
    methods: dict[str, set[str]] = {}
    for handler in handlers:
        for path in handler.paths:
            methods.setdefault(path, set()).update(map(str, handler.http_methods))
    return [_options(path, allow(named)) for path, named in methods.items()]


def _options(path: str, allowed: str) -> HTTPRouteHandler:
    def options() -> Response[None]:
        return Response(None, status_code=NO_CONTENT, headers={"Allow": allowed})

    return HTTPRouteHandler(
        path,
        http_method=[HttpMethod.OPTIONS],
        include_in_schema=False,
        opt=Contract(tag="Pages", access=Access.ANYONE).opt,
        sync_to_thread=False,
    )(options)


async def send_options(send: Send, allowed: str) -> None:
    """The same answer, sent for a raw ASGI handler."""
    await send({"type": "http.response.start", "status": NO_CONTENT, "headers": [(b"allow", allowed.encode())]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
