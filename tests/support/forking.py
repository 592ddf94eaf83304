"""Python programs that start at once: processes of their own, forked from one that has our modules imported already.

Importing the service takes a processor half a second, and the tests start hundreds of processes. All else is as if
`python -m module` had been started: its own process with its own directory, environment, pipes, signals and exit code.
"""

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self, TextIO

ROOT = Path(__file__).parents[2]


class Forked:
    """A process, with the part of `subprocess.Popen`'s interface that tests need: text in and out through pipes."""

    def __init__(self, pid: int, status: int, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> None:
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self._status = status

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; minus the number of the signal that ended it. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = int(_read_line(self._status))
            os.close(self._status)
        return self.returncode

    def poll(self) -> int | None:
        """The exit code, None as long as it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal; to a process that has ended, none."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """As the kernel does it when memory runs out: no handler runs, nothing is flushed."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, said: str | None = None, timeout: float | None = None) -> tuple[str, str]:
        """Write to its standard input, read all that it says, wait for its end. Raises subprocess.TimeoutExpired."""
        texts = {"out": "", "err": ""}

        def read(name: str, pipe: TextIO) -> None:
            texts[name] = pipe.read()

        pipes = (("out", self.stdout), ("err", self.stderr))
        readers = [threading.Thread(target=read, args=each, daemon=True) for each in pipes if not each[1].closed]
        for reader in readers:
            reader.start()
        with contextlib.suppress(BrokenPipeError):
            self.stdin.write(said or "")
            self.stdin.flush()
        self._close(self.stdin)
        self.wait(timeout)
        for reader in readers:
            reader.join(timeout)
            if reader.is_alive():
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return texts["out"], texts["err"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        # A test that has failed waits for nothing, and leaves nothing running.
        if error is not None:
            self.kill()
        self._close(self.stdin)
        self.wait()
        self._close(self.stdout)
        self._close(self.stderr)

    @staticmethod
    def _close(pipe: TextIO) -> None:
        # What could not be written to a process that has ended is of no use to anybody.
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def start(
    module: str,
    arguments: Sequence[str],
    *,
    directory: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    file_bytes: int | None = None,
    silent: bool = False,
) -> Forked:
    """Start `python -m module arguments`; it may write files of at most `file_bytes`. What a `silent` one says is lost."""
    order = {
        "module": module,
        "arguments": list(arguments),
        "directory": str(directory),
        "environment": dict(os.environ if environment is None else environment),
        "file_bytes": file_bytes,
    }
    (stdin, to), (out, stdout), (err, stderr), (status, told) = (os.pipe() for _ in range(4))
    if silent:
        # A pipe that nobody reads is full one day, and whoever writes to it waits.
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), stdout, inheritable=False)
            os.dup2(nothing.fileno(), stderr, inheritable=False)
    try:
        _template().send(order, [stdin, stdout, stderr, told])
    finally:
        for end in (stdin, stdout, stderr, told):
            os.close(end)
    return Forked(int(_read_line(status)), status, os.fdopen(to, "w"), os.fdopen(out), os.fdopen(err))


class _Template:
    """The process that the others are forked from."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sending = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.fork_program", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def send(self, order: object, descriptors: list[int]) -> None:
        line = json.dumps(order).encode()
        with self._sending:
            socket.send_fds(self._ours, [len(line).to_bytes(4, "big")], descriptors)
            self._ours.sendall(line)

    def close(self) -> None:
        self._ours.close()
        self._process.wait()


@functools.cache
def _template() -> _Template:
    template = _Template()
    atexit.register(template.close)
    return template


def _read_line(descriptor: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            raise RuntimeError("the process that starts the others has ended")
        line += byte
    return line
