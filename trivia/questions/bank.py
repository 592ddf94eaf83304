"""What an import and an export need to know of an organisation's bank."""

from collections.abc import AsyncIterator
from typing import Final, Protocol

import msgspec

from events.log import EventLog
from events.vocabulary import REGISTRY, Event
from events.vocabulary.questions import QuestionAdded, QuestionRetired
from projections.questions import QuestionsProjection
from projections.store import ReadModels
from trivia.questions.rows import ImportRow

PAGE: Final = 1000

# The table may have moved on from the checkpoint that was read first; what is beyond it comes from the log.
_ROWS = """
SELECT number, prompt, options, answer, topic, min_age, max_age, difficulty, explanation, source
FROM questions WHERE number > $1 AND position <= $2 AND org = $3 AND retired = 0 ORDER BY number LIMIT $4"""
_NUMBER_AT = "SELECT coalesce(max(number), 0) FROM questions WHERE position <= $1"
_TAIL_TYPES: Final = (QuestionAdded.__name__, QuestionRetired.__name__)

_decode_options = msgspec.json.Decoder(list[str]).decode


class Bank(Protocol):
    """The bank of each organisation, without what is retired."""

    async def wait_for(self, position: int) -> None:
        """Return once all up to this position of the log is in."""

    async def count(self, org: str) -> int:
        """How many questions an organisation's own bank has."""


class StoredBank:
    """The bank as the database has it: the read model, then the log from where that ends."""

    def __init__(self, log: EventLog, models: ReadModels) -> None:
        self._log = log
        self._models = models

    async def wait_for(self, position: int) -> None:
        """See Bank.wait_for. What is in the log is in this bank."""

    async def count(self, org: str) -> int:
        """See Bank.count. Reads all of it: for programs that ask once."""
        return sum([len(page) async for page in self.rows(org)])

    async def rows(self, org: str) -> AsyncIterator[list[ImportRow]]:
        """Every question of an organisation's own bank, in the order in which they came in, in pages.

        What comes in meanwhile is left out. Raises LogUnavailable.
        """
        checkpoint = await self._models.checkpoint(QuestionsProjection())
        head = await self._log.head()
        retired = {
            event.question
            async for page in self._tail(checkpoint, head)
            for event in page
            if isinstance(event, QuestionRetired)
        }
        number = 0
        while page := await self._models.fetch(_ROWS, number, checkpoint, org, PAGE):
            number = page[-1][0]
            yield [ImportRow(row[1], _decode_options(row[2]), *row[3:]) for row in page if row[0] not in retired]
        number = (await self._models.fetch(_NUMBER_AT, checkpoint))[0][0]
        async for events in self._tail(checkpoint, head):
            rows = []
            for event in events:
                if isinstance(event, QuestionAdded):
                    number += 1
                    if event.org == org and number not in retired:
                        rows.append(_as_row(event))
            yield rows

    async def _tail(self, after: int, until: int) -> AsyncIterator[list[Event]]:
        while page := await self._log.read(after, limit=PAGE, until=until, types=_TAIL_TYPES):
            after = page[-1].position
            yield [REGISTRY.decode(event.type, event.schema, event.data) for event in page]


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
