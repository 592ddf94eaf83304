"""What every suite shares: real databases, each test with one of its own, and an environment without settings of ours."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from migrations.runner import migrate_postgres, migrate_sqlite
from tests.support.databases import SQLITE_PREFIX
from tests.support.postgres import PostgresServer

pytest_plugins = ["tests.support.endpoint_fixtures"]

_SETTINGS_PREFIXES = ("TRIVIA_", "OPENAI_")
_TEMPLATE = "trivia_template"


# The machine that runs the tests may be busy with others; how long an example takes says nothing.
hypothesis.settings.register_profile("trivia", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=20)
hypothesis.settings.load_profile("trivia")


def pytest_configure() -> None:
    # Before anything is imported or started: what the developer's shell says must not decide what a test sees.
    for name in [name for name in os.environ if name.startswith(_SETTINGS_PREFIXES)]:
        del os.environ[name]
    # A shell that runs the tests in the background has Ctrl-C ignored, and so would every program that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a PostgreSQL server, so that the quick run can leave it to the whole one."""
    for item in items:
        parameters = (
            item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
        )
        if "postgres_server" in getattr(item, "fixturenames", ()) or "postgres" in parameters:
            item.add_marker("postgres")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run (for each worker of pytest-xdist). Do not stop it: make one of your own for that."""
    server = PostgresServer()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated database; copying it is quicker than migrating."""
    postgres_server.sql(f"CREATE DATABASE {_TEMPLATE}")
    asyncio.run(migrate_postgres(postgres_server.url(_TEMPLATE)))
    return _TEMPLATE


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    url = postgres_server.create_database(postgres_template)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a PostgreSQL database with nothing in it."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    migrate_sqlite(str(path))
    return path


@pytest.fixture
def sqlite_path(sqlite_template: Path, tmp_path: Path) -> Path:
    """A fresh, migrated SQLite file."""
    return Path(shutil.copy(sqlite_template, tmp_path / "trivia.sqlite"))


@pytest.fixture
def sqlite_url(sqlite_path: Path) -> str:
    return f"{SQLITE_PREFIX}{sqlite_path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database, of either kind in turn: `sqlite:///<path>` or `postgresql://…`."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
