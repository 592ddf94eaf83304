"""How long `trivia --help` takes, beside an interpreter that does nothing."""

import subprocess
import sys
import time

from bench.databases import Databases
from bench.report import Comparison, Result, interleave
from bench.serving import BIN

ROUNDS = 11


def run(_: Databases) -> list[Result]:
    """Measure."""
    values = interleave(
        ROUNDS,
        lambda: _milliseconds([str(BIN / "trivia"), "--help"]),
        lambda: _milliseconds([sys.executable, "-c", ""]),
    )
    return [Comparison("trivia --help", "ms", values[0], values[1], "python -c ''", lower_is_better=True)]


def _milliseconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1e3
