"""How fast the log is read back: a user's events folded, every read model built anew, the whole verified.

BENCH_EVENTS says how many events the log has (1,000,000 unless set); the growth is measured with a tenth of them and with three times
as many. What the driver takes to fetch the same rows and do nothing with them stands beside a rebuild as what no rebuild can beat.
"""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Coroutine
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from bench.databases import Databases, open_log
from bench.draw import CONNECTIONS, Service
from bench.history import fill
from bench.peers.eventsourcing_users import open_users
from bench.report import Comparison, Figure, Result, interleave
from bench.serving import BIN, put_load, serve
from events.log import EventLog, StreamWrite
from events.tamper_evidence.seal import SealKey, Signatures
from events.tamper_evidence.seal_file import SealFile
from events.tamper_evidence.sealer import Sealer
from events.tamper_evidence.verify import verify
from events.vocabulary.assignments import QuestionsAssigned
from projections.engine.user_state import catch_up, stream_of
from projections.models.seen_sets import SeenSet
from projections.rebuild.rebuild import rebuild_all
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from trivia.platform.process import run_async, tune_runtime
from trivia.platform.storage import open_storage
from trivia.services import PROJECTIONS

EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))
ROUNDS = 3
USERS, DRAWS = 50, 1_000
PAGE = 10_000
SECONDS = 10

_ROWS = (
    "SELECT position, stream, version, type, schema, data, metadata, recorded_at FROM events "
    "WHERE position > {} AND position <= {} ORDER BY position"
)


def run(databases: Databases) -> list[Result]:
    """Measure on both databases."""
    results: list[Result] = []
    for kind in ("sqlite", "postgres"):
        url = databases.log_url(kind)
        asyncio.run(fill(url, EVENTS))
        results += [_replay(databases, kind), *_rebuilding(url, kind), _verifying(databases, url, kind)]
        results.append(_serving(databases, url, kind))
    return [*results, _growth(databases)]


def _run(work: Coroutine[Any, Any, float]) -> float:
    tune_runtime()
    return run_async(work)


def _replay(databases: Databases, kind: str) -> Result:
    draws = [tuple(range(first, first + 10)) for first in range(1, DRAWS + 1)]
    url = databases.log_url(kind)
    users = [str(uuid4()) for _ in range(USERS)]

    async def append() -> float:
        async with open_log(url) as log:
            for user in users:
                await log.append([StreamWrite(stream_of(user), 0, [QuestionsAssigned(each, age=12) for each in draws])])
        return 0.0

    async def ours() -> float:
        async with open_log(url) as log:
            return await _fold_users(log, users)

    _run(append())
    with open_users(databases.fresh_url(kind)) as peers:
        ids = [peers.add(draws) for _ in range(USERS)]

        def peer() -> float:
            began = time.perf_counter()
            for user in ids:
                _expect(peers.seen(user), DRAWS + 9)
            return USERS * DRAWS / (time.perf_counter() - began)

        values = interleave(ROUNDS, lambda: _run(ours()), peer)
    name = f"{kind}: {USERS} users with {DRAWS:,} events each, read and folded"
    return Comparison(name, "/s", values[0], values[1], "eventsourcing", 3.0)


async def _fold_users(log: EventLog, users: list[str]) -> float:
    began = time.perf_counter()
    for user in users:
        state = SeenSet()
        await catch_up(log, state, user)
        _expect(len(state.seen), DRAWS + 9)
    return USERS * DRAWS / (time.perf_counter() - began)


def _rebuilding(url: str, kind: str) -> list[Result]:
    driver: Callable[[], float] = (
        partial(_fetch_sqlite, url) if kind == "sqlite" else lambda: _run(_fetch_postgres(url))
    )
    values = interleave(ROUNDS, lambda: _run(_rebuild(url)), driver)
    count = len(PROJECTIONS)
    name = f"{kind}: all {count} read models built anew from {EVENTS:,} events"
    return [
        Comparison(name, "/s", values[0], values[1], "the driver fetching the rows"),
        Figure(f"{name}, at least", "/s", values[0], least=80_000),
    ]


