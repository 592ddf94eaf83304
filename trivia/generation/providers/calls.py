"""How the last calls of providers went, whichever process made them: a live view, from the log."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import ClassVar, Final

import msgspec

from events.log import EventLog
from events.registry import Event
from events.vocabulary.decoding import Decoded, decode
from events.vocabulary.generation import CandidatesReceived, ProviderFailed, ProviderFault

LOOKED_BACK: Final = 10_000
"""Positions before the head that are looked through at the start: what is older says little of now."""
_PAGE: Final = 1_000


class FailedCall(msgspec.Struct, frozen=True):
    """How a call failed, and when (UTC)."""

    fault: ProviderFault
    detail: str
    at: str


class CallRecord(msgspec.Struct, frozen=True):
    """How calls of one provider went. `failures_in_a_row` counts those since the last that succeeded, at `last_success` (UTC)."""

    failures_in_a_row: int = 0
    last_failure: FailedCall | None = None
    last_success: str | None = None


class Calls:
    """The event loop owns it."""

    handles: ClassVar[frozenset[type[Event]]] = frozenset({CandidatesReceived, ProviderFailed})

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._records: defaultdict[str, CallRecord] = defaultdict(CallRecord)

    async def boot(self) -> None:
        """Take in the latest calls, before events are applied. Raises LogUnavailable."""
        head = await self._log.head()
        position = max(0, head - LOOKED_BACK)
        types = [kind.__name__ for kind in self.handles]
        while position < head:
            page = await self._log.read(position, limit=_PAGE, until=head, types=types)
            for recorded in page:
                self.apply(decode(recorded))
            position = page[-1].position if len(page) == _PAGE else head

    def apply(self, decoded: Decoded) -> None:
        """Take in one event."""
        event = decoded.event
        if not isinstance(event, CandidatesReceived | ProviderFailed):
            return
        at = datetime.fromtimestamp(decoded.recorded.recorded_at / 1e6, UTC).isoformat(timespec="milliseconds")
        at = at.replace("+00:00", "Z")
        known = self._records[event.provider]
        if isinstance(event, CandidatesReceived):
            record = CallRecord(0, known.last_failure, at)
        else:
            record = CallRecord(
                known.failures_in_a_row + 1, FailedCall(event.fault, event.detail, at), known.last_success
            )
        self._records[event.provider] = record

    def of(self, provider: str) -> CallRecord:
        """How those of a provider went."""
        return self._records.get(provider, CallRecord())
