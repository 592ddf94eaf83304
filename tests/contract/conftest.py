"""One server for each worker, with users of every role; what a test does to it must not matter to the others."""

from collections.abc import Iterator

import httpx
import pytest

from migrations.runner import migrate_sqlite
from tests.contract.support.users import Callers
from tests.support.live import LiveServer, live_server
from trivia.settings import Settings

SECRET = "for the contract tests only, and long enough"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    directory = tmp_path_factory.mktemp("contract")
    path = directory / "trivia.sqlite"
    migrate_sqlite(str(path))
    settings = Settings(
        database_url=f"sqlite:///{path}",
        data_dir=str(directory),
        secret_key=SECRET,
        max_body_bytes=10_000,
        max_import_bytes=10_000,
        # Work in the background draws random numbers, which hypothesis takes for a strategy's.
        generation_concurrency=0,
    )
    with live_server(settings, questions=300) as server:
        yield server


@pytest.fixture(scope="session")
def client(server: LiveServer) -> Iterator[httpx.Client]:
    """Not signed in."""
    with httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def callers(server: LiveServer) -> Callers:
    return Callers(server)
