"""The service behind a real server, in a thread: for clients that need a network, such as browsers."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

from tests.support.accounts import Player, Players
from tests.support.banks import add_questions, question
from tests.support.serving import services_of
from tests.support.waiting import eventually_sync
from trivia.app import create_app
from trivia.http.middleware import RequestMiddleware
from trivia.services import Services
from trivia.settings import Settings

_T = TypeVar("_T")


class LiveServer:
    """A server on a free port of 127.0.0.1. `run` has a coroutine run in its event loop, where its services lives."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app: RequestMiddleware = create_app(settings)
        # With the protocol named asyncio turns Nagle's algorithm off, which would cost 40 ms a request.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        config = uvicorn.Config(
            self.app,
            http="httptools",
            ws="websockets-sansio",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="live-server")

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._listener])

    def start(self) -> None:
        self._thread.start()
        eventually_sync(lambda: self._server.started or not self._thread.is_alive())
        if not self._server.started:
            raise RuntimeError("the server did not start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._listener.close()

    @property
    def services(self) -> Services:
        return services_of(self.app)

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def make(self, role: Any = "player", *, org: str = "public") -> Player:
        """A user with an access token."""
        return self.run(Players(self.services).make(role, org=org))

    def fill(self, *questions: Any) -> None:
        """Put questions into the bank, and wait until they can be drawn."""
        self.run(self.services.pool_at(self.run(add_questions(self.services.log, questions))))


@contextmanager
def live_server(settings: Settings, questions: int = 0) -> Iterator[LiveServer]:
    """A running server on a migrated database, with so many questions in its bank."""
    server = LiveServer(settings)
    server.start()
    try:
        if questions:
            server.fill(*[question(number) for number in range(questions)])
        yield server
    finally:
        server.stop()
