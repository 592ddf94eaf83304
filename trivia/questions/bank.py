"""What an import and an export need to know of an organisation's bank."""

from collections.abc import AsyncIterator
from typing import Final, NamedTuple, Protocol

import msgspec

from events.log import EventLog, RecordedEvent
from events.vocabulary import REGISTRY
from events.vocabulary.questions import QuestionAdded, QuestionRetired
from projections.questions import QuestionsProjection
from projections.store import ReadModels
from trivia.questions.rows import ImportRow

PAGE: Final = 1000

# The table may have moved on from the checkpoint that was read first; what is beyond it comes from the log.
_ROWS = """
SELECT number, prompt, options, answer, topic, min_age, max_age, difficulty, explanation, source
FROM questions WHERE number > $1 AND position <= $2 AND org = $3 AND retired = 0 ORDER BY number LIMIT $4"""
_COUNT = "SELECT count(*) FROM questions WHERE position <= $1 AND org = $2 AND retired = 0"
_HAS = "SELECT count(*) FROM questions WHERE number = $3 AND position <= $1 AND org = $2 AND retired = 0"
_LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM questions WHERE position <= $1"

_decode_options = msgspec.json.Decoder(list[str]).decode


class Bank(Protocol):
    """The bank of each organisation, without what is retired."""

    async def wait_for(self, position: int) -> None:
        """Return once all up to this position of the log is in."""

    async def count(self, org: str) -> int:
        """How many questions an organisation's own bank has."""


class _Span(NamedTuple):
    """Where the read model ends and where the log does; `last` is the number of the last question in the former."""

    checkpoint: int
    head: int
    last: int
    retired: frozenset[int]
    """Numbers of the questions that were retired between the two."""


class _Owner(msgspec.Struct):
    """Of a QuestionAdded, all that counting needs."""

    org: str


_decode_owner = msgspec.json.Decoder(_Owner).decode


class StoredBank:
    """The bank as the database has it: the read model, then the log from where that ends."""

    def __init__(self, log: EventLog, models: ReadModels) -> None:
        self._log = log
        self._models = models

    async def wait_for(self, position: int) -> None:
        """See Bank.wait_for. What is in the log is in this bank."""

    async def count(self, org: str) -> int:
        """See Bank.count."""
        span = await self._span()
        count = int((await self._models.fetch(_COUNT, span.checkpoint, org))[0][0])
        for number in span.retired:
            count -= (await self._models.fetch(_HAS, span.checkpoint, org, number))[0][0]
        async for page in self._added(span):
            count += sum([_owner(event) == org and number not in span.retired for number, event in page])
        return count

    async def rows(self, org: str) -> AsyncIterator[list[ImportRow]]:
        """Every question of an organisation's own bank, in the order in which they came in, in pages.

        What comes in meanwhile is left out. Raises LogUnavailable.
        """
        span = await self._span()
        number = 0
        while rows := await self._models.fetch(_ROWS, number, span.checkpoint, org, PAGE):
            number = rows[-1][0]
            yield [ImportRow(row[1], _decode_options(row[2]), *row[3:]) for row in rows if row[0] not in span.retired]
        async for page in self._added(span):
            questions = [_decode(event) for number, event in page if number not in span.retired]
            yield [_as_row(question) for question in questions if question.org == org]

    async def _span(self) -> _Span:
        checkpoint = await self._models.checkpoint(QuestionsProjection())
        last = (await self._models.fetch(_LAST_NUMBER, checkpoint))[0][0]
        head = await self._log.head()
        retired = set()
        async for page in self._tail(checkpoint, head, QuestionRetired):
            for event in page:
                decoded = REGISTRY.decode(event.type, event.schema, event.data)
                assert isinstance(decoded, QuestionRetired)  # noqa: S101 - it was asked for by type
                retired.add(decoded.question)
        return _Span(checkpoint, head, last, frozenset(retired))

    async def _added(self, span: _Span) -> AsyncIterator[list[tuple[int, RecordedEvent]]]:
        """What the read model lacks yet, with the numbers it will give."""
        number = span.last
        async for page in self._tail(span.checkpoint, span.head, QuestionAdded):
            yield list(enumerate(page, number + 1))
            number += len(page)

    async def _tail(
        self, after: int, until: int, kind: type[QuestionAdded | QuestionRetired]
    ) -> AsyncIterator[list[RecordedEvent]]:
        while page := await self._log.read(after, limit=PAGE, until=until, types=[kind.__name__]):
            after = page[-1].position
            yield page


def _decode(event: RecordedEvent) -> QuestionAdded:
    decoded = REGISTRY.decode(event.type, event.schema, event.data)
    assert isinstance(decoded, QuestionAdded)  # noqa: S101 - it was asked for by type
    return decoded


def _owner(event: RecordedEvent) -> str:
    # Reading one field of the present shape is much cheaper than all; an older shape takes the long way.
    return _decode_owner(event.data).org if event.schema == QuestionAdded.schema else _decode(event).org


def _as_row(added: QuestionAdded) -> ImportRow:
    return ImportRow(
        added.prompt,
        list(added.options),
        added.answer,
        added.topic,
        added.min_age,
        added.max_age,
        added.difficulty,
        added.explanation,
        added.source,
    )
