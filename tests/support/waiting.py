"""Waiting for what happens elsewhere: poll a condition until it holds or the deadline has passed."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

_T = TypeVar("_T")

_PAUSE = 0.01


async def eventually(condition: Callable[[], _T | Awaitable[_T]], timeout: float = 10.0) -> _T:
    """The first true value that `condition` (a function or a coroutine function) returns; TimeoutError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        result = await value if inspect.isawaitable(value) else value
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout} s: {inspect.getsource(condition).strip()}")
        await asyncio.sleep(_PAUSE)


def eventually_sync(condition: Callable[[], _T], timeout: float = 10.0) -> _T:
    """As `eventually`, for tests that have no event loop."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout} s: {inspect.getsource(condition).strip()}")
        time.sleep(_PAUSE)
    return result
