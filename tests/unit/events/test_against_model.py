"""SQLite, PostgreSQL and memory do what a plain model does, whatever is asked of them and in whatever order.

The model is a list and three rules, written without a look at how the logs do it. Appends that are made at once may take effect in
any order, but it must be one that gives each of them the outcome that it had.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from copy import deepcopy
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from events.log import ANY, EXISTS, NO_STREAM, Appended, CommandReused, EventLog, Guard, StreamMoved, StreamWrite
from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from events.vocabulary.assignments import SeenReset
from tests.support.databases import SQLITE_PREFIX, open_log
from tests.support.postgres import PostgresServer
from tests.support.sample_events import command, numbered

_T = TypeVar("_T")

STREAMS = ["a", "b", "c", "d"]
OUTCOME = tuple[object, ...]


class Append(NamedTuple):
    """What is asked for: streams with expectation and count of events (0: a guard), and perhaps a command."""

    streams: tuple[tuple[str, int, int], ...]
    command: tuple[str, str] | None

    async def make(self, log: EventLog) -> OUTCOME:
        writes = [
            StreamWrite(stream, expect, [*numbered(*range(count - 1)), SeenReset()])
            for stream, expect, count in self.streams
            if count
        ]
        guards = [Guard(stream, expect) for stream, expect, count in self.streams if not count]
        try:
            done = await log.append(writes, guards=guards, command=command(*self.command) if self.command else None)
        except StreamMoved as error:
            return ("moved", *sorted((c.stream, c.expected, c.actual) for c in error.conflicts))
        except CommandReused as error:
            return ("reused", error.command_id)
        return ("replayed" if done.replayed else "stored", done.first, done.last)


class Model:
    def __init__(self) -> None:
        self.events: list[tuple[str, int, str]] = []
        self.commands: dict[str, tuple[str, int, int]] = {}

    def version(self, stream: str) -> int:
        return sum(1 for event in self.events if event[0] == stream)

    def apply(self, append: Append) -> OUTCOME:
        if append.command and append.command[0] in self.commands:
            body, first, last = self.commands[append.command[0]]
            return ("replayed", first, last) if body == append.command[1] else ("reused", append.command[0])
        moved = []
        for stream, expect, _ in append.streams:
            actual = self.version(stream)
            if expect not in (ANY, actual) and not (expect == EXISTS and actual):
                moved.append((stream, expect, actual))
        if moved:
            return ("moved", *sorted(moved))
        first = len(self.events) + 1
        for stream, _, count in append.streams:
            for n in range(count):
                kind = "SeenReset" if n == count - 1 else "StarterBankAdded"
                self.events.append((stream, self.version(stream) + 1, kind))
        if append.command:
            self.commands[append.command[0]] = (append.command[1], first, len(self.events))
        return ("stored", first, len(self.events))


EXPECTATIONS = st.sampled_from([ANY, ANY, EXISTS, NO_STREAM, 1, 2, 3, 4, 6, "now", "now", "now"])
NAMED_STREAMS = st.lists(
    st.tuples(st.sampled_from(STREAMS), EXPECTATIONS, st.integers(0, 3)),
    min_size=1,
    max_size=3,
    unique_by=lambda s: s[0],
).filter(lambda streams: any(count for _, _, count in streams))
COMMANDS = st.none() | st.none() | st.tuples(st.sampled_from(["c1", "c2", "c3"]), st.sampled_from(["x", "y"]))
REQUESTS = st.tuples(NAMED_STREAMS, COMMANDS)


class Comparison(RuleBasedStateMachine):
    """Needs `server`, `template` and `sqlite_template`, which a test sets on a subclass."""

    server: PostgresServer
    template: str
    sqlite_template: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.directory = tempfile.mkdtemp()
        self.postgres_url = self.server.create_database(self.template)
        sqlite = shutil.copy(self.sqlite_template, self.directory)
        self.urls = [f"{SQLITE_PREFIX}{sqlite}", self.postgres_url]
        self.model, self.memory = Model(), MemoryLog(REGISTRY)
        self.opened = AsyncExitStack()
        self.run(self.open())

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return self.runner.run(work)

    async def open(self) -> None:
        databases = [await self.opened.enter_async_context(open_log(url)) for url in self.urls]
        self.logs: list[EventLog] = [self.memory, *databases]

    def teardown(self) -> None:
        self.run(self.opened.aclose())
        self.runner.close()
        self.server.drop_database(self.postgres_url)
        shutil.rmtree(self.directory)

    def _resolve(self, request: tuple[list[tuple[str, Any, int]], tuple[str, str] | None]) -> Append:
        streams, used = request
        now = [(s, self.model.version(s) if expect == "now" else expect, count) for s, expect, count in streams]
        # Writes come before guards in an append.
        return Append(tuple(sorted(now, key=lambda s: s[2] == 0)), used)

    @rule(request=REQUESTS)
    def append(self, request: tuple[list[tuple[str, Any, int]], tuple[str, str] | None]) -> None:
        append = self._resolve(request)
        expected = self.model.apply(append)
        assert [self.run(append.make(log)) for log in self.logs] == [expected] * len(self.logs)

    @rule(requests=st.lists(REQUESTS, min_size=2, max_size=5))
    def append_at_once(self, requests: list[tuple[list[tuple[str, Any, int]], tuple[str, str] | None]]) -> None:
        appends = [self._resolve(request) for request in requests]

        async def together(log: EventLog) -> list[OUTCOME]:
            return list(await asyncio.gather(*[append.make(log) for append in appends]))

        outcomes = [self.run(together(log)) for log in self.logs[1:]]
        note(f"{appends} came to {outcomes[0]}")
        assert outcomes[0] == outcomes[1]
        order = self._order_that_explains(appends, outcomes[0])
        for place in order:
            assert self.model.apply(appends[place]) == outcomes[0][place]
            assert self.run(appends[place].make(self.memory)) == outcomes[0][place]

    def _order_that_explains(self, appends: Sequence[Append], outcomes: Sequence[OUTCOME]) -> tuple[int, ...]:
        for order in permutations(range(len(appends))):
            model = deepcopy(self.model)
            if all(model.apply(appends[place]) == outcomes[place] for place in order):
                return order
        raise AssertionError(f"no order of {appends} explains {outcomes}")

    @rule(after=st.integers(-1, 40), until=st.none() | st.integers(-1, 40), limit=st.integers(0, 20), few=st.booleans())
    def read(self, after: int, until: int | None, limit: int, *, few: bool) -> None:
        numbered_events = list(enumerate(self.model.events, 1))
        expected = [
            (position, *event)
            for position, event in numbered_events
            if after < position and (until is None or position <= until) and (not few or event[2] == "SeenReset")
        ][:limit]
        for log in self.logs:
            found = self.run(log.read(after, until=until, limit=limit, types=["SeenReset"] if few else None))
            assert [(e.position, e.stream, e.version, e.type) for e in found] == expected

    @rule(stream=st.sampled_from([*STREAMS, "none"]), after=st.integers(-1, 10), limit=st.integers(0, 10))
    def read_stream(self, stream: str, after: int, limit: int) -> None:
        expected = [event for event in self.model.events if event[0] == stream and event[1] > after][:limit]
        for log in self.logs:
            found = self.run(log.read_stream(stream, after, limit=limit))
            assert [(event.stream, event.version, event.type) for event in found] == expected

    @rule(name=st.sampled_from(["c1", "c2", "c3"]), body=st.sampled_from(["x", "y"]))
    def find_command(self, name: str, body: str) -> None:
        known = self.model.commands.get(name)
        for log in self.logs:
            if known and known[0] != body:
                with pytest.raises(CommandReused):
                    self.run(log.find_command(command(name, body)))
            else:
                expected = Appended(known[1], known[2], replayed=True) if known else None
                assert self.run(log.find_command(command(name, body))) == expected

    @rule()
    def close_and_open_again(self) -> None:
        self.run(self.opened.aclose())
        self.opened = AsyncExitStack()
        self.run(self.open())

    @invariant()
    def heads_and_versions_are_equal(self) -> None:
        versions = [self.model.version(stream) for stream in STREAMS]
        for log in self.logs:
            assert self.run(log.head()) == len(self.model.events)
            assert self.run(log.versions(STREAMS)) == versions


@pytest.mark.timeout(180)
def test_every_log_does_what_the_model_does(
    postgres_server: PostgresServer, postgres_template: str, sqlite_template: Path
) -> None:
    bound = {"server": postgres_server, "template": postgres_template, "sqlite_template": sqlite_template}
    run_state_machine_as_test(  # type: ignore[no-untyped-call] # Hypothesis does not annotate it
        type("BoundComparison", (Comparison,), bound),
        settings=settings(
            max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
