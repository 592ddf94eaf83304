"""A log in memory: for tests, and the oracle that the other two are compared with. It keeps everything and persists nothing."""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec

from events.epoch import KnownHistory, new_epoch
from events.log import (
    Appended,
    Columns,
    Command,
    Context,
    EventLog,
    Guard,
    LogUnavailable,
    RecordedEvent,
    StreamMoved,
    StreamWrite,
)
from events.prepare import check_command, prepare, replay, reused, unmet
from events.registry import Registry
from events.timestamps import now_us


class MemoryLog(EventLog):
    """The contract in its plainest form: a list."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._events: list[RecordedEvent] = []
        self._streams: dict[str, list[RecordedEvent]] = {}
        self._commands: dict[str, tuple[bytes, int, int]] = {}
        self._grown = asyncio.Event()
        self._closed = False
        self._history = KnownHistory()
        self._history.epoch = new_epoch()

    async def append(
        self,
        writes: Sequence[StreamWrite],
        *,
        guards: Sequence[Guard] = (),
        command: Command | None = None,
        context: Context = Context(),  # noqa: B008 - frozen
    ) -> Appended:
        """See EventLog.append."""
        if self._closed:
            raise LogUnavailable("the log is closed")
        prepared = prepare(self._registry, writes, guards, command, context)
        if command and (known := await self.find_command(command)):
            return known
        conflicts = unmet(prepared.conditions, await self.versions([stream for stream, _ in prepared.conditions]))
        if conflicts:
            raise StreamMoved(conflicts)
        first = len(self._events) + 1
        recorded_at = now_us()
        if self._events:
            recorded_at = max(recorded_at, self._events[-1].recorded_at)
        for stream, type_name, schema, data, metadata in prepared.rows:
            events = self._streams.setdefault(stream, [])
            event = RecordedEvent(
                len(self._events) + 1, stream, len(events) + 1, type_name, schema, data, metadata, recorded_at
            )
            events.append(event)
            self._events.append(event)
        if command:
            self._commands[command.id] = (command.fingerprint, first, len(self._events))
        self._grown.set()
        self._grown = asyncio.Event()
        return Appended(first, len(self._events))

    async def read(
        self, after: int = 0, *, limit: int = 1000, until: int | None = None, types: Iterable[str] | None = None
    ) -> list[RecordedEvent]:
        """See EventLog.read."""
        wanted = None if types is None else frozenset(types)
        found = self._events[max(after, 0) : None if until is None else max(until, 0)]
        return [event for event in found if wanted is None or event.type in wanted][:limit]

    async def read_columns(self, after: int, until: int, types: Iterable[str]) -> list[Columns]:
        """See EventLog.read_columns."""
        found: dict[tuple[str, int], list[RecordedEvent]] = {}
        for event in await self.read(after, limit=len(self._events), until=until, types=types):
            found.setdefault((event.type, event.schema), []).append(event)
        columns = []
        for (kind, schema), events in found.items():
            positions, streams, versions, times = [
                msgspec.json.encode([getattr(event, name) for event in events]).decode()
                for name in ("position", "stream", "version", "recorded_at")
            ]
            data = f"[{','.join([event.data for event in events])}]"
            columns.append(Columns(kind, schema, positions, streams, versions, times, data))
        return columns

    async def read_stream(self, stream: str, after: int = 0, *, limit: int = 1000) -> list[RecordedEvent]:
        """See EventLog.read_stream."""
        return self._streams.get(stream, [])[max(after, 0) :][:limit]

    async def versions(self, streams: Sequence[str]) -> list[int]:
        """See EventLog.versions."""
        return [len(self._streams.get(stream, ())) for stream in streams]

    async def find_command(self, command: Command) -> Appended | None:
        """See EventLog.find_command."""
        check_command(command)
        known = self._commands.get(command.id)
        return None if known is None else reused(replay(command, *known))

    async def head(self) -> int:
        """See EventLog.head."""
        return len(self._events)

    async def establish(self) -> str:
        """See EventLog.establish."""
        return self._history.epoch

    @property
    def epoch(self) -> str:
        """See EventLog.epoch."""
        return self._history.epoch

    async def wait_for_other_history(self) -> None:
        """See EventLog.wait_for_other_history."""
        await self._history.lost.wait()

    async def wait_beyond(self, position: int, timeout: float) -> int:
        """See EventLog.wait_beyond."""
        try:
            async with asyncio.timeout(timeout):
                while len(self._events) <= position:
                    await self._grown.wait()
        except TimeoutError:
            pass
        return len(self._events)

    async def close(self) -> None:
        """See EventLog.close."""
        self._closed = True
