"""Plain events for tests that do not care what happened, only that it did."""

from collections.abc import Sequence

import msgspec

from events.log import ANY, Command, RecordedEvent, StreamWrite
from events.vocabulary import REGISTRY
from events.vocabulary.questions import StarterBankAdded


def numbered(*numbers: int) -> list[StarterBankAdded]:
    """One event for each number, which `number_of` reads back."""
    return [StarterBankAdded(number) for number in numbers]


def number_of(event: RecordedEvent) -> int:
    decoded = REGISTRY.decode(event.type, event.schema, event.data)
    assert isinstance(decoded, StarterBankAdded)
    return decoded.questions


def write(stream: str, expect: int = ANY, *numbers: int) -> StreamWrite:
    """Events numbered as given (one numbered 0, if none are) for one stream."""
    return StreamWrite(stream, expect, numbered(*numbers or (0,)))


def command(name: str, body: str = "") -> Command:
    return Command(name, f"{body:.>16}".encode())


def metadata_of(event: RecordedEvent) -> dict[str, str]:
    return msgspec.json.decode(event.metadata, type=dict[str, str])


def positions(events: Sequence[RecordedEvent]) -> list[int]:
    return [event.position for event in events]
