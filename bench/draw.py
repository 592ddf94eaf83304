"""GET /questions under load: 2,000 users, 64 connections, a bank of 10,000, every answer committed to disk before it is sent.

Ours beside a row for each assignment on the same databases, and beside a Litestar route that returns the same bytes from memory.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from uuid import uuid4

from bench.databases import Databases
from bench.questions import import_lines, lines
from bench.report import Comparison, Figure, Result, interleave
from bench.serving import Load, Server, put_load, serve, uvicorn
from bench.users import add_guests
from events.ids import uuid7
from events.vocabulary.accounts import PUBLIC_ORG
from trivia.accounts.tokens import Bearer, Tokens
from trivia.platform.storage import open_storage

ROUNDS = 7
SECONDS = 5
CONNECTIONS = 64
USERS = 2_000
QUESTIONS = 10_000
LIMIT = 10
PATH = f"/questions?limit={LIMIT}&age=12"
SECRET = "a secret for measuring only, of no use to anyone"


def run(databases: Databases) -> list[Result]:
    """Measure on both databases."""
    return [result for kind in ("sqlite", "postgres") for result in _on(databases, kind)]


class Service:
    """The service with its bank and its users, on a database of its own unless one is given."""

    def __init__(self, databases: Databases, kind: str, url: str | None = None) -> None:
        self.url = url or databases.log_url(kind)
        self.directory = databases.directory / f"data-{uuid4()}"
        self.directory.mkdir()
        self.tokens = self.directory / "tokens"
        signer = Tokens(SECRET.encode())
        users = [Bearer(uuid7(), PUBLIC_ORG, "player", 1) for _ in range(USERS)]
        self.tokens.write_text("".join([f"{signer.issue(user, 86_400)}\n" for user in users]))
        asyncio.run(self._fill(users))

    async def _fill(self, users: list[Bearer]) -> None:
        async with open_storage(self.url) as storage:
            imported = await import_lines(storage, lines(QUESTIONS), self.directory)
            await add_guests(storage.log, [user.user for user in users])
        if imported < QUESTIONS * 0.9:
            raise RuntimeError(f"only {imported} questions entered the bank")

    def head(self) -> int:
        """The last position of the log."""

        async def ask() -> int:
            async with open_storage(self.url) as storage:
                return await storage.log.head()

        return asyncio.run(ask())

    @property
    def environment(self) -> dict[str, str]:
        """The settings to run with."""
        return {
            "TRIVIA_DATABASE_URL": self.url,
            "TRIVIA_DATA_DIR": str(self.directory),
            "TRIVIA_SECRET_KEY": SECRET,
            "TRIVIA_STARTER_BANK": "false",
            "TRIVIA_AUTO_GENERATION": "false",
        }

    def first_token(self) -> str:
        """The token of one of the users."""
        return self.tokens.read_text().partition("\n")[0]


def check_answer(body: bytes) -> None:
    """Raise RuntimeError unless the body holds as many questions as were asked for, all different."""
    ids = [question["id"] for question in json.loads(body)]
    if len(ids) != LIMIT or len(set(ids)) != LIMIT:
        raise RuntimeError(f"not {LIMIT} questions: {ids}")


def _on(databases: Databases, kind: str) -> list[Result]:
    service = Service(databases, kind)
    latencies: dict[str, list[Load]] = {"ours": [], "rows": []}
    with ExitStack() as stack:
        ours = stack.enter_context(serve(["trivia", "serve", "--port", "PORT"], service.directory, service.environment))
        body = ours.get(PATH, service.first_token())
        check_answer(body)
        bare = stack.enter_context(bare_route(service, body))
        rows_tokens, rows = _row_per_assignment(databases, kind, service.directory, stack)

        def draw() -> float:
            before = service.head()
            load = put_load(ours, service.tokens, seconds=SECONDS, connections=CONNECTIONS)
            if (stored := service.head() - before) < load.requests:
                raise RuntimeError(f"{load.requests} answers, but {stored} events")
            check_answer(ours.get(PATH, service.first_token()))
            if load.bytes / load.requests < len(body):
                raise RuntimeError("answers were shorter than ten questions")
            ours.settle()
            latencies["ours"].append(load)
            return load.rate

        def draw_rows() -> float:
            load = put_load(rows, rows_tokens, seconds=SECONDS, connections=CONNECTIONS, may_fail=True)
            check_answer(rows.get(PATH, "u0"))
            rows.settle()
            latencies["rows"].append(load)
            return load.rate

        def from_memory() -> float:
            return put_load(bare, service.tokens, seconds=SECONDS, connections=CONNECTIONS).rate

        # Once without counting, so that users are at hand and statements are prepared everywhere.
        interleave(1, draw, from_memory, draw_rows)
        for loads in latencies.values():
            loads.clear()
        # Not all three in turn: what the rows leave to be done by the database and the disk would fall on what comes after them.
        beside_memory = interleave(ROUNDS, draw, from_memory)
        latencies["ours"].clear()
        beside_rows = interleave(ROUNDS, draw, draw_rows)
    return [
        Comparison(f"{kind}: draws", "/s", *beside_rows, "a row for each assignment", 35.0),
        Comparison(f"{kind}: draws", "/s", *beside_memory, f"Litestar, {len(body):,} bytes from memory", 0.5),
        *[
            Comparison(f"{kind}: draws, {name}", "ms", [of(load) / 1000 for load in latencies["ours"]],
                       [of(load) / 1000 for load in latencies["rows"]], "a row for each assignment", lower_is_better=True)
            for name, of in _PERCENTILES.items()
        ],
        Figure(f"{kind}: requests that a row for each assignment failed", "%",
               [100 * load.bad_status / load.requests for load in latencies["rows"]]),
    ]  # fmt: skip


_PERCENTILES: dict[str, Callable[[Load], int]] = {
    "median": lambda load: load.p50,
    "99th percentile": lambda load: load.p99,
}


def bare_route(
    service: Service, body: bytes, command: Callable[[str], list[str]] = uvicorn
) -> AbstractContextManager[Server]:
    """A server of a Litestar route that answers with these bytes."""
    path = service.directory / "body"
    path.write_bytes(body)
    return serve(command("bench.peers.bare_route:bare_route"), service.directory, {"BARE_BODY": str(path)})


def _row_per_assignment(databases: Databases, kind: str, directory: Path, stack: ExitStack) -> tuple[Path, Server]:
    """The peer, filled and running, and the file of its users' tokens."""
    tokens = directory / "rows-tokens"
    tokens.write_text("".join([f"u{number}\n" for number in range(USERS)]))
    questions = directory / "questions.jsonl"
    questions.write_bytes(lines(QUESTIONS))
    url = databases.fresh_url(kind)
    environment = {"DATABASE_URL": url.replace("postgresql://", "postgresql+psycopg2://")}
    _fill_peer(environment, questions)
    return tokens, stack.enter_context(
        serve(uvicorn("bench.peers.row_per_assignment:app", factory=False), directory, environment)
    )


def _fill_peer(environment: dict[str, str], questions: Path) -> None:
    """Fill the peer's tables, in a process of its own: its module opens the database when imported."""
    subprocess.run(
        [sys.executable, "-m", "bench.peers.row_per_assignment", str(questions), str(USERS)],
        env={**os.environ, **environment}, check=True,
    )  # fmt: skip
