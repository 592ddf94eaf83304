"""A thread that works for an event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from events.errors import LogUnavailable

_T = TypeVar("_T")

_Work = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[..., Any], tuple[Any, ...]]


class Thread:
    """Runs functions one after another on a thread of its own, for an event loop.

    An executor of the standard library does the same for twice the time: each hop through it makes two futures and takes five locks.
    """

    def __init__(self, name: str) -> None:
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def call(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """What the function returns or raises; it is carried out even when whoever waits is cancelled.

        Raises LogUnavailable once closed.
        """
        if self._closed:
            raise LogUnavailable("the database is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        self._work.put((loop, future, function, arguments))
        return await future

    def close(self) -> None:
        """Refuse what comes, finish what came, and wait for that."""
        self._closed = True
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            loop, future, function, arguments = work
            try:
                settle, outcome = _succeed, function(*arguments)
            except BaseException as error:  # noqa: BLE001 - whatever it is, whoever waits must hear of it
                settle, outcome = _fail, error
            # A loop that is closed has nobody left who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, future, outcome)
            # Nothing of it must stay alive until the next work comes.
            del work, loop, future, function, arguments, outcome


def _succeed(future: "asyncio.Future[Any]", outcome: Any) -> None:
    if not future.done():
        future.set_result(outcome)


def _fail(future: "asyncio.Future[Any]", outcome: Any) -> None:
    if not future.done():
        future.set_exception(outcome)
