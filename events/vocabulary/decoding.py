"""Recorded events as what they say."""

import msgspec

from events.log import Recorded, RecordedEvent
from events.registry import Event
from events.vocabulary import REGISTRY


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """A stored event beside what it says."""

    recorded: Recorded
    event: Event


def decode(recorded: RecordedEvent) -> Decoded:
    """Raises UnknownEvent and msgspec.ValidationError."""
    return Decoded(recorded, REGISTRY.decode(recorded.type, recorded.schema, recorded.data))
