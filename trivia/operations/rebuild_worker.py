"""A second process for a rebuild: it folds some of the copies while the first one folds the others, so that two cores are in use.

It knows the copies by their checkpoints, as every process does; whatever ends it, a rebuild that is started again goes on where it was.
What passes between the two is one line with the task, and lines that say how far it is or what went wrong. It ends when the pipe to the
first process does, so it outlives no `kill -9`.
"""

import asyncio
import importlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Final

import msgspec

from events.log import LogUnavailable, Place
from projections.engine.dead_letters import ProjectionFailed
from projections.engine.projection import Projection
from projections.engine.store import CheckpointMoved
from projections.rebuild.multi_fold import fold_together
from projections.rebuild.rebuild import BATCH, SUFFIX, Apart
from projections.storage.backends import models_of
from trivia.platform.process import lower_priority, tune_runtime
from trivia.platform.storage import open_storage

LEAST_EVENTS: Final = 200_000
"""Of fewer the start of a process would be a good part of the whole."""
LEAST_IDLE_CORES: Final = 1.5
_LOOK_SECONDS: Final = 0.2
_TELL_SECONDS: Final = 0.1


class ApartEnded(Exception):
    """The second process ended before it was done."""


class _Start(msgspec.Struct, frozen=True):
    url: str
    gives_way: bool


class _Task(msgspec.Struct, frozen=True):
    """Projections as `module:class`."""

    projections: list[str]
    until: int


class _Reached(msgspec.Struct, frozen=True, tag=True):
    position: int


class _Failed(msgspec.Struct, frozen=True, tag=True):
    projection: str
    event: Place
    why: str


class _Moved(msgspec.Struct, frozen=True, tag=True):
    projection: str


class _Unavailable(msgspec.Struct, frozen=True, tag=True):
    why: str


class _Done(msgspec.Struct, frozen=True, tag=True):
    pass


_Said = _Reached | _Failed | _Moved | _Unavailable | _Done

_Process = subprocess.Popen[bytes]


async def is_worth_it(events: int) -> bool:
    """Whether so many events are better folded by two processes: they are many, and there is a second core that has nothing to do.

    Where the service or anything else is at work, a second process would take from it what the rebuild gains.
    """
    return events >= LEAST_EVENTS and await idle_cores() >= LEAST_IDLE_CORES


async def idle_cores() -> float:
    """How many of this machine's cores are idle, sampled briefly; 0 where that is unknown."""
    if sys.platform != "linux":
        return 0.0
    before = _idle_seconds()
    began = time.monotonic()
    await asyncio.sleep(_LOOK_SECONDS)
    return (_idle_seconds() - before) / (time.monotonic() - began)


def _idle_seconds() -> float:
    """Of all cores together, since the machine was started."""
    numbers = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    idle, waiting = int(numbers[3]), int(numbers[4])
    return (idle + waiting) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def second_process(url: str, *, gives_way: bool = False) -> AsyncIterator[Apart]:
    """A process on this database for `rebuild_all`; it starts at once, and is gone when the context is left.

    With `gives_way` it takes a lower priority once the database is open. To be entered before this process does the same: a
    priority is inherited. What is yielded raises ApartEnded besides, and folds once.
    """
    # In a group of its own Ctrl-C does not reach it: the first process ends it.
    process = subprocess.Popen(  # noqa: ASYNC220 - asyncio's own cannot put it into a group under every loop
        [sys.executable, "-m", "trivia.operations.rebuild_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    try:
        _send(process, _Start(url, gives_way))
        yield partial(_fold, process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                # What was not sent cannot be any more.
                with suppress(BrokenPipeError):
                    pipe.close()


async def _fold(
    process: _Process, projections: Sequence[Projection], until: int, progress: Callable[[int], None]
) -> None:
    """See Apart."""
    _send(process, _Task([f"{type(each).__module__}:{type(each).__qualname__}" for each in projections], until))
    while True:
        said = await asyncio.to_thread(_hear, process)
        match said:
            case _Reached(position):
                progress(position)
            case _Failed(projection, event, why):
                raise ProjectionFailed(projection, event, why)
            case _Moved(projection):
                raise CheckpointMoved(projection)
            case _Unavailable(why):
                raise LogUnavailable(why)
            case _Done():
                return
            case None:
                names = ", ".join([projection.name for projection in projections])
                raise ApartEnded(
                    f"the process that folds {names} ended (exit code {process.wait()}); "
                    "rebuild again, and it goes on where it was"
                )


def _send(process: _Process, message: msgspec.Struct) -> None:
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    # One that has ended is noticed when it says nothing.
    with suppress(BrokenPipeError):
        process.stdin.write(msgspec.json.encode(message) + b"\n")
        process.stdin.flush()


def _hear(process: _Process) -> _Said | None:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    line = process.stdout.readline()
    return msgspec.json.decode(line, type=_Said) if line else None


class _Out:
    """What the second process says."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._told = 0.0

    def say(self, message: _Said) -> None:
        self._pipe.write(msgspec.json.encode(message) + b"\n")
        self._pipe.flush()

    def reached(self, position: int) -> None:
        """Say it now and then."""
        if time.monotonic() - self._told > _TELL_SECONDS:
            self._told = time.monotonic()
            self.say(_Reached(position))


def main() -> None:
    """The second process."""
    pipe = os.fdopen(os.dup(1), "wb")
    # Nothing else that is printed may come between.
    os.dup2(2, 1)
    out = _Out(pipe)
    start = msgspec.json.decode(sys.stdin.buffer.readline(), type=_Start)
    try:
        asyncio.run(_work(start, out))
    except ProjectionFailed as failure:
        event = failure.event
        place = Place(event.position, event.stream, event.version, event.type, event.schema, event.recorded_at)
        out.say(_Failed(failure.projection, place, failure.why))
    except CheckpointMoved as moved:
        out.say(_Moved(str(moved)))
    except LogUnavailable as error:
        out.say(_Unavailable(str(error)))


async def _work(start: _Start, out: _Out) -> None:
    async with open_storage(start.url) as storage:
        tune_runtime()
        if start.gives_way:
            lower_priority()
        line = sys.stdin.buffer.readline()
        if not line:
            return
        task = msgspec.json.decode(line, type=_Task)
        threading.Thread(target=_end_with_the_first, daemon=True).start()
        copy = models_of(storage.database).copy(SUFFIX)
        await fold_together(
            storage.log, copy, [_made(name) for name in task.projections], task.until, BATCH, out.reached
        )
    out.say(_Reached(task.until))
    out.say(_Done())


def _made(name: str) -> Projection:
    module, _, kind = name.partition(":")
    projection: Projection = getattr(importlib.import_module(module), kind)()
    return projection


def _end_with_the_first() -> None:
    # Past Python's own reader, which must not be waiting when the interpreter ends.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
