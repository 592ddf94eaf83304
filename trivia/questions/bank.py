"""What an import and an export need to know of an organisation's bank."""

from collections.abc import AsyncIterator
from typing import Protocol

from events.log import EventLog
from events.vocabulary import REGISTRY
from events.vocabulary.questions import QuestionAdded, QuestionRetired
from trivia.questions.rows import ImportRow

PAGE = 1000


class Bank(Protocol):
    """The bank, as it is at some position of the log."""

    async def wait_for(self, position: int) -> None:
        """Return once all up to this position is in."""

    async def count(self, org: str) -> int:
        """How many questions an organisation's own bank has, without the retired ones."""

    def rows(self, org: str) -> AsyncIterator[list[ImportRow]]:
        """All of these questions, in the order in which they came in, in pages; whatever comes in meanwhile is left out."""


class LogBank:
    """A bank read from the log each time; for programs that ask once."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def wait_for(self, position: int) -> None:
        """See Bank.wait_for. What is in the log is in this bank."""

    async def count(self, org: str) -> int:
        """See Bank.count."""
        return sum([len(page) async for page in self.rows(org)])

    async def rows(self, org: str) -> AsyncIterator[list[ImportRow]]:
        """See Bank.rows."""
        head = await self._log.head()
        retired = {
            event.question
            async for page in self._read(QuestionRetired, head)
            for event in page
            if isinstance(event, QuestionRetired)
        }
        number = 0
        async for page in self._read(QuestionAdded, head):
            rows = []
            for event in page:
                number += 1
                if isinstance(event, QuestionAdded) and event.org == org and number not in retired:
                    rows.append(as_row(event))
            if rows:
                yield rows

    async def _read(self, kind: type[QuestionAdded | QuestionRetired], until: int) -> AsyncIterator[list[object]]:
        after = 0
        while page := await self._log.read(after, limit=PAGE, until=until, types=[kind.__name__]):
            after = page[-1].position
            yield [REGISTRY.decode(event.type, event.schema, event.data) for event in page]


def as_row(added: QuestionAdded) -> ImportRow:
    """A question in the form in which it can be imported again."""
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
