"""The command line: each command a process of its own, in a directory of its own."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.support.databases import open_log
from tests.support.forking import ROOT, Forked, start
from tests.support.waiting import eventually, eventually_sync

_ADDRESS = re.compile(r"Serving on (http://\S+:\d+)")
START_SECONDS = 60.0


class Trivia:
    """Runs `trivia` in `directory`, with settings from the environment: `Trivia(path, database_url=…)`."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.directory = directory
        self.settings = settings

    def start(self, *arguments: str, file_bytes: int | None = None, **settings: Any) -> Forked:
        """A process with pipes; text in and out. It may write files of at most `file_bytes`."""
        environment = self.environment(**settings)
        return start("trivia", arguments, directory=self.directory, environment=environment, file_bytes=file_bytes)

    def environment(self, **settings: Any) -> dict[str, str]:
        variables = {f"TRIVIA_{name.upper()}": str(value) for name, value in {**self.settings, **settings}.items()}
        return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **variables}

    def __call__(self, *arguments: str, said: str = "", **settings: Any) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end; `said` is what it reads from standard input."""
        process = self.start(*arguments, **settings)
        with process:
            try:
                out, err = process.communicate(said, timeout=START_SECONDS)
            finally:
                process.kill()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    @contextmanager
    def serving(self, *arguments: str, **settings: Any) -> Iterator["Server"]:
        """`trivia serve` on a free port. Whatever happens, it does not outlive the block."""
        server = Server(self.start("serve", "--port", "0", *arguments, **settings))
        try:
            yield server
        finally:
            server.end()


class Installed(Trivia):
    """Runs `trivia` just as its users do: a new interpreter, which imports what it needs by itself and takes its time for it."""

    def start(self, *arguments: str, **settings: Any) -> "subprocess.Popen[str]":  # type: ignore[override] # has all that is used
        return subprocess.Popen(
            [sys.executable, "-m", "trivia", *arguments],
            cwd=self.directory,
            env=self.environment(**settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


Process = Forked | subprocess.Popen[str]


def wait_for_first_event(database_url: str, process: Process) -> None:
    """Return as soon as the process has brought anything into the log: much sooner than a command could tell."""

    async def wait() -> None:
        async with open_log(database_url) as log:

            async def has_begun() -> int:
                assert process.poll() is None
                return await log.head()

            await eventually(has_begun, START_SECONDS)

    asyncio.run(wait())


class Server:
    """A running `trivia serve`."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.out = ""
        self.err = ""
        self._readers = [
            threading.Thread(target=self._gather, args=("out", process.stdout)),
            threading.Thread(target=self._gather, args=("err", process.stderr)),
        ]
        for reader in self._readers:
            reader.start()

    def _gather(self, name: str, pipe: Any) -> None:
        for line in pipe:
            setattr(self, name, getattr(self, name) + line)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=10)

    @property
    def url(self) -> str:
        """Where it says that it serves, once it has said so."""
        return str(eventually_sync(lambda: self._ended_or(_ADDRESS.search(self.out)), START_SECONDS)[1])

    def _ended_or(self, found: Any) -> Any:
        assert self.process.poll() is None, self.out + self.err
        return found

    def wait_until_ready(self) -> None:
        eventually_sync(lambda: self._ended_or(self.status("/health/ready") == 200), START_SECONDS)

    def status(self, path: str) -> int | None:
        """The status of a GET, None where nobody answers."""
        try:
            return self.get(path).status_code
        except httpx.TransportError:
            return None

    def workers(self) -> list[int]:
        """The ids of the processes that serve for this one."""
        return self._children(b"spawn_main")

    def worker_process(self) -> int | None:
        """The id of the process that does what goes on behind requests, while there is one."""
        return next(iter(self._children(b"--until-eof")), None)

    def _children(self, mark: bytes) -> list[int]:
        found = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                with suppress(FileNotFoundError):
                    if mark in Path(f"/proc/{child}/cmdline").read_bytes():
                        found.append(int(child))
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(START_SECONDS)

    def end(self) -> None:
        workers = self.workers() if self.process.poll() is None else []
        self.process.kill()
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self.process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
