"""Finding questions by their words, in the tables of the questions projection.

The full-text index is a table of that projection (`question_words`), so it moves with the questions' rows in one transaction and is
built, compared and switched with them. SQLite searches it with FTS5, PostgreSQL through a generated tsvector under a GIN index.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from events.postgres.connection import PostgresDatabase
from events.sqlite.connection import SqliteDatabase
from events.vocabulary.accounts import PUBLIC_ORG
from projections.models.question_pool import Filter
from projections.models.topics import topic_key

Place = tuple[int, int]
"""Where a question stands in the order of what was found.

Its rank, the best ones the lowest, then its number. Neither changes while other questions enter the bank, so pages hold together.
"""


class Wanted(msgspec.Struct, frozen=True):
    """What to find: questions that have all `words`, as `words_of` makes them, the last of which may be the beginning of one.

    They are in the bank of `org` or, with `shared`, in the shared one; beyond `after`, at most `limit`.
    """

    words: Sequence[str]
    org: str
    shared: bool
    wanted: Filter
    limit: int
    after: Place | None = None


class QuestionSearch(ABC):
    """Searches with a connection of its own, since it may take a while."""

    @abstractmethod
    async def find(self, wanted: Wanted) -> list[Place]:
        """What was found, the best first: those with all the words in the prompt, then the others; short prompts before long ones.

        Raises LogUnavailable.
        """


class SqliteQuestionSearch(QuestionSearch):
    """With FTS5."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def find(self, wanted: Wanted) -> list[Place]:
        """See QuestionSearch.find."""
        # In quotes nothing is an operator; words hold no quotes themselves.
        match = " ".join([f'"{word}"' for word in wanted.words]) + " *"
        sql, parameters = _statement(_FTS5, match, f"prompt : ({match})", wanted)
        async with self._database.snapshot() as fetch:
            return [(rank, number) for rank, number in await fetch(sql.replace("$", "?"), parameters)]


class PostgresQuestionSearch(QuestionSearch):
    """With tsvector."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def find(self, wanted: Wanted) -> list[Place]:
        """See QuestionSearch.find."""
        match = " & ".join([f"'{word}'" for word in wanted.words]) + ":*"
        in_prompt = " & ".join([f"'{word}':A" for word in wanted.words]) + "*"
        sql, parameters = _statement(_TSVECTOR, match, in_prompt, wanted)
        async with self._database.snapshot() as connection:
            return [(rank, number) for rank, number in await connection.fetch(sql, *parameters)]


# BM25 is no rank here: it is made of the frequencies in the whole bank, and moves with each question that enters.
_ELSEWHERE: Final = 1_000_000
"""Longer than any prompt."""
_FTS5: Final = f"""
SELECT w.rowid AS number, length(w.prompt) + CASE
    WHEN w.rowid IN (SELECT rowid FROM question_words WHERE question_words MATCH $2) THEN 0 ELSE {_ELSEWHERE} END AS rank
FROM question_words AS w WHERE question_words MATCH $1"""
_TSVECTOR: Final = f"""
SELECT w.rowid AS number, length(w.prompt) + CASE
    WHEN w.words @@ to_tsquery('simple', $2) THEN 0 ELSE {_ELSEWHERE} END AS rank
FROM question_words AS w WHERE w.words @@ to_tsquery('simple', $1)"""


def _statement(found: str, match: str, in_prompt: str, wanted: Wanted) -> tuple[str, list[Any]]:
    parameters: list[Any] = [match, in_prompt]

    def place(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters)}"

    if wanted.wanted.topic is not None:
        found += f" AND w.topic = {place(topic_key(wanted.wanted.topic))}"
    banks = f"q.org IN ({place(wanted.org)}, {place(PUBLIC_ORG if wanted.shared else wanted.org)})"
    conditions = ["q.retired = 0", "q.pending = 0", banks]
    if wanted.wanted.difficulty is not None:
        conditions.append(f"q.difficulty = {place(wanted.wanted.difficulty)}")
    if wanted.wanted.age is not None:
        age = place(wanted.wanted.age)
        conditions.append(f"q.min_age <= {age} AND q.max_age >= {age}")
    if wanted.after is not None:
        conditions.append(f"(found.rank, found.number) > ({place(wanted.after[0])}, {place(wanted.after[1])})")
    limit = place(wanted.limit)
    sql = (
        f"WITH found AS MATERIALIZED ({found}) SELECT found.rank, found.number FROM found "
        f"JOIN questions AS q ON q.number = found.number WHERE {' AND '.join(conditions)} "
        f"ORDER BY found.rank, found.number LIMIT {limit}"
    )
    return sql, parameters
