"""The outermost layer: what holds for every request, whichever route it finds or does not find.

It gives the request an id, adds the security headers, and logs what failed or was slow. It stands outside Litestar, because
Litestar's own middleware is not run for requests that find no route.
"""

import re
import time
from typing import Any, Final

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from events.ids import uuid7

SLOW_SECONDS: Final = 1.0
_ACCEPTABLE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SERVER_ERROR = 500

SECURITY_HEADERS: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
]

REQUEST_ID: Final = "trivia.request_id"
"""Key of the request's id in the ASGI scope."""

_log = structlog.get_logger("trivia.http")


class Edge:
    """Wraps the application; an ASGI application itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        scope[REQUEST_ID] = request_id  # type: ignore[typeddict-unknown-key] # ASGI allows keys of one's own
        status = 0
        extra = [(b"x-request-id", request_id.encode()), *SECURITY_HEADERS]

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            took = time.perf_counter() - began
            if status >= _SERVER_ERROR or status == 0 or took > SLOW_SECONDS:
                _log.warning("request", **_describe(scope, request_id, status, took))
            else:
                _log.debug("request", **_describe(scope, request_id, status, took))


def _request_id(scope: Any) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ACCEPTABLE_ID.fullmatch(value):
            return str(value, "ascii")
    return uuid7()


def _describe(scope: Any, request_id: str, status: int, took: float) -> dict[str, Any]:
    """What is logged of a request: never its query, body or headers, since those may hold secrets."""
    return {
        "request_id": request_id,
        "method": scope["method"],
        "path": scope["path"][:200],
        "status": status,
        "ms": round(took * 1000, 1),
    }
