"""An organisation's bank as the database has it, for imports and exports."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from events.log import EventLog, RecordedEvent
from events.registry import type_names
from events.vocabulary import REGISTRY
from events.vocabulary.questions import QuestionAdded, QuestionApproved, QuestionRestored, QuestionRetired
from projections.engine.store import ReadModels
from projections.models.questions import QuestionsProjection
from trivia.questions.bank.question_row import ImportRow

PAGE: Final = 1000

# The table may have moved on from the checkpoint that was read first; what is beyond it comes from the log.
_FIELDS: Final = ImportRow.__struct_fields__
_ROWS = f"""
SELECT number, pending, retired, {", ".join(_FIELDS)}
FROM questions WHERE number > $1 AND position <= $2 AND org = $3{{kept}} ORDER BY number LIMIT $4"""
_NOT_RETIRED: Final = " AND retired = 0"
_COUNT = "SELECT count(*) FROM questions WHERE position <= $1 AND org = $2 AND retired = 0 AND pending = 0"
_STATE = "SELECT retired, pending FROM questions WHERE number = $3 AND position <= $1 AND org = $2"
_LOCATE = "SELECT org, content FROM questions WHERE number = $1"
_LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM questions WHERE position <= $1"

_decode_options = msgspec.json.Decoder(list[str]).decode


class Bank(Protocol):
    """The bank of each organisation, without what is retired or waits for approval."""

    async def wait_for(self, position: int) -> None:
        """Return once all up to this position of the log is in."""

    async def count(self, org: str) -> int:
        """How many questions an organisation's own bank has."""


class Located(NamedTuple):
    """Which bank a question is in, and its content identity; they name its stream."""

    org: str
    content: str


class _Span(NamedTuple):
    """The read model's checkpoint and the head; `last` is the read model's last number."""

    checkpoint: int
    head: int
    last: int
    retired: frozenset[int]
    """Numbers of the questions that were retired between the two, and not restored."""
    restored: frozenset[int]
    """Numbers of those that were restored between the two, and not retired again."""
    approved: frozenset[int]
    """Numbers of those that were approved between the two."""

    def keeps(self, number: int, *, pending: bool, retired: bool = False) -> bool:
        """Whether a question is in the bank at the head.

        `pending` and `retired` say what it is at the read model's checkpoint.
        """
        gone = number in self.retired or (retired and number not in self.restored)
        return not gone and (not pending or number in self.approved)


class _Owner(msgspec.Struct):
    """Of a QuestionAdded, all that counting needs."""

    org: str
    pending: bool = False


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
        for number in span.retired | span.restored | span.approved:
            for retired, pending in await self._models.fetch(_STATE, span.checkpoint, org, number):
                count += span.keeps(number, pending=bool(pending), retired=bool(retired))
                count -= not retired and not pending
        async for page in self._added(span):
            owners = [(number, _owner(event)) for number, event in page]
            count += sum([owner.org == org and span.keeps(number, pending=owner.pending) for number, owner in owners])
        return count

    async def rows(self, org: str) -> AsyncIterator[list[ImportRow]]:
        """Every question of an organisation's own bank, in pages, in the order of their numbers.

        Questions added meanwhile are left out. Raises LogUnavailable.
        """
        span = await self._span()
        number = 0
        query = _ROWS.format(kept="" if span.restored else _NOT_RETIRED)
        while rows := await self._models.fetch(query, number, span.checkpoint, org, PAGE):
            number = rows[-1][0]
            kept = [row for row in rows if span.keeps(row[0], pending=bool(row[1]), retired=bool(row[2]))]
            yield [_import_row(prompt, _decode_options(options), *rest) for _, _, _, prompt, options, *rest in kept]
        async for page in self._added(span):
            questions = [(number, _decode(event)) for number, event in page]
            yield [
                _import_row(*[getattr(question, name) for name in _FIELDS])
                for number, question in questions
                if question.org == org and span.keeps(number, pending=question.pending)
            ]

    async def locate(self, number: int) -> Located | None:
        """Where the question with this number is, None if the log has none.

        Raises LogUnavailable.
        """
        if found := await self._models.fetch(_LOCATE, number):
            return Located(*found[0])
        span = await self._span()
        if number <= span.last:
            # The read model has moved on since it was asked first.
            return Located(*(await self._models.fetch(_LOCATE, number))[0])
        async for page in self._added(span):
            if number <= page[-1][0]:
                added = _decode(page[number - page[0][0]][1])
                return Located(added.org, added.content)
        return None

    async def _span(self) -> _Span:
        checkpoint = await self._models.checkpoint(QuestionsProjection())
        last = (await self._models.fetch(_LAST_NUMBER, checkpoint))[0][0]
        head = await self._log.head()
        retired: set[int] = set()
        restored: set[int] = set()
        approved: set[int] = set()
        async for page in self._tail(checkpoint, head, QuestionRetired, QuestionRestored, QuestionApproved):
            for event in page:
                match REGISTRY.decode(event.type, event.schema, event.data):
                    case QuestionRetired(question=number):
                        retired.add(number)
                        restored.discard(number)
                    case QuestionRestored(question=number):
                        restored.add(number)
                        retired.discard(number)
                    case QuestionApproved(question=number):
                        approved.add(number)
                    case _:
                        pass
        return _Span(checkpoint, head, last, frozenset(retired), frozenset(restored), frozenset(approved))

    async def _added(self, span: _Span) -> AsyncIterator[list[tuple[int, RecordedEvent]]]:
        """What the read model lacks yet, with the numbers it will give."""
        number = span.last
        async for page in self._tail(span.checkpoint, span.head, QuestionAdded):
            yield list(enumerate(page, number + 1))
            number += len(page)

    async def _tail(
        self,
        after: int,
        until: int,
        *kinds: type[QuestionAdded | QuestionRetired | QuestionRestored | QuestionApproved],
    ) -> AsyncIterator[list[RecordedEvent]]:
        types = type_names(kinds)
        while page := await self._log.read(after, limit=PAGE, until=until, types=types):
            after = page[-1].position
            yield page


def _decode(event: RecordedEvent) -> QuestionAdded:
    decoded = REGISTRY.decode(event.type, event.schema, event.data)
    assert isinstance(decoded, QuestionAdded)  # noqa: S101 - it was asked for by type
    return decoded


def _owner(event: RecordedEvent) -> _Owner:
    # Reading few fields of the present shape is much cheaper than all; an older shape takes the long way.
    if event.schema == QuestionAdded.schema:
        return _decode_owner(event.data)
    added = _decode(event)
    return _Owner(added.org, added.pending)


def _import_row(prompt: str, options: Sequence[str], *rest: Any) -> ImportRow:
    """A row of the values of _FIELDS, from the read model or an event."""
    return ImportRow(prompt, list(options), *rest)
