"""The bank as tables: every question that ever entered it, by number, and which organisations draw from the shared bank."""

from collections.abc import Iterable
from typing import ClassVar, Final

import msgspec

from events.vocabulary import Event
from events.vocabulary.accounts import OrganisationMade
from events.vocabulary.questions import QuestionAdded, QuestionRetired
from projections.projection import Decoded, Key, Projection, Rows, Table

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
    },
)
COUNT: Final = Table("question_count", {"name": "text", "number": "bigint"})
BANKS: Final = Table("banks", {"org": "text", "shared": "integer"})
_COUNT_KEY: Final = ("questions",)


class QuestionsProjection(Projection):
    """Gives each question its number, notes when it is retired, and knows the organisations' banks."""

    name: ClassVar[str] = "questions"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[Table, ...]] = (QUESTIONS, COUNT, BANKS)
    handles: ClassVar[frozenset[type[Event]]] = frozenset({QuestionAdded, QuestionRetired, OrganisationMade})

    def needs(self, decoded: Decoded) -> Iterable[tuple[Table, Key]]:
        """See Projection.needs."""
        if isinstance(decoded.event, QuestionRetired):
            return ((QUESTIONS, (decoded.event.question,)),)
        return ((COUNT, _COUNT_KEY),) if isinstance(decoded.event, QuestionAdded) else ()

    def apply(self, decoded: Decoded, rows: Rows) -> None:
        """See Projection.apply."""
        match decoded.event:
            case QuestionAdded() as added:
                count = rows.get(COUNT, _COUNT_KEY)
                number = 1 if count is None else count[1] + 1
                rows.put(COUNT, (*_COUNT_KEY, number))
                rows.put(QUESTIONS, _row(number, decoded.recorded.position, added))
            case QuestionRetired(question=question):
                row = rows.get(QUESTIONS, (question,))
                if row is not None:
                    rows.put(QUESTIONS, (*row[:-1], 1))
            case OrganisationMade() as made:
                rows.put(BANKS, (made.org, int(made.shared_bank)))
            case _:
                pass


def _row(number: int, position: int, added: QuestionAdded) -> tuple[object, ...]:
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
    )
