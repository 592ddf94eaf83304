"""The bank as tables.

Every question that ever entered it, by number; the words in it; what users say is wrong with it; and which organisations draw from
the shared bank.
"""

from collections.abc import Iterable
from typing import ClassVar, Final

import msgspec

from events.log import Recorded
from events.registry import Event
from events.vocabulary.accounts import OrganisationMade
from events.vocabulary.decoding import Decoded
from events.vocabulary.questions import QuestionAdded, QuestionApproved, QuestionReported, QuestionRetired
from projections.engine.projection import Key, Projection, Row, Rows, Table
from projections.models.search_words import fold

QUESTIONS: Final = Table(
    "questions",
    {
        "number": "bigint",
        "position": "bigint",
        "content": "text",
        "org": "text",
        "prompt": "text",
        "options": "text",
        "answer": "text",
        "topic": "text",
        "min_age": "integer",
        "max_age": "integer",
        "difficulty": "text",
        "explanation": "text",
        "source": "text",
        "retired": "integer",
        "pending": "integer",
    },
)
WORDS: Final = Table("question_words", {"rowid": "bigint", "prompt": "text", "others": "text", "topic": "text"})
"""What is searched: folded words (`projections.models.search_words`), and the topic in folded letter case.

The row's number has the name that full-text tables of SQLite give it.
"""
REPORTS: Final = Table(
    "question_reports",
    {"question": "bigint", "user_id": "text", "position": "bigint", "reported_at": "bigint", "reason": "text"},
    key_columns=2,
)
COUNT: Final = Table("question_count", {"name": "text", "number": "bigint"})
BANKS: Final = Table("banks", {"org": "text", "shared": "integer"})
_COUNT_KEY: Final = ("questions",)


class CountLost(Exception):
    """There are questions, but not how many; to begin again at 1 would give numbers twice."""


class QuestionsProjection(Projection):
    """Gives each question its number, notes what happens to it, and knows the organisations' banks."""

    name: ClassVar[str] = "questions"
    version: ClassVar[int] = 2
    tables: ClassVar[tuple[Table, ...]] = (QUESTIONS, COUNT, BANKS, WORDS, REPORTS)
    handles: ClassVar[frozenset[type[Event]]] = frozenset(
        {QuestionAdded, QuestionApproved, QuestionRetired, QuestionReported, OrganisationMade}
    )

    def key_of(self, recorded: Recorded) -> str | None:  # noqa: ARG002 - it is the same for all
        """See Projection.key_of. Without one question all later ones would have other numbers."""
        return None

    def needs(self, decoded: Decoded) -> Iterable[tuple[Table, Key]]:
        """See Projection.needs."""
        if isinstance(decoded.event, QuestionRetired | QuestionApproved):
            return ((QUESTIONS, (decoded.event.question,)),)
        return ((COUNT, _COUNT_KEY), (QUESTIONS, (1,))) if isinstance(decoded.event, QuestionAdded) else ()

    def apply(self, decoded: Decoded, rows: Rows) -> None:
        """See Projection.apply."""
        match decoded.event:
            case QuestionAdded() as added:
                count = rows.get(COUNT, _COUNT_KEY)
                if count is None and rows.get(QUESTIONS, (1,)) is not None:
                    raise CountLost("the count of questions is missing; run: trivia projections rebuild questions")
                number = 1 if count is None else count[1] + 1
                rows.put(COUNT, (*_COUNT_KEY, number))
                rows.put(QUESTIONS, _row(number, decoded.recorded.position, added))
                rows.put(WORDS, _words(number, added))
            case QuestionApproved(question=question):
                _change(rows, question, "pending", 0)
            case QuestionRetired(question=question):
                _change(rows, question, "retired", 1)
            case QuestionReported() as reported:
                recorded = decoded.recorded
                key = (reported.question, reported.user)
                rows.put(REPORTS, (*key, recorded.position, recorded.recorded_at, reported.reason))
            case OrganisationMade() as made:
                rows.put(BANKS, (made.org, int(made.shared_bank)))
            case _:
                pass


_PLACES: Final = {name: place for place, name in enumerate(QUESTIONS.columns)}


def _change(rows: Rows, question: int, column: str, value: int) -> None:
    row = rows.get(QUESTIONS, (question,))
    if row is not None:
        place = _PLACES[column]
        rows.put(QUESTIONS, (*row[:place], value, *row[place + 1 :]))


def _words(number: int, added: QuestionAdded) -> Row:
    others = fold(*added.options, added.topic, added.explanation)
    return (number, fold(added.prompt), others, added.topic.casefold())


def _row(number: int, position: int, added: QuestionAdded) -> Row:
    return (
        number,
        position,
        added.content,
        added.org,
        added.prompt,
        msgspec.json.encode(added.options).decode(),
        added.answer,
        added.topic,
        added.min_age,
        added.max_age,
        added.difficulty,
        added.explanation,
        added.source,
        0,
        int(added.pending),
    )
