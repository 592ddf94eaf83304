"""Views in the memory of each process, fed by the log."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import msgspec
import structlog

from events.log import EventLog, LogUnavailable, RecordedEvent
from events.registry import Event
from events.timestamps import now_us
from events.vocabulary.decoding import Decoded, decode
from projections.engine.dead_letters import ADD_DEAD_LETTER, REMOVE_DEAD_LETTER, DeadLetter, describe
from projections.engine.store import ReadModels

PAGE: Final = 1_000
PAUSE_SECONDS: Final = 0.04
"""The least time between two reads, so that a busy log is read in pages."""
WAIT_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 1.0
LIVE_PREFIX: Final = "live:"
"""The prefix of a view's name, where its dead letters stand beside those of projections."""

_OF_VIEWS: Final = f"SELECT projection, position FROM parked_events WHERE projection LIKE '{LIVE_PREFIX}%'"

Apply = Callable[[Decoded], None]
Skip = Callable[[RecordedEvent], None]

_log = structlog.get_logger("trivia.live")


class View(NamedTuple):
    """A view, and how it is fed.

    `skip` notes what must be known of an event that became a dead letter.
    """

    name: str
    apply: Apply
    skip: Skip | None = None


class LiveViews:
    """Hands every event to the views that handle its type, in order, each once, from a position on.

    An event that cannot be decoded, or that a view fails on, becomes a dead letter of the view, and the others go on. Dead
    letters stand in the table of those of projections, under the view's name, where the status finds them.
    """

    def __init__(self, log: EventLog, models: ReadModels | None = None) -> None:
        self._log = log
        self._models = models
        self.position = 0
        self._views: dict[str, list[View]] = {}
        self._moved = asyncio.Condition()
        self._unwritten: list[DeadLetter] = []

    def feed(self, name: str, types: Iterable[type[Event]], apply: Apply, skip: Skip | None = None) -> None:
        """Add a view, before `run`."""
        for kind in types:
            self._views.setdefault(kind.__name__, []).append(View(name, apply, skip))

    async def run(self) -> None:
        """Follow the log until cancelled.

        A database that is away for a while delays it, nothing more.
        """
        while True:
            try:
                # What this process appends itself, it knows of without asking the database.
                known = await self._log.wait_beyond(self.position, WAIT_SECONDS)
                await self._follow(known if known > self.position else await self._log.head())
                await self._write_dead_letters()
                await asyncio.sleep(PAUSE_SECONDS)
            except LogUnavailable as error:
                _log.warning("live_views_unavailable", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def catch_up(self) -> None:
        """Apply what the log has now. Raises LogUnavailable."""
        await self._forget_readable()
        await self._follow(await self._log.head())
        await self._write_dead_letters()

    async def _follow(self, head: int) -> None:
        while self.position < head:
            events = await self._log.read(self.position, limit=PAGE, until=head, types=self._views)
            for recorded in events:
                self.apply(recorded)
            async with self._moved:
                self.position = events[-1].position if len(events) == PAGE else head
                self._moved.notify_all()
            await asyncio.sleep(0)

    def apply(self, recorded: RecordedEvent) -> None:
        """Hand one event to its views, as `run` does."""
        try:
            decoded = decode(recorded)
        except Exception as error:  # noqa: BLE001 - whatever it is, others are not to be kept from going on
            for view in self._views.get(recorded.type, ()):
                self._set_aside(view, recorded, error)
            return
        for view in self._views.get(recorded.type, ()):
            try:
                view.apply(decoded)
            except Exception as error:  # noqa: BLE001 - the same
                self._set_aside(view, recorded, error)

    def _set_aside(self, view: View, recorded: RecordedEvent, error: Exception) -> None:
        if isinstance(error, MemoryError):
            raise error
        reason = describe(error)
        _log.error(
            "live_view_dead_letter",
            view=view.name,
            position=recorded.position,
            stream=recorded.stream,
            type=recorded.type,
            reason=reason,
        )
        place = recorded.position, recorded.stream, recorded.stream, recorded.type
        self._unwritten.append(DeadLetter(LIVE_PREFIX + view.name, *place, reason, now_us()))
        if view.skip is not None:
            view.skip(recorded)

    async def _write_dead_letters(self) -> None:
        if self._models is not None and self._unwritten:
            written = list(self._unwritten)
            await self._models.execute([(ADD_DEAD_LETTER, [msgspec.structs.astuple(event) for event in written])])
            del self._unwritten[: len(written)]

    async def _forget_readable(self) -> None:
        """Remove the dead letters that this software can decode.

        Those that a view still fails on come again.
        """
        if self._models is None:
            return
        for name, position in await self._models.fetch(_OF_VIEWS):
            events = await self._log.read(position - 1, limit=1, until=position)
            with contextlib.suppress(Exception):
                for recorded in events:
                    decode(recorded)
                await self._models.execute([(REMOVE_DEAD_LETTER, [(name, position)])])

    async def reach(self, position: int, timeout: float) -> bool:
        """Wait until all events up to `position` are applied.

        False when that took longer than `timeout` seconds.
        """
        if self.position >= position:
            return True
        try:
            async with asyncio.timeout(timeout), self._moved:
                await self._moved.wait_for(lambda: self.position >= position)
        except TimeoutError:
            return False
        return True
