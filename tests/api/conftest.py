"""The application over HTTP, on either database, in the test's own event loop."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.support.accounts import Player, Players
from tests.support.serving import client_of, running, services_of
from trivia.app import create_app
from trivia.http.middleware import RequestMiddleware
from trivia.services import Services
from trivia.settings import Settings

MakeApp = Callable[..., Awaitable[RequestMiddleware]]
MakeClient = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings for a fresh database, without a starter bank. Override in a module for tests that need others."""
    return Settings(
        database_url=database_url, data_dir=str(tmp_path / "data"), starter_bank=False, auto_generation=False
    )


@pytest.fixture
async def make_app(settings: Settings) -> AsyncIterator[MakeApp]:
    """`await make_app(access_token_seconds=60)`: another process's worth of application on the same database, with such settings."""
    async with AsyncExitStack() as stack:

        async def make(**changed: object) -> RequestMiddleware:
            app = create_app(msgspec.structs.replace(settings, **changed))
            await stack.enter_async_context(running(app))
            return app

        yield make


@pytest.fixture
async def make_client(make_app: MakeApp) -> AsyncIterator[MakeClient]:
    """`await make_client(access_token_seconds=60)`: a client of an application of its own; `address=` says where it calls from."""
    async with AsyncExitStack() as stack:

        async def make(*, address: str = "203.0.113.7", **changed: object) -> httpx.AsyncClient:
            return await stack.enter_async_context(client_of(await make_app(**changed), address))

        yield make


@pytest.fixture
async def app(make_app: MakeApp) -> RequestMiddleware:
    """The application, running."""
    return await make_app()


@pytest.fixture
def services(app: RequestMiddleware) -> Services:
    """What is behind the application."""
    return services_of(app)


@pytest.fixture
async def client(app: RequestMiddleware) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is not signed in; signing in is a header: `headers=player.headers`."""
    async with client_of(app) as client:
        yield client


@pytest.fixture
def players(services: Services) -> Players:
    """Makes users of any role and organisation: `await players.make("host", org="quizzers")`."""
    return Players(services)


@pytest.fixture
async def player(players: Players) -> Player:
    """A registered player of the organisation `public`."""
    return await players.make("player")


@pytest.fixture
async def host(players: Players) -> Player:
    """A host of the organisation `public`."""
    return await players.make("host")


@pytest.fixture
async def admin(players: Players) -> Player:
    """An admin of the organisation `public`."""
    return await players.make("admin")
