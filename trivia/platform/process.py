"""Process-wide settings: the event loop, Python's run time, and the priority."""

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
"""Thresholds of the garbage collector (see gc.set_threshold; 700 is the usual first one)."""
SWITCH_SECONDS: Final = 0.0005
"""See sys.setswitchinterval; 0.005 is usual."""

NICENESS: Final = 10
SESSION: Final = Path("/proc/self/autogroup")
"""The priority of this process's session, on Linux."""
_TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.1


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


def lower_priority() -> None:
    """Lower the priority of this process (nice 10), so that the service beside it goes first.

    Call it once the database is open: on Linux, threads that exist keep their priority. SQLite's
    writer must keep it, since every append waits for its transaction.
    """
    if sys.platform != "win32":
        os.nice(NICENESS)


@contextmanager
def lowered_priority() -> Iterator[None]:
    """As `lower_priority` for a command, and lower its session's priority while the context lasts.

    Linux shares the processor among sessions first (sched(7), *The autogroup feature*), so that a
    lower priority alone leaves half of it to a command started from a shell. The session's priority
    is restored at the end, and on SIGTERM.
    """
    lower_priority()
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
