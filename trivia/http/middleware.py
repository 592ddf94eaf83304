"""What holds for every request: middleware around the application and around each route.

RequestMiddleware sees all requests, those that find no route too: it gives them an id and security headers, believes
trusted proxies, answers HEAD, and logs what failed or was slow. Litestar's own middleware is not run without a route.

RouteMiddleware sees the requests that have found a route and holds them to its contract: method, access, and the
position in the log from which on they are answered. Raw ASGI handlers pass through it like all others.
"""

import logging
import re
import time
from typing import Any, Final, cast

import structlog
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from events.ids import uuid7
from trivia.http.access import Access, Authenticator
from trivia.http.contract import Contract, contract_of
from trivia.http.errors import REQUEST_ID
from trivia.http.injection import service_of
from trivia.http.methods import allow, send_options
from trivia.http.problems import MethodNotAllowed
from trivia.http.read_your_writes import Positions, log_epoch

SLOW_SECONDS: Final = 1.0
SECURITY_HEADERS: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
]

_ACCEPTABLE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SERVER_ERROR = 500
_EPOCH_HEADERS: Final = "trivia.epoch_headers"
"""Key of the ASGI scope: headers that tell the log's epoch, once the request has found a route."""
_IS_HEAD: Final = "trivia.is_head"
"""Key of the ASGI scope: the request was a HEAD, which is handled as the GET that it asks about."""


class RequestMiddleware:
    """Wraps the application; an ASGI application itself.

    `trusted_proxies` may say whose request they pass on.
    """

    def __init__(self, app: Litestar, trusted_proxies: str) -> None:
        self.app = app
        self._behind_proxies: Any = ProxyHeadersMiddleware(cast("Any", app), trusted_proxies)
        self._log: Any = None
        self._logs_all = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._behind_proxies(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        method, path = scope["method"], scope["path"]
        extra = [(b"x-request-id", request_id.encode()), *SECURITY_HEADERS]
        status, took = 0, 0.0

        async def send_with_headers(message: Message) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                # A response may be streamed for hours; what counts is how soon it began.
                status, took = message["status"], time.perf_counter() - began
                message["headers"] = [*message["headers"], *extra, *cast("Any", scope.get(_EPOCH_HEADERS, ()))]
            await send(message)

        answer: Send = send_with_headers
        if method == "HEAD":
            # The server, whose scope this is, has to go on knowing that it is a HEAD.
            scope = cast("Scope", {**scope, "method": "GET", _IS_HEAD: True})
            answer = _without_body(send_with_headers)
        scope[REQUEST_ID] = request_id  # type: ignore[typeddict-unknown-key] # ASGI allows keys of one's own
        try:
            await self._behind_proxies(scope, receive, answer)
        finally:
            self._note(request_id, method, path, status, took)

    def _note(self, request_id: str, method: str, path: str, status: int, took: float) -> None:
        """Log a request: never its query, body or headers, since those may hold secrets."""
        if self._log is None:
            # Bound once, when logging is configured for sure: making a logger costs more than using it.
            self._log = structlog.get_logger("trivia.http").bind()
            self._logs_all = self._log.is_enabled_for(logging.DEBUG)
        level = logging.WARNING if status >= _SERVER_ERROR or status == 0 or took > SLOW_SECONDS else logging.DEBUG
        if self._logs_all or level is logging.WARNING:
            self._log.log(
                level,
                "request",
                request_id=request_id,
                method=method,
                path=path[:200],
                status=status,
                ms=round(took * 1000, 1),
            )


def _request_id(scope: Any) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ACCEPTABLE_ID.fullmatch(value):
            return str(value, "ascii")
    return uuid7()


def _without_body(send: Send) -> Send:
    """Send the head of a response only; by `receive` a stream notices that it has ended."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_head


class RouteMiddleware:
    """Wraps a route; an ASGI application itself.

    Puts the sender's Identity into `scope["user"]`. Raises Unauthenticated, Forbidden,
    MethodNotAllowed, OtherEpoch, and as `Positions.reach`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        contract = contract_of(scope["route_handler"])
        if scope["type"] == ScopeType.HTTP:
            if contract.method is not None and scope["method"] == "OPTIONS":
                await send_options(send, _allowed(contract))
                return
            _check_method(scope, contract)
        positions = service_of(scope, Positions)
        scope[_EPOCH_HEADERS] = positions.epoch_headers  # type: ignore[typeddict-unknown-key] # ASGI allows keys of one's own
        if contract.access is not Access.ANYONE and not contract.guards_itself:
            scope["user"] = await service_of(scope, Authenticator).authorise(scope, contract.access)
        if (epoch := log_epoch(scope)) is not None:
            positions.require_epoch(epoch)
        if contract.reads is not None:
            await positions.await_requested(scope, contract.reads, contract.query)
        await self._app(scope, receive, send)


def _check_method(scope: HTTPScope, contract: Contract) -> None:
    """Refuse what Litestar's routing lets through.

    That is any other method of a raw handler, and HEAD where even GET changes something.
    """
    if contract.method not in {None, scope["method"]} or (_IS_HEAD in scope and not contract.safe):
        raise MethodNotAllowed("This path does not take this method.", allow=_allowed(contract))


def _allowed(contract: Contract) -> str:
    return allow([contract.method or "GET"], safe=contract.safe)
