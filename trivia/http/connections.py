"""Bounds on connections: how large a request's head may be, how slowly it may come, and how many connections there may be.

They hold before anything of the request is parsed into memory, which is why they are part of the server's protocol and not of the
application. A request that goes over one is answered with a problem document and the connection is closed.
"""

import asyncio
import resource
from collections import Counter
from typing import ClassVar, Final, NamedTuple

import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from events.ids import uuid7
from trivia.http.problems import HeadersTooLarge, Problem, RequestTimeout, TooManyRequests, Unavailable, UriTooLong
from trivia.settings import Settings

MAX_FRAMING_RATIO: Final = 16
"""Bytes of chunk headers and trailers that a body may have for each byte of its own, beyond what a head may have."""
MIN_BODY_RATE: Final = 1_024
"""Bytes a second, on average, that a body has to come in at once its time is over."""
SWEEP_SECONDS: Final = 0.5
FILES_BESIDE_CONNECTIONS: Final = 256
"""Open files that a process needs for all else: databases, logs, modules."""
_MAX_FILES: Final = 1_048_576

_log = structlog.get_logger("trivia.http.connections")


class Limits(NamedTuple):
    """Bytes, seconds and numbers of connections; see the settings of the same names."""

    max_header_bytes: int = 32_768
    max_url_bytes: int = 16_384
    header_timeout_seconds: float = 10.0
    body_timeout_seconds: float = 30.0
    max_connections: int = 10_000
    max_connections_per_address: int = 1_000


