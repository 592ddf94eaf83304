"""A process whose background task stopped ends as a signal would end it."""

import asyncio
import signal
from types import SimpleNamespace
from typing import Any

import pytest
from litestar import Litestar

from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from projections.engine.live import LiveViews
from trivia.http.injection import Injector
from trivia.http.readiness import Readiness
from trivia.http.shutdown import GracefulShutdown


class Services:
    readiness: Readiness

    def __init__(self) -> None:
        async def protected() -> None:
            pass

        log = MemoryLog(REGISTRY)
        self.readiness = Readiness(log, LiveViews(log, SimpleNamespace()), protected)  # type: ignore[arg-type]


@pytest.mark.parametrize("breaks", [True, False])
async def test_a_process_that_cannot_follow_the_log_ends(monkeypatch: pytest.MonkeyPatch, breaks: bool) -> None:  # noqa: FBT001
    monkeypatch.setattr("trivia.http.shutdown.tune_runtime", lambda: None)
    services, injector, litestar = Services(), Injector(Services), Litestar([])
    injector.attach(litestar)
    injector.open(services)
    received: list[int] = []
    stopped = asyncio.Event()

    def receive_signal(number: int, _: Any) -> None:
        received.append(number)
        stopped.set()

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.complete"})
        if breaks:
            services.readiness.stopped.set()
            await stopped.wait()

    application.app = litestar  # type: ignore[attr-defined]
    usual = {number: signal.signal(number, receive_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        shutdown = GracefulShutdown(application, 0)  # type: ignore[arg-type]

        async def ignore(_: Any) -> None:
            pass

        await asyncio.wait_for(shutdown({"type": "lifespan"}, ignore, ignore), 10)  # type: ignore[arg-type, typeddict-item]
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
    assert shutdown.failed == services.readiness.draining == breaks
    assert received == ([signal.SIGTERM] if breaks else [])
