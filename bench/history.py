"""A log as a busy installation leaves it: mostly draws and answers, some questions and accounts, users who come back at random."""

import random
import sqlite3
from collections.abc import Iterator

import asyncpg

from events.ids import uuid7
from events.registry import Event
from events.vocabulary import REGISTRY
from events.vocabulary.accounts import PUBLIC_ORG, LoginStarted, UserRegistered
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from events.vocabulary.generation import CandidatesReceived, GenerationCompleted, GenerationRequested
from events.vocabulary.questions import QuestionAdded, QuestionRetired

Row = tuple[int, str, int, str, int, str, str, int]

EVENTS_A_DAY = 100_000
MIX = {
    "draw": 600, "answer": 330, "question": 30, "user": 20, "login": 12, "reset": 3, "retired": 1,
    "job": 2, "received": 1, "completed": 1,
}  # fmt: skip
"""How many of a thousand events; so there is a user for each fifty."""

_COLUMNS = ("position", "stream", "version", "type", "schema", "data", "metadata", "recorded_at")
_FIRST_DAY = 20_000
_DAY_MICROSECONDS = 86_400_000_000
_CHUNK = 50_000


def history(events: int) -> Iterator[Row]:
    """Rows of the log, the same mix in every thousand of them."""
    return _History().rows(events)


class _History:
    def __init__(self) -> None:
        self._random = random.Random(31)
        self._users = [uuid7()]
        self._questions = 0
        self._versions: dict[str, int] = {}

    def rows(self, events: int) -> Iterator[Row]:
        kinds = [kind for kind, number in MIX.items() for _ in range(number)]
        for position in range(1, events + 1):
            if position % 1_000 == 1:
                self._random.shuffle(kinds)
            stream, event = self._event(kinds[position % 1_000], position)
            version = self._versions[stream] = self._versions.get(stream, 0) + 1
            metadata = f'{{"event_id":"{uuid7()}","org":"{PUBLIC_ORG}","actor":"{self._users[-1]}","correlation_id":"{uuid7()}"}}'
            at = _FIRST_DAY * _DAY_MICROSECONDS + position * _DAY_MICROSECONDS // EVENTS_A_DAY
            yield position, stream, version, type(event).__name__, event.schema, REGISTRY.encode(event), metadata, at

    def _question(self) -> int:
        return int(self._random.random() * self._questions) + 1

    def _event(self, kind: str, position: int) -> tuple[str, Event]:  # noqa: PLR0911 - one for each kind
        user = self._users[int(self._random.random() * len(self._users))]
        question = self._question()
        match kind:
            case "draw":
                return f"assignments-{user}", QuestionsAssigned(tuple([self._question() for _ in range(10)]), age=12)
            case "answer":
                correct, topic = question % 3 > 0, f"Topic {question % 12}"
                return f"assignments-{user}", QuestionAnswered(question, "Paris", correct=correct, topic=topic)
            case "question":
                self._questions += 1
                return f"question-{self._questions:064x}", _question(self._questions)
            case "user":
                self._users.append(user := uuid7())
                return f"user-{user}", UserRegistered(user, PUBLIC_ORG, "player", "s" * 120, "h" * 97, f"email-{user}")
            case "login":
                return f"login-{uuid7()}", LoginStarted(user, "t" * 64, 2_000_000_000)
            case "reset":
                return f"assignments-{user}", SeenReset()
            case "retired":
                return f"retired-{position}", QuestionRetired(question)
            case "job":
                return f"generation-{position}", GenerationRequested(user, PUBLIC_ORG, 5, "auto", topic="Science")
            case "received":
                return f"generation-r{position}", CandidatesReceived(0, "facts", ("{}",) * 5)
            case _:
                return f"generation-c{position}", GenerationCompleted(5)


def _question(number: int) -> QuestionAdded:
    return QuestionAdded(
        f"{number:064x}",
        PUBLIC_ORG,
        f"What is the capital of country number {number} in the atlas?",
        ("Paris", "London", "Rome", f"Town {number}"),
        "Paris",
        f"Topic {number % 12}",
        explanation=f"It has been so since the year {1000 + number % 1000}.",
    )


async def fill(url: str, events: int) -> None:
    """Put such a log into a migrated, empty database, past the log's own code, which is not what is measured."""
    if url.startswith("sqlite"):
        _fill_sqlite(url.removeprefix("sqlite:///"), events)
    else:
        await _fill_postgres(url, events)


def _fill_sqlite(path: str, events: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = -262144")
    connection.execute("BEGIN")
    connection.executemany(
        f"INSERT INTO events ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})", history(events)
    )
    connection.execute(
        "UPDATE log_head SET position = ?, recorded_at = (SELECT max(recorded_at) FROM events)", (events,)
    )
    connection.execute("COMMIT")
    connection.close()


async def _fill_postgres(url: str, events: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            rows = history(events)
            for start in range(0, events, _CHUNK):
                chunk = [next(rows) for _ in range(min(_CHUNK, events - start))]
                await connection.copy_records_to_table("events", records=chunk, columns=_COLUMNS)
            await connection.execute("UPDATE log_head SET position = $1, recorded_at = $2", events, chunk[-1][-1])
        await connection.execute("VACUUM ANALYZE events")
    finally:
        await connection.close()