def raise_open_file_limit(connections: int) -> int:
    """Let this process, and those it starts, open a file for each connection; how many files it may open now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(connections + FILES_BESIDE_CONNECTIONS, _MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < wanted:
            _log.warning("open_file_limit_low", limit=soft, wanted=wanted)
    return soft


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with Limits. `limits` are the process's, set before it serves."""

    limits: ClassVar[Limits] = Limits()
    trusted_addresses: ClassVar[frozenset[str]] = frozenset()
    """Proxies, which stand for many clients: not counted by address."""
    _by_address: ClassVar[Counter[str]] = Counter()
    _sweeping: ClassVar[asyncio.TimerHandle | None] = None
    _open: ClassVar[set["BoundedProtocol"]] = set()

    _refused = False
    _in_head = True
    _has_begun = False
    _head_bytes = 0
    _received = 0
    _body_bytes = 0
    _body_began = 0.0
    _deadline: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Count the connection, and refuse it where there are too many."""
        super().connection_made(transport)
        self._open.add(self)
        self._deadline = self.loop.time() + self.limits.header_timeout_seconds
        self._keep_sweeping()
        address = self.client[0] if self.client else ""
        if address in self.trusted_addresses:
            address = ""
        self._address = address
        if address:
            self._by_address[address] += 1
            if self._by_address[address] > self.limits.max_connections_per_address:
                self._refuse(TooManyRequests("There are too many connections from this address.", retry_after=1))
                return
        if len(self.connections) > self.limits.max_connections:
            self._refuse(Unavailable("There are too many connections.", retry_after=1))

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._open.discard(self)
        _forget(self._by_address, self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in bytes, unless this makes the request larger than it may be."""
        if self._refused:
            return
        self._received += len(data)
        if self._in_head and self._received > self.limits.max_header_bytes + len(data):
            # Not even parsed: a single header may come in a hundred thousand pieces.
            self._refuse(HeadersTooLarge(f"At most {self.limits.max_header_bytes} bytes of headers are read here."))
            return
        super().data_received(data)
        if self._is_over():
            return
        if self._in_head:
            if self._has_begun and self._deadline is None:
                self._deadline = self.loop.time() + self.limits.header_timeout_seconds
        elif self._received - self._body_bytes > self.limits.max_header_bytes + MAX_FRAMING_RATIO * (
            self._body_bytes + len(data)
        ):
            self._refuse(HeadersTooLarge("What stands between the parts of the body is too large."))

    def _is_over(self) -> bool:
        return self._refused or self.transport.is_closing()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._has_begun, self._head_bytes, self._body_bytes = True, 0, 0

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        super().on_url(url)
        if len(self.url) > self.limits.max_url_bytes:
            self._refuse(UriTooLong(f"The path and query may have at most {self.limits.max_url_bytes} bytes."))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or one behind the body, which nothing here reads."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self.limits.max_header_bytes:
            self._refuse(HeadersTooLarge(f"At most {self.limits.max_header_bytes} bytes of headers are read here."))
        elif self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The application takes over, unless the request was refused."""
        self._in_head, self._received = False, 0
        self._body_began = self.loop.time()
        self._deadline = self._body_began + self.limits.body_timeout_seconds
        if not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._refused:
            return
        self._body_bytes += len(body)
        # A large body may take its time, as long as it comes on.
        self._deadline = self._body_began + self.limits.body_timeout_seconds + self._body_bytes / MIN_BODY_RATE
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; another may follow on the same connection."""
        self._in_head, self._has_begun, self._received, self._deadline = True, False, 0, None
        if not self._refused:
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; it goes on being counted."""
        self._open.discard(self)
        super().handle_websocket_upgrade()
        protocol = self.transport.get_protocol()
        if isinstance(protocol, CountedWebSocketProtocol):
            protocol.counted = self._by_address, self._address

    def _refuse(self, problem: Problem) -> None:
        if self._refused:
            return
        self._refused = True
        self._deadline = None
        request_id = uuid7()
        address = self.client[0] if self.client else None
        _log.info("connection_refused", request_id=request_id, reason=problem.slug, address=address)
        if self.cycle is not None and not self.cycle.response_complete:  # type: ignore[redundant-expr] # None at first
            # Half of a response may be out already.
            self.transport.abort()
            return
        body = msgspec.json.encode(problem.document(request_id))
        headers = {"content-type": "application/problem+json", "content-length": str(len(body)), "connection": "close"}
        lines = [f"{name}: {value}\r\n" for name, value in {**headers, **problem.headers}.items()]
        head = f"HTTP/1.1 {problem.status} {problem.title}\r\n{''.join(lines)}\r\n"
        self.transport.write(head.encode("latin-1") + body)
        self.transport.close()

    def _keep_sweeping(self) -> None:
        cls = BoundedProtocol
        if cls._sweeping is None:
            cls._sweeping = self.loop.call_later(SWEEP_SECONDS, _sweep, self.loop)

    def _look_at(self, now: float) -> None:
        """Give up a request that takes too long to come."""
        if self._deadline is None or now < self._deadline:
            return
        if self.flow.read_paused:
            # It is the application that takes its time.
            self._deadline = now + self.limits.body_timeout_seconds
            return
        self._refuse(RequestTimeout("The request took too long to come."))


def _sweep(loop: asyncio.AbstractEventLoop) -> None:
    # One timer for all connections: one for each request would cost every request something.
    now = loop.time()
    for connection in list(BoundedProtocol._open):  # noqa: SLF001 - of this module
        connection._look_at(now)  # noqa: SLF001
    going_on = bool(BoundedProtocol._open)  # noqa: SLF001
    BoundedProtocol._sweeping = loop.call_later(SWEEP_SECONDS, _sweep, loop) if going_on else None  # noqa: SLF001


class CountedWebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, for connections that are counted by address."""

    counted: tuple[Counter[str], str] | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        if self.counted is not None:
            _forget(*self.counted)
        super().connection_lost(exc)


def _forget(counts: Counter[str], address: str) -> None:
    if address:
        counts[address] -= 1
        if counts[address] <= 0:
            del counts[address]


def configure(settings: Settings) -> None:
    """Set the limits of this process."""
    BoundedProtocol.limits = Limits(*(getattr(settings, name) for name in Limits._fields))
    BoundedProtocol.trusted_addresses = frozenset(filter(None, map(str.strip, settings.trusted_proxies.split(","))))
