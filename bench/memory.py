"""Memory of a serving process with a bank of 100,000 questions and 10,000 users at hand who have seen 200 each."""

import asyncio
import random
import sqlite3
from pathlib import Path

from bench.databases import Databases
from bench.draw import SECRET
from bench.questions import import_lines, lines
from bench.report import Figure, Result
from bench.serving import serve
from bench.users import add_guests
from events.ids import uuid7
from events.log import StreamWrite
from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.assignments import QuestionsAssigned
from projections.engine.user_state import stream_of
from trivia.accounts.tokens import Bearer, Tokens
from trivia.platform.storage import SQLITE_PREFIX, open_storage

QUESTIONS = 100_000
USERS = 10_000
SEEN = 200
DRAWN = 10

_ROW_BYTES = """
SELECT avg(length(user_id) + 8 + length(seen) + coalesce(length(given), 0) + coalesce(length(answered), 0)) FROM seen_sets"""


def run(databases: Databases) -> list[Result]:
    """Measure on SQLite; the process is the same on PostgreSQL."""
    url = databases.log_url("sqlite")
    directory = databases.directory / "memory"
    directory.mkdir()
    users = [uuid7() for _ in range(USERS)]
    asyncio.run(_fill(url, directory, users))
    environment = {
        "TRIVIA_DATABASE_URL": url,
        "TRIVIA_DATA_DIR": str(directory),
        "TRIVIA_SECRET_KEY": SECRET,
        "TRIVIA_STARTER_BANK": "false",
    }
    signer = Tokens(SECRET.encode())
    with serve(["trivia", "serve", "--port", "PORT"], directory, environment) as server:
        server.settle()
        before = server.resident_bytes()
        for user in users:
            server.get(f"/questions?limit={DRAWN}&age=12", signer.issue(Bearer(user, PUBLIC_ORG, "player", 1), 3600))
        server.settle()
        after = server.resident_bytes()
    with sqlite3.connect(url.removeprefix(SQLITE_PREFIX)) as connection:
        stored, rows = connection.execute(f"SELECT ({_ROW_BYTES}), count(*) FROM seen_sets").fetchone()
    if rows != USERS:
        raise RuntimeError(f"the projection has {rows} users of {USERS}")
    return [
        Figure(f"resident, {QUESTIONS:,} questions and {USERS:,} users at hand", "MB", [after / 1e6], 400),
        Figure("resident before a user came", "MB", [before / 1e6]),
        Figure(f"stored for a user who has seen {SEEN}", "bytes", [stored], 600),
    ]


async def _fill(url: str, directory: Path, users: list[str]) -> None:
    async with open_storage(url) as storage:
        imported = await import_lines(storage, lines(QUESTIONS), directory)
        await add_guests(storage.log, users)
        dice = random.Random(20)
        for user in users:
            seen = dice.sample(range(1, imported + 1), SEEN - DRAWN)
            events = [QuestionsAssigned(tuple(seen[start : start + DRAWN]), 12) for start in range(0, len(seen), DRAWN)]
            await storage.log.append([StreamWrite(stream_of(user), 0, events)])
