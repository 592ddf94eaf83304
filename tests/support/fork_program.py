"""Imports the service, and from then on forks processes that need not do so again: see tests.support.forking.

python -m tests.support.fork_program SOCKET
"""

import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import resource
import runpy
import select
import signal
import socket
import sys
import threading
from typing import Any

PACKAGES = ("events", "projections", "migrations", "trivia")
OTHERS = (
    "asyncio",
    "uvicorn.supervisors",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "websockets",
)


def import_all() -> None:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    for name in OTHERS:
        importlib.import_module(name)
    if threading.active_count() != 1:
        raise RuntimeError("an import has started a thread, which a fork would not have")
    # What will never be freed need not be copied when the collector of a child looks at it.
    gc.freeze()


class Forker:
    """Takes orders until nobody gives any more; `take` returns in the child only."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._running: dict[int, int] = {}
        self._wakeup, waking = socket.socketpair()
        self._waking = waking
        for end in (self._wakeup, waking):
            end.setblocking(False)
        signal.set_wakeup_fd(waking.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Ctrl-C is for the tests, which end this process with themselves.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def take(self) -> dict[str, Any]:
        while True:
            ready, _, _ = select.select([self._orders, self._wakeup], [], [])
            if self._wakeup in ready:
                with contextlib.suppress(BlockingIOError):
                    self._wakeup.recv(4096)
                self._reap()
            if self._orders in ready:
                length, descriptors, _, _ = socket.recv_fds(self._orders, 4, 4)
                if not length:
                    sys.exit()
                order: dict[str, Any] = json.loads(self._read(int.from_bytes(length, "big")))
                pid = os.fork()
                if not pid:
                    self._become(descriptors)
                    return order
                *pipes, status = descriptors
                for pipe in pipes:
                    os.close(pipe)
                self._running[pid] = status
                os.write(status, b"%d\n" % pid)

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            data += self._orders.recv(length - len(data))
        return data

    def _reap(self) -> None:
        for pid in list(self._running):
            ended, code = os.waitpid(pid, os.WNOHANG)
            if ended:
                status = self._running.pop(pid)
                # Whoever started it may be gone.
                with contextlib.suppress(BrokenPipeError):
                    os.write(status, b"%d\n" % os.waitstatus_to_exitcode(code))
                os.close(status)

    def _become(self, descriptors: list[int]) -> None:
        """In the child: leave nothing of the parent's open, and have the pipes as standard input, output and error."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for end in (self._orders, self._wakeup, self._waking):
            end.close()
        for status in self._running.values():
            os.close(status)
        for number, descriptor in enumerate(descriptors[:3]):
            os.dup2(descriptor, number)
        for descriptor in descriptors:
            os.close(descriptor)
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
        # As with PYTHONUNBUFFERED: a test sees what was said when it was said.
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8", write_through=True)
        sys.stderr = io.TextIOWrapper(
            io.FileIO(2, "w", closefd=False), encoding="utf-8", errors="backslashreplace", write_through=True
        )


def run(order: dict[str, Any]) -> None:
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    if order["file_bytes"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_bytes"], order["file_bytes"]))
    sys.argv[1:] = order["arguments"]
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)


def main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        import_all()
        order = Forker(orders).take()
    run(order)


if __name__ == "__main__":
    main()
