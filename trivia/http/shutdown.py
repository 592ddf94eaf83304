"""Stopping in order: at the first signal readiness turns to 503, and only then does the server stop listening."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from litestar.types import Receive, Scope, Send

from trivia.http.middleware import Edge
from trivia.platform.process import tune_runtime

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Draining:
    """Wraps the application in the process that serves it; an ASGI application itself.

    On SIGTERM it waits for `seconds` before it passes the signal on to the server, so that whoever balances the load can look away
    first. SIGINT, and a second signal, are passed on at once.
    """

    def __init__(self, app: Edge, seconds: float) -> None:
        self._app = app
        self._seconds = seconds
        self._servers: dict[int, Any] = {}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Handle one connection, or the life of the process."""
        return (self._live if scope["type"] == "lifespan" else self._app)(scope, receive, send)  # type: ignore[comparison-overlap] # Litestar's Scope leaves it out

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_listen(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._listen(asyncio.get_running_loop())
                tune_runtime()

        await self._app(scope, receive, send_and_listen)

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._servers[number] = signal.getsignal(number)
                signal.signal(number, lambda number, frame: self._stop(loop, number, frame))

    def _stop(self, loop: asyncio.AbstractEventLoop, number: int, frame: Any) -> None:
        server: Callable[[int, Any], None] = self._servers[number]
        core = self._app.app.state.core
        at_once = core.draining or number == signal.SIGINT or not self._seconds
        core.draining = True
        if at_once:
            server(number, frame)
        else:
            loop.call_soon_threadsafe(loop.call_later, self._seconds, server, number, None)
