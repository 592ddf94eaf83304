"""Events as if they had been stored, for tests of what is folded from them."""

from collections import Counter

from events.log import RecordedEvent
from events.registry import Event
from events.vocabulary import REGISTRY
from events.vocabulary.decoding import Decoded, decode


class Journal:
    """Numbers events as a log does; `recorded_at` is the position in seconds, unless told."""

    def __init__(self) -> None:
        self.events: list[Decoded] = []
        self._versions: Counter[str] = Counter()

    def add(self, stream: str, event: Event, at: float | None = None) -> Decoded:
        self._versions[stream] += 1
        position = len(self.events) + 1
        data = REGISTRY.encode(event)
        recorded = RecordedEvent(
            position,
            stream,
            self._versions[stream],
            type(event).__name__,
            event.schema,
            data,
            "{}",
            int((position if at is None else at) * 1_000_000),
        )
        self.events.append(decode(recorded))
        return self.events[-1]

    def of(self, stream: str) -> list[Decoded]:
        return [event for event in self.events if event.recorded.stream == stream]
