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

Place = tuple[float, int]
"""Where a question stands in the order of what was found.

Its rank, the best ones the lowest, then its number.
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
        """What was found, the best first: more of the words in the prompt, and rarer ones.

        Raises LogUnavailable.
        """


class SqliteQuestionSearch(QuestionSearch):
    """With FTS5 and BM25."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def find(self, wanted: Wanted) -> list[Place]:
        """See QuestionSearch.find."""
        # In quotes nothing is an operator; words hold no quotes themselves.
        match = " ".join([f'"{word}"' for word in wanted.words])
        sql, parameters = _statement(_FTS5, f"{match} *", wanted)
        async with self._database.snapshot() as fetch:
            return [(rank, number) for rank, number in await fetch(sql.replace("$", "?"), parameters)]


class PostgresQuestionSearch(QuestionSearch):
    """With tsvector and ts_rank."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def find(self, wanted: Wanted) -> list[Place]:
        """See QuestionSearch.find."""
        match = " & ".join([f"'{word}'" for word in wanted.words])
        sql, parameters = _statement(_TSVECTOR, f"{match}:*", wanted)
        async with self._database.snapshot() as connection:
            return [(rank, number) for rank, number in await connection.fetch(sql, *parameters)]


# Words in the prompt weigh four or five times as much as those in options, topic and explanation. Both say less for better.
_FTS5: Final = """
SELECT w.rowid AS number, bm25(question_words, 4.0, 1.0) AS rank FROM question_words AS w WHERE question_words MATCH $1"""
_TSVECTOR: Final = """
SELECT w.rowid AS number, -ts_rank(w.words, query)::float8 AS rank
FROM question_words AS w, to_tsquery('simple', $1) AS query WHERE w.words @@ query"""


def _statement(found: str, match: str, wanted: Wanted) -> tuple[str, list[Any]]:
    parameters: list[Any] = [match]

    def place(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters)}"

    if wanted.wanted.topic is not None:
        found += f" AND w.topic = {place(wanted.wanted.topic.casefold())}"
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
