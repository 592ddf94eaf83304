"""What a process sets for itself as a whole: its event loop, Python's own settings, and its priority."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

THRESHOLDS: Final = (20_000, 20, 50)
"""Objects made before the youngest are looked at (700 is usual), and how often that happens before the older ones are."""
SWITCH_SECONDS: Final = 0.0005
"""How long a thread that wants the interpreter's lock waits before it is given it (0.005 is usual)."""

NICENESS: Final = 10
SESSION: Final = Path("/proc/self/autogroup")
"""The priority of this process's session, on Linux."""
_TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.1


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


def give_way() -> None:
    """Let whatever else the machine does go first, such as the service itself.

    To be called once the database is open: on Linux the threads that are there keep their priority. SQLite's writer must, for
    everyone who appends waits for its transaction, and would wait for whatever goes before it.
    """
    if sys.platform != "win32":
        os.nice(NICENESS)


@contextmanager
def giving_way() -> Iterator[None]:
    """As `give_way`, for a command: while the context lasts its session gives way as well.

    Linux shares the processor among sessions before it looks at what each process is worth (sched(7), *The autogroup feature*), so
    that a lower priority alone would leave half of it to a command started beside the service from a shell. The session's own is
    put back in the end, were it ended by SIGTERM.
    """
    give_way()
    if not (before := _lower_session()):
        yield
        return
    usual = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        with suppress(OSError):
            _set_session(before)
        signal.signal(signal.SIGTERM, usual)


def _lower_session() -> str | None:
    """What to put back, if anything was changed."""
    try:
        # Such as "/autogroup-182 nice 0", or nothing at all where this process is in none.
        before = SESSION.read_text(encoding="ascii").rpartition(" nice ")[2].strip()
        if int(before) >= NICENESS:
            # Another command of this session has done it, and puts it back.
            return None
        _set_session(str(NICENESS))
    except (OSError, ValueError):
        # Another system, a kernel without it, one that forbids it, or a process that belongs to no session's group.
        return None
    return before


def _set_session(niceness: str) -> None:
    """Raises OSError."""
    for tries_left in reversed(range(_TRIES)):
        try:
            SESSION.write_text(niceness, encoding="ascii")
        except BlockingIOError:
            # Users other than root may do so ten times a second, all of them together.
            if not tries_left:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return
