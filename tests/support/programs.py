"""Our own programs, started by tests as processes of their own."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support import forking
from tests.support.forking import ROOT

__all__ = ["ROOT", "Program", "running", "say"]


class Program:
    """A running `python -m module arguments`, whose lines of output are gathered as they come."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = forking.start(module, arguments)
        self.lines: list[str] = []
        self.errors = ""
        self._readers = [threading.Thread(target=self._gather_lines), threading.Thread(target=self._gather_errors)]
        for reader in self._readers:
            reader.start()

    def _gather_lines(self) -> None:
        for line in self._process.stdout:
            # A process that was killed may have left half a line.
            if line.endswith("\n"):
                self.lines.append(line.rstrip("\n"))

    def _gather_errors(self) -> None:
        self.errors = self._process.stderr.read()

    def send(self, line: str) -> None:
        """A line for its standard input."""
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """As the kernel does it when memory runs out: no handler runs, nothing is flushed."""
        self._process.send_signal(signal.SIGKILL)

    def wait(self, timeout: float = 40) -> int:
        """The exit code, once all of its output was gathered; minus the number of the signal that ended it."""
        code = self._process.wait(timeout)
        for reader in self._readers:
            reader.join(timeout)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            pipe.close()
        return code


@contextmanager
def running(module: str, *arguments: str) -> Iterator[Program]:
    """Start a program; whatever happens, it does not outlive the block."""
    program = Program(module, *arguments)
    try:
        yield program
    finally:
        if not program.ended:
            program.kill()
        program.wait()


def say(line: str) -> None:
    """For programs: a line that the test has even if the program is killed in the next instant."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())
