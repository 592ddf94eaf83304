"""The process beside those that serve."""

import subprocess
from typing import Any

import pytest

from tests.support.waiting import eventually_sync
from trivia.cli.serving import worker_process
from trivia.cli.serving.worker_process import WorkerProcess


def test_a_process_that_cannot_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    real, attempts = subprocess.Popen, []

    def refuse_once(command: Any, **more: Any) -> Any:
        attempts.append(command)
        if len(attempts) == 1:
            raise BlockingIOError("no process to be had")
        return real(["cat"], **more)

    monkeypatch.setattr(worker_process, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(subprocess, "Popen", refuse_once)
    with WorkerProcess() as kept:
        eventually_sync(lambda: len(attempts) == 2 and kept._process is not None)
    assert kept._process is not None
    assert kept._process.poll() == 0
