"""A database that is gone, read-only or full: 503 with a reason and Retry-After, never a 500, and on it goes when that is over."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from migrations.runner import migrate_postgres
from tests.contract.support.problems import check_headers, check_problem
from tests.contract.support.routes import API, ROUTES
from tests.support.accounts import PASSWORD, Player, Players
from tests.support.banks import add_questions, question
from tests.support.postgres import PostgresServer
from tests.support.serving import serve
from tests.support.waiting import eventually
from trivia.services import Services
from trivia.settings import Settings

# What is asked of each route that reads or writes, so that it gets as far as the database.
REQUESTS: dict[str, dict[str, Any]] = {
    "POST /auth/register": {"json": {"email": "new@example.org", "password": PASSWORD}},
    "POST /auth/guest": {"json": {"nickname": "Ada"}},
    "GET /questions": {"params": {"limit": 1}},
    "POST /me/seen/reset": {},
    "DELETE /me": {},
    "POST /orgs/invitations": {"json": {}},
    "POST /questions/import": {
        "json": {"questions": [{"prompt": "Up?", "options": ["a", "b", "c", "d"], "answer": "a", "topic": "Odd"}]}
    },
}
"""These write."""

READS: dict[str, dict[str, Any]] = {
    "GET /me": {},
    "GET /topics": {},
    "GET /user_quiz_stats": {},
    "GET /me/history": {},
    "GET /questions/availability": {},
    "GET /health/ready": {},
    "POST /auth/login": {"json": {"email": "nobody@example.org", "password": PASSWORD}},
}


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """One that may be stopped."""
    server = PostgresServer()
    try:
        yield server
    finally:
        server.close()


class Service:
    """The application, with a question to answer and an admin who may do everything."""

    def __init__(self, client: httpx.AsyncClient, services: Services, admin: Player) -> None:
        self.client = client
        self.services = services
        self.admin = admin

    async def send(self, name: str, **more: Any) -> httpx.Response:
        method, path = name.split(" ")
        return await self.client.request(method, path, headers=self.admin.headers, **more)


async def set_up(client: httpx.AsyncClient, services: Services) -> Service:
    position = await add_questions(services.log, [question(number) for number in range(20)])
    await services.pool_at(position)
    return Service(client, services, await Players(services).make("admin"))


@pytest.fixture
async def on_sqlite(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(Settings(database_url=sqlite_url, data_dir=str(tmp_path))) as (client, services):
        yield await set_up(client, services)


@pytest.fixture
async def on_postgres(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Service]:
    url = postgres.create_database()
    await migrate_postgres(url)
    async with serve(Settings(database_url=url, data_dir=str(tmp_path))) as (client, services):
        yield await set_up(client, services)


async def pragma(database: Any, statement: str) -> None:
    """Set something on the writer's connection, which may not be able to begin a transaction."""
    await database._thread.call(lambda: database._writer.execute(f"PRAGMA {statement}").fetchall())


async def assert_writes_are_refused(service: Service) -> None:
    for name, more in REQUESTS.items():
        check_problem(await service.send(name, **more), 503)


async def assert_all_is_well(service: Service) -> None:
    async def is_ready() -> bool:
        return (await service.send("GET /health/ready")).status_code == 200

    await eventually(is_ready, 30)
    for name, more in REQUESTS.items():
        response = await service.send(name, **more)
        assert response.status_code < 300, (name, response.text)
        check_headers(response)
        if name == "DELETE /me":
            service.admin = await Players(service.services).make("admin")


def test_what_is_asked_here_is_there() -> None:
    assert {*REQUESTS, *READS} <= {str(route) for route in API}


async def test_a_read_only_sqlite_file(on_sqlite: Service) -> None:
    database: Any = on_sqlite.services.storage.database
    await pragma(database, "query_only = ON")
    await assert_writes_are_refused(on_sqlite)
    for name in ("GET /me", "GET /topics", "GET /user_quiz_stats", "GET /me/history"):
        assert (await on_sqlite.send(name)).status_code == 200
    await pragma(database, "query_only = OFF")
    await assert_all_is_well(on_sqlite)


async def test_a_full_disk_under_sqlite(on_sqlite: Service) -> None:
    database: Any = on_sqlite.services.storage.database
    [(pages,)] = await database.read("PRAGMA page_count")
    await pragma(database, f"max_page_count = {pages}")
    refused = None
    for number in range(500):
        response = await on_sqlite.send("POST /auth/guest", json={"nickname": f"{number} {'x' * 30}"})
        if response.status_code != 201:
            refused = response
            break
    assert refused is not None
    check_problem(refused, 503)
    assert (await on_sqlite.send("GET /me")).status_code == 200
    await pragma(database, "max_page_count = 1000000")
    await assert_all_is_well(on_sqlite)


async def test_a_postgres_that_is_gone(on_postgres: Service, postgres: PostgresServer) -> None:
    assert (await on_postgres.send("GET /questions", params={"limit": 1})).status_code == 200
    postgres.stop("immediate")
    try:
        await assert_writes_are_refused(on_postgres)
        for name, more in READS.items():
            check_problem(await on_postgres.send(name, **more), 503)
        for route in ROUTES:
            response = await on_postgres.client.request(route.method, route.path, headers=on_postgres.admin.headers)
            assert response.status_code < 500 or check_problem(response, 503) == {}, str(route)
        assert (await on_postgres.send("GET /health")).status_code == 200
        assert (await on_postgres.send("GET /play")).status_code == 200
    finally:
        postgres.start()
    await assert_all_is_well(on_postgres)


async def test_a_postgres_that_became_read_only(on_postgres: Service, postgres: PostgresServer) -> None:
    name = on_postgres.services.settings.database_url.partition("?")[0].rpartition("/")[2]
    end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'trivia%'"
    postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on; {end}")
    await assert_writes_are_refused(on_postgres)
    postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = off; {end}")
    await assert_all_is_well(on_postgres)
