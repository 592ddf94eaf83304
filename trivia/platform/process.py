"""What a process sets for itself as a whole: its event loop and Python's own settings."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

THRESHOLDS: Final = (20_000, 20, 50)
"""Objects made before the youngest are looked at (700 is usual), and how often that happens before the older ones are."""
SWITCH_SECONDS: Final = 0.0005
"""How long a thread that wants the interpreter's lock waits before it is given it (0.005 is usual)."""


def run_async(work: Coroutine[Any, Any, _T]) -> _T:
    """As `asyncio.run`, under the event loop that the service runs on, where that is to be had."""
    if sys.platform == "win32":
        return asyncio.run(work)
    # Most commands need no loop, and would wait for it.
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def settle() -> None:
    """Call when the process is ready to serve.

    What is there then stays until the end, so the garbage collector need not look at it again and again; and since nearly all that a
    request leaves behind is freed by reference counts alone, collecting seldom costs little memory and saves a tenth of the time.

    The threads that talk to the database need the lock for a moment only, to take up work and to hand over what came of it; requests
    wait for them meanwhile.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    sys.setswitchinterval(SWITCH_SECONDS)
