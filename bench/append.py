"""The log beside the Python event-sourcing library (`eventsourcing`), on the same disk and the same server, with equal payloads.

The library is given its payload encoded, takes whichever number of threads and whichever way of inserting suits it best, and its
best is what ours is measured against. Ours encodes its events, and is asked through the same `append` that the service calls.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any
from uuid import uuid4

import uvloop

from bench.databases import Databases, open_log
from bench.machine import fsync_seconds, round_trip_seconds
from bench.peers.eventsourcing_log import Peer, open_peer
from bench.report import Comparison, Result, best, interleave
from events.log import EventLog, StreamWrite
from events.vocabulary import REGISTRY
from events.vocabulary.assignments import QuestionsAssigned

ROUNDS = 5
SECONDS = 2.0
ENOUGH_EVENTS = 1_000
"""Batches of fewer, each awaited, have no target."""
APPENDERS = 64
UNDER_WAY = 4
"""Batches that one appender has handed over and not heard of yet; whoever appends much need not wait for each before the next."""
BATCHES = {30: 20_000, 1_000: 100_000}
READ_EVENTS = 100_000
PEER_THREADS = (1, 8, 64)

EVENT = QuestionsAssigned(questions=tuple(range(1, 11)), age=12)
PAYLOAD = REGISTRY.encode(EVENT).encode()


def run(databases: Databases) -> list[Result]:
    """Measure on both databases."""
    results: list[Result] = []
    for kind in ("sqlite", "postgres"):
        results += [
            _many_appenders(databases, kind),
            *[
                _one_appender(databases, kind, batch, total, under_way)
                for batch, total in BATCHES.items()
                for under_way in (UNDER_WAY, 1)
            ],
            _reading(databases, kind),
            *_lone_latency(databases, kind),
        ]
    return results


def _ours(databases: Databases, kind: str, work: Callable[[EventLog], Coroutine[Any, Any, float]]) -> float:
    """Run `work` on a fresh log, under the event loop that the service runs on."""
    url = databases.log_url(kind)

    async def main() -> float:
        async with open_log(url) as log:
            return await work(log)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


@contextmanager
def _peer(databases: Databases, kind: str, *, threads: int = 1) -> Iterator[Peer]:
    with open_peer(databases.fresh_url(kind), PAYLOAD, threads=threads) as peer:
        yield peer


def _peer_measures(
    databases: Databases, kind: str, threads: tuple[int, ...], measure: Callable[[Peer], float]
) -> list[Callable[[], float]]:
    """One measure for each number of threads."""

    def one(number: int) -> Callable[[], float]:
        def run() -> float:
            with _peer(databases, kind, threads=number) as peer:
                return measure(peer)

        return run

    return [one(number) for number in threads]


def _many_appenders(databases: Databases, kind: str) -> Result:
    async def ours(log: EventLog) -> float:
        deadline = time.perf_counter() + SECONDS

        async def appender() -> int:
            stream, version = f"assignments-{uuid4()}", 0
            while time.perf_counter() < deadline:
                await log.append([StreamWrite(stream, version, [EVENT])])
                version += 1
            return version

        began = time.perf_counter()
        counts = await asyncio.gather(*[appender() for _ in range(APPENDERS)])
        return sum(counts) / (time.perf_counter() - began)

    values = interleave(
        ROUNDS,
        lambda: _ours(databases, kind, ours),
        *_peer_measures(databases, kind, PEER_THREADS, lambda peer: peer.append_singles(SECONDS)),
    )
    return Comparison(
        f"{kind}: {APPENDERS} appenders, one event each", "/s", values[0], best(*values[1:]), "eventsourcing", 5.0
    )


def _one_appender(databases: Databases, kind: str, batch: int, total: int, under_way: int) -> Result:
    async def ours(log: EventLog) -> float:
        events = [EVENT] * batch
        batches = iter(range(total // batch))

        async def hand_over() -> None:
            for _ in batches:
                await log.append([StreamWrite(f"assignments-{uuid4()}", 0, events)])

        began = time.perf_counter()
        await asyncio.gather(*[hand_over() for _ in range(under_way)])
        return total / (time.perf_counter() - began)

    values = interleave(
        ROUNDS,
        lambda: _ours(databases, kind, ours),
        *_peer_measures(databases, kind, (1,), lambda peer: peer.append_batches(batch, total)),
    )
    manner = "each awaited" if under_way == 1 else f"{under_way} under way"
    # A lone appender that waits for each small batch measures the latency of two thread wake-ups, which nobody waits for.
    target = None if under_way == 1 and batch < ENOUGH_EVENTS else 1.0 if kind == "sqlite" else 2.0
    return Comparison(
        f"{kind}: one appender, batches of {batch:,}, {manner}",
        "/s",
        values[0],
        best(*values[1:]),
        "eventsourcing",
        target,
    )


def _reading(databases: Databases, kind: str) -> Result:
    async def ours(log: EventLog) -> float:
        for _ in range(READ_EVENTS // 1_000):
            await log.append([StreamWrite(f"assignments-{uuid4()}", 0, [EVENT] * 1_000)])
        began, read, after = time.perf_counter(), 0, 0
        while page := await log.read(after, limit=1_000):
            read, after = read + len(page), page[-1].position
        assert read == READ_EVENTS  # noqa: S101 - a benchmark that reads too little is wrong, not slow
        return read / (time.perf_counter() - began)

    def peer() -> float:
        with _peer(databases, kind) as recorder:
            recorder.append_batches(1_000, READ_EVENTS)
            return recorder.read_all(READ_EVENTS)

    values = interleave(ROUNDS, lambda: _ours(databases, kind, ours), peer)
    return Comparison(f"{kind}: reading back, pages of 1,000", "/s", values[0], values[1], "eventsourcing", 2.0)


def _lone_latency(databases: Databases, kind: str) -> list[Result]:
    async def ours(log: EventLog) -> float:
        took = []
        for _ in range(500):
            began = time.perf_counter()
            await log.append([StreamWrite(f"assignments-{uuid4()}", 0, [EVENT])])
            took.append(time.perf_counter() - began)
        return median(took) * 1e6

    def floor() -> float:
        wait = fsync_seconds(databases.directory)
        if kind == "postgres":
            wait += asyncio.run(round_trip_seconds(databases.postgres_url()))
        return wait * 1e6

    values = interleave(ROUNDS, lambda: _ours(databases, kind, ours), floor)
    name = "one fdatasync" if kind == "sqlite" else "one fdatasync and one round trip"
    return [Comparison(f"{kind}: a lone append", "us", values[0], values[1], name, lower_is_better=True)]
