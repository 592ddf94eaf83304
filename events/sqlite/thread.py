"""A thread that works for an event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from events.log import LogUnavailable

_T = TypeVar("_T")

_Work = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[..., Any], tuple[Any, ...]]


class Thread:
    """Runs functions one after another on a thread of its own, for an event loop.

    An executor of the standard library does the same for twice the time: each hop through it makes two futures and takes five locks.
    """

    def __init__(self, name: str) -> None:
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._closed = False
        self._unfinished = 0
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
        self._unfinished += 1
        self._work.put((loop, future, function, arguments))
        return await future

    @property
    def is_idle(self) -> bool:
        """Whether it has nothing to do, as long as the event loop that it works for gives it nothing."""
        return not self._unfinished

    def close(self) -> None:
        """Refuse what comes, finish what came, and wait for that."""
        self._closed = True
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            loop, future, function, arguments = work
            try:
                settle, outcome = self._succeed, function(*arguments)
            except BaseException as error:  # noqa: BLE001 - whatever it is, whoever waits must hear of it
                settle, outcome = self._fail, error
            # A loop that is closed has nobody left who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, future, outcome)
            # Nothing of it must stay alive until the next work comes.
            del work, loop, future, function, arguments, outcome

    def _succeed(self, future: "asyncio.Future[Any]", outcome: Any) -> None:
        self._unfinished -= 1
        if not future.done():
            future.set_result(outcome)

    def _fail(self, future: "asyncio.Future[Any]", outcome: Any) -> None:
        self._unfinished -= 1
        if not future.done():
            future.set_exception(outcome)
