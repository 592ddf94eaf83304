"""The worker process: `trivia work`, supervised by `trivia serve`."""

import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Final, Self

import structlog

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0
LONG_LIFE_SECONDS: Final = 60.0
"""After a process that ran so long the back-off starts at FIRST_PAUSE_SECONDS again."""
GRACE_SECONDS: Final = 3.0
"""How long it may take to stop before it is killed."""

_log = structlog.get_logger("trivia.worker_process")


class WorkerProcess:
    """Runs `trivia work` while the context is open.

    It is restarted with exponential back-off when it exits, and stops with this process, even after
    a kill: it reads its standard input, a pipe from here, and stops at its end.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker_process")

    def __enter__(self) -> Self:
        """Start it."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        with self._changing:
            self._stopping.set()
            process = self._process
        if process is not None:
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            process.stdin.close()
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()

    def _keep(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                outcome = self._run_once()
            except OSError as error:
                # Out of memory or of processes: try again later.
                outcome = str(error)
            if self._stopping.is_set():
                return
            if time.monotonic() - began > LONG_LIFE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            _log.error("worker_process_restarted", outcome=outcome, after_seconds=pause)
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _run_once(self) -> str:
        """Start the process and wait for it; its exit code in words.

        Raises OSError if it cannot start.
        """
        with self._changing:
            if self._stopping.is_set():
                return "not started"
            # Nothing is written to the pipe; its end says that this process is gone.
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "trivia", "work", "--until-eof"], stdin=subprocess.PIPE
            )
        return f"exit code {process.wait()}"