async def _rebuild(url: str) -> float:
    """Events of the log a second, the switch included."""
    async with open_storage(url) as storage:
        head = await storage.log.head()
        locked = [(kind(), leadership_of(storage.database, f"rebuild-{kind.name}")) for kind in PROJECTIONS]
        began = time.perf_counter()
        reached = await rebuild_all(storage.log, models_of(storage.database), locked, lambda *_: None, fresh=True)
        took = time.perf_counter() - began
    _expect(set(reached.values()), {head})
    return head / took


def _fetch_sqlite(url: str) -> float:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    began = time.perf_counter()
    fetched = sum(
        len(connection.execute(_ROWS.format("?", "?"), (after, after + PAGE)).fetchall())
        for after in range(0, EVENTS, PAGE)
    )
    took = time.perf_counter() - began
    connection.close()
    _expect(fetched, EVENTS)
    return fetched / took


async def _fetch_postgres(url: str) -> float:
    connection = await asyncpg.connect(url)
    try:
        statement = await connection.prepare(_ROWS.format("$1", "$2"))
        began, fetched = time.perf_counter(), 0
        for after in range(0, EVENTS, PAGE):
            fetched += len(await statement.fetch(after, after + PAGE))
        took = time.perf_counter() - began
    finally:
        await connection.close()
    _expect(fetched, EVENTS)
    return fetched / took


def _verifying(databases: Databases, url: str, kind: str) -> Result:
    key = SealKey(bytes(32))
    outside = SealFile(databases.directory / f"{kind}-seals.ndjson")

    async def seal() -> float:
        async with open_storage(url) as storage:
            await Sealer(storage.database.seals(), key, 1_000, outside).seal_all()
        return 0.0

    async def walk() -> float:
        async with open_storage(url) as storage:
            began = time.perf_counter()
            report = await verify(storage.database.seals(), Signatures([key.public]), outside=outside.read()[0])
            took = time.perf_counter() - began
        _expect((report.events, report.fault_count), (EVENTS, 0))
        return report.events / took

    _run(seal())
    return Figure(f"{kind}: the log verified", "/s", [_run(walk()) for _ in range(ROUNDS)], least=150_000)


def _serving(databases: Databases, url: str, kind: str) -> Result:
    """Draws while all read models are rebuilt by another process, beside draws while nothing is."""
    service = Service(databases, kind, url)
    _run(_rebuild(url))
    command = ["trivia", "serve", "--port", "PORT"]
    with serve(command, service.directory, service.environment) as server:

        def draw() -> float:
            return put_load(server, service.tokens, seconds=SECONDS, connections=CONNECTIONS).rate

        def draw_meanwhile() -> float:
            with _rebuilding_again(service.environment, service.directory):
                return draw()

        draw()
        values = interleave(ROUNDS, draw_meanwhile, draw)
    return Comparison(f"{kind}: draws while all is rebuilt", "/s", values[0], values[1], "while nothing is", 0.75)


@contextmanager
def _rebuilding_again(environment: dict[str, str], directory: Path) -> Any:
    """Rebuilds one after the other, by the command, until the block ends."""
    command = f"while :; do {BIN / 'trivia'} projections rebuild --all --fresh || exit 1; done"
    with (directory / "rebuilds.log").open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", command],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            # Long enough that it is at work.
            time.sleep(3)
            yield
            if process.poll() is not None:
                raise RuntimeError(f"a rebuild failed: {(directory / 'rebuilds.log').read_text()[-500:]}")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            process.wait()


def _growth(databases: Databases) -> Result:
    urls = []
    for events in (EVENTS * 3, EVENTS // 10):
        url = databases.log_url("sqlite")
        asyncio.run(fill(url, events))
        urls.append(url)
    large, small = interleave(ROUNDS, *[partial(_microseconds_an_event, url) for url in urls])
    name = f"sqlite: a rebuild from {EVENTS * 3:,} events, for each"
    return Comparison(name, "us", large, small, f"from {EVENTS // 10:,}", 1.25, lower_is_better=True)


def _microseconds_an_event(url: str) -> float:
    return 1e6 / _run(_rebuild(url))


def _expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise RuntimeError(f"{found} instead of {wanted}")
