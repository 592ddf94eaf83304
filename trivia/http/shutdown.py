"""Graceful shutdown: readiness turns to 503 first, and only then does the server stop listening."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final

from litestar.types import Receive, Scope, Send

from trivia.http.injection import injector_of
from trivia.http.middleware import RequestMiddleware
from trivia.http.readiness import Readiness
from trivia.platform.process import tune_runtime

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class GracefulShutdown:
    """Wraps the application in the process that serves it; an ASGI application itself.

    On SIGTERM it waits for `drain_seconds` before it passes the signal on to the server, so that a
    load balancer can look away first. SIGINT, and a second signal, are passed on at once.
    """

    def __init__(self, app: RequestMiddleware, drain_seconds: float) -> None:
        self._app = app
        self._drain_seconds = drain_seconds
        self._server_handlers: dict[int, Any] = {}
        self._watching: asyncio.Task[None] | None = None
        self.failed = False
        """Whether the process ends because a background task has stopped."""
        self.starts_again = False
        """Whether it ended since the log has another history, which the application made anew can follow."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Handle one connection, or the life of the process."""
        return (self._live if scope["type"] == "lifespan" else self._app)(scope, receive, send)  # type: ignore[comparison-overlap] # Litestar's Scope leaves it out

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_listen(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._listen(asyncio.get_running_loop())
                tune_runtime()

        try:
            await self._app(scope, receive, send_and_listen)
        finally:
            if self._watching is not None:
                self._watching.cancel()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._server_handlers[number] = signal.getsignal(number)
                signal.signal(number, lambda number, frame: self._stop(loop, number, frame))
            self._watching = loop.create_task(self._end_when_broken())

    async def _end_when_broken(self) -> None:
        """End a process that cannot follow the log, as a signal would: its supervisor starts another."""
        readiness = injector_of(self._app.app).service(Readiness)
        await readiness.stopped.wait()
        self.failed, self.starts_again = True, readiness.starts_again
        signal.raise_signal(signal.SIGTERM)

    def _stop(self, loop: asyncio.AbstractEventLoop, number: int, frame: Any) -> None:
        server: Callable[[int, Any], None] = self._server_handlers[number]
        readiness = injector_of(self._app.app).service(Readiness)
        at_once = readiness.draining or number == signal.SIGINT or not self._drain_seconds
        readiness.draining = True
        if at_once:
            server(number, frame)
        else:
            loop.call_soon_threadsafe(loop.call_later, self._drain_seconds, server, number, None)
