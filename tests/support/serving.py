"""The application in the test's own event loop: its lifespan run as a server would, and a client for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from trivia.app import create_app
from trivia.http.injection import injector_of
from trivia.http.middleware import RequestMiddleware
from trivia.services import Services
from trivia.settings import Settings

CLIENT_ADDRESS = "203.0.113.7"


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[None]:
    """Start an ASGI application up and, in the end, shut it down, in one task as a server does. Raises what its start raised."""
    incoming: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    outgoing: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(app(scope, incoming.get, outgoing.put))
    await incoming.put({"type": "lifespan.startup"})
    await _expect("lifespan.startup.complete", outgoing, task)
    try:
        yield
    finally:
        await incoming.put({"type": "lifespan.shutdown"})
        await _expect("lifespan.shutdown.complete", outgoing, task)
        await task


async def _expect(wanted: str, outgoing: asyncio.Queue[dict[str, str]], task: asyncio.Task[None]) -> None:
    said = asyncio.ensure_future(outgoing.get())
    await asyncio.wait({said, task}, return_when=asyncio.FIRST_COMPLETED)
    if not said.done():
        said.cancel()
        await task
    message = said.result()
    if message["type"] != wanted:
        raise RuntimeError(message.get("message", message["type"]))


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, Services]]:
    """The application on a migrated database: a client that talks to it, and its services."""
    app = create_app(settings)
    async with running(app), client_of(app) as client:
        yield client, services_of(app)


def client_of(app: RequestMiddleware, address: str = CLIENT_ADDRESS) -> httpx.AsyncClient:
    """A client at a network address. What the application does not handle is raised in the test, not answered with a 500."""
    transport = httpx.ASGITransport(app=app, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://trivia.test")


def services_of(app: RequestMiddleware) -> Services:
    """The services of an application that is running."""
    return injector_of(app.app).service(Services)
