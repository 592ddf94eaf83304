"""The outermost layer: what holds for every request, whichever route it finds or does not find.

It gives the request an id, adds the security headers, and logs what failed or was slow. It stands outside Litestar, because
Litestar's own middleware is not run for requests that find no route.
"""

import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple, cast

import msgspec
import structlog
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from events.ids import uuid7
from trivia.http.errors import MEDIA_TYPE, REQUEST_ID, explain
from trivia.http.whole_reply import render, send_whole

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

_SECURITY: Final = render(SECURITY_HEADERS)

Shortcut = Callable[[Any], Awaitable["Reply"]]
"""Answers a GET request, given its ASGI scope; what it raises is answered with a problem document."""


class Reply(NamedTuple):
    """A whole response. `head` is its headers as they stand on the wire, names in lower case; see `render`."""

    status: int
    head: bytes
    body: bytes


class RequestMiddleware:
    """Wraps the application; an ASGI application itself.

    `shortcuts` maps paths to what answers GET requests there without Litestar, whose way to a handler costs more than the hot route.
    Everything else learns whose request it is from the `trusted_proxies`.
    """

    def __init__(self, app: Litestar, shortcuts: Mapping[str, Shortcut], trusted_proxies: str) -> None:
        self.app = app
        self._behind_proxies: Any = ProxyHeadersMiddleware(cast("Any", app), trusted_proxies)
        self._shortcuts = shortcuts
        self._log: Any = None
        self._notes_all = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._behind_proxies(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        scope[REQUEST_ID] = request_id  # type: ignore[typeddict-unknown-key] # ASGI allows keys of one's own
        shortcut = self._shortcuts.get(scope["path"]) if scope["method"] == "GET" else None
        if shortcut is not None:
            scope["litestar_app"] = self.app
            try:
                reply = await shortcut(scope)
            except Exception as error:  # noqa: BLE001 - as for every other route, see trivia.http.errors
                reply = _explain(error, request_id)
            head = b"%bx-request-id: %b\r\n%b" % (reply.head, request_id.encode(), _SECURITY)
            await send_whole(send, reply.status, head, reply.body)
            self._note(scope, request_id, reply.status, time.perf_counter() - began)
            return
        extra = [(b"x-request-id", request_id.encode()), *SECURITY_HEADERS]
        status, took = 0, 0.0

        async def send_with_headers(message: Message) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                # A response may be streamed for hours; what counts is how soon it began.
                status, took = message["status"], time.perf_counter() - began
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        try:
            await self._behind_proxies(scope, receive, send_with_headers)
        finally:
            self._note(scope, request_id, status, took)

    def _note(self, scope: Any, request_id: str, status: int, took: float) -> None:
        """Log a request: never its query, body or headers, since those may hold secrets."""
        if self._log is None:
            # Bound once, when logging is configured for sure: making a logger costs more than using it.
            self._log = structlog.get_logger("trivia.http").bind()
            self._notes_all = self._log.is_enabled_for(logging.DEBUG)
        level = logging.WARNING if status >= _SERVER_ERROR or status == 0 or took > SLOW_SECONDS else logging.DEBUG
        if self._notes_all or level is logging.WARNING:
            self._log.log(
                level,
                "request",
                request_id=request_id,
                method=scope["method"],
                path=scope["path"][:200],
                status=status,
                ms=round(took * 1000, 1),
            )


def _explain(error: Exception, request_id: str) -> Reply:
    status, headers, document = explain(error, request_id)
    body = msgspec.json.encode(document)
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    raw += [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body))]
    return Reply(status, render(raw), body)


def _request_id(scope: Any) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ACCEPTABLE_ID.fullmatch(value):
            return str(value, "ascii")
    return uuid7()
