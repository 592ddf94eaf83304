"""Servers in processes of their own, and the load that is put on them."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

START_SECONDS = 60.0
BIN = Path(sys.executable).parent
LUA = Path(__file__).parent / "draw.lua"


class Load(msgspec.Struct, frozen=True):
    """What a run of wrk came to. Latencies in microseconds."""

    requests: int
    microseconds: int
    bytes: int
    bad_status: int
    broken: int
    p50: int
    p99: int

    @property
    def rate(self) -> float:
        """Requests answered with success, a second."""
        return (self.requests - self.bad_status) / self.microseconds * 1e6


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self._process = process
        self._log = log
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str, token: str) -> bytes:
        """The body of an answer. Raises OSError for any that is no success."""
        return self._send("GET", path, token, None)

    def post(self, path: str, token: str, value: object = None) -> bytes:
        """The body of an answer to this, as JSON, or to nothing. Raises OSError for any that is no success."""
        return self._send("POST", path, token, None if value is None else json.dumps(value).encode())

    def _send(self, method: str, path: str, token: str, body: bytes | None) -> bytes:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, body, headers, method=method)  # noqa: S310 - http
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
            answered: bytes = answer.read()
            return answered

    def wait_for(self, holds: Callable[[], bool]) -> None:
        """Return once this holds. Raises RuntimeError where it does not in START_SECONDS."""
        deadline = time.monotonic() + START_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise RuntimeError(f"what was waited for did not come:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.05)

    def wait_until_up(self) -> None:
        """Return once it answers at all."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                self.get("/health/ready", "")
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return
            except OSError:
                pass
            else:
                return
            time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self._log.read_text()[-2000:]}")

    def settle(self) -> None:
        """Wait until it has finished what it does after answering (projections, queues): until it is idle for half a second.

        Then what was written is brought to the disk, so that this does not fall on what is measured next.
        """
        quiet = 0
        for _ in range(600):
            before = self._processor_seconds()
            time.sleep(0.1)
            quiet = quiet + 1 if self._processor_seconds() - before <= 0.01 else 0
            if quiet == 5:
                os.sync()
                return
        raise RuntimeError("the server does not come to rest")

    def _processor_seconds(self) -> float:
        ticks = 0
        for number in [self._process.pid, *_children(self._process.pid)]:
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """Memory of the process that is in RAM; its children have their own."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        self._process.kill()
        self._process.wait()


@contextmanager
def serve(command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run a server; `PORT` in the command stands for a free port."""
    port = _free_port()
    log = directory / f"server-{port}.log"
    words = [word.replace("PORT", str(port)) for word in command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(BIN / words[0]), *words[1:]],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(process, port, log)
    try:
        server.wait_until_up()
        yield server
    finally:
        server.stop()


def _children(process: int) -> list[int]:
    # Each thread has children of its own.
    threads = Path(f"/proc/{process}/task").iterdir()
    return [int(word) for thread in threads for word in (thread / "children").read_text().split()]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def put_load(server: Server, tokens: Path, *, seconds: int, connections: int, may_fail: bool = False) -> Load:
    """Have wrk ask for questions. Raises RuntimeError when any answer was no success, unless it `may_fail`."""
    run = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(LUA), server.url],
        env={**os.environ, "TOKENS": str(tokens)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    load = msgspec.convert(json.loads(run.stdout.strip().splitlines()[-1]), Load)
    if not may_fail and (load.bad_status or load.broken):
        raise RuntimeError(f"{load.bad_status} answers were no success and {load.broken} requests broke off")
    return load


def uvicorn(application: str, *, factory: bool = True) -> list[str]:
    """The command that serves an application with the settings of `trivia serve`."""
    return ["uvicorn", "--port", "PORT", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header",
            "--log-level", "warning", "--backlog", "2048", "--timeout-keep-alive", "75",
            *(["--factory"] if factory else []), application]  # fmt: skip


def granian(application: str) -> list[str]:
    """The command that serves an application with Granian, set up as near to that as it can be."""
    return ["granian", "--port", "PORT", "--loop", "uvloop", "--interface", "asgi", "--factory", "--no-access-log",
            "--log-level", "warning", "--workers", "1", application]  # fmt: skip
