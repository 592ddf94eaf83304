"""Process-wide settings: the event loop, Python's run time, and the priority."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

THRESHOLDS: Final = (20_000, 20, 50)
"""Thresholds of the garbage collector (see gc.set_threshold; 700 is the usual first one)."""
SWITCH_SECONDS: Final = 0.0005
"""See sys.setswitchinterval; 0.005 is usual."""


def run_async(work: Coroutine[Any, Any, _T]) -> _T:
    """As `asyncio.run`, on uvloop where there is one."""
    if sys.platform == "win32":
        return asyncio.run(work)
    # Imported here, since most commands need no event loop.
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def tune_runtime() -> None:
    """Tune the garbage collector and the thread switch interval; call once the process is ready."""
    # What is loaded by now stays until exit. Reference counts free nearly all that a request
    # leaves behind, so collecting rarely costs little memory and saves a tenth of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    # Requests wait for the database threads, which need the interpreter's lock for a moment only.
    sys.setswitchinterval(SWITCH_SECONDS)
