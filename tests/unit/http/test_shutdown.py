"""A process whose background task stopped ends as a signal would end it."""

import asyncio
import signal
from types import SimpleNamespace
from typing import Any

import pytest

from trivia.http.shutdown import Draining


@pytest.mark.parametrize("breaks", [True, False])
async def test_a_process_that_cannot_follow_the_log_ends(monkeypatch, breaks):
    monkeypatch.setattr("trivia.http.shutdown.settle", lambda: None)
    core = SimpleNamespace(broken=asyncio.Event(), draining=False)
    heard, stopped = [], asyncio.Event()

    def hear(number: int, _: Any) -> None:
        heard.append(number)
        stopped.set()

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.complete"})
        if breaks:
            core.broken.set()
            await stopped.wait()

    application.app = SimpleNamespace(state=SimpleNamespace(core=core))  # type: ignore[attr-defined]
    usual = {number: signal.signal(number, hear) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        draining = Draining(application, 0)  # type: ignore[arg-type]

        async def ignore(_: Any) -> None:
            pass

        await asyncio.wait_for(draining({"type": "lifespan"}, ignore, ignore), 10)  # type: ignore[arg-type, typeddict-item]
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
    assert draining.failed == core.draining == breaks
    assert heard == ([signal.SIGTERM] if breaks else [])
