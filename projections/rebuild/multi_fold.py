"""Folding the log into copies of several projections at once: read once, decoded once.

A write-back cache keeps the rows that events touch from one transaction to the next while there is room, so a row that many
events change is loaded and stored once. While a copy began empty and the cache evicted nothing, a row that is not in the cache
is not in the table either. Each copy is stored with its own checkpoint: what was not stored when a process died is folded again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, TypeVar

from events.log import EventLog, Recorded
from events.registry import type_names
from events.vocabulary.decoding import Decoded
from projections.engine.dead_letters import ProjectionFailed, describe
from projections.engine.folding import apply_some
from projections.engine.projection import Key, Projection, Row, State, Table
from projections.engine.store import Changes, Flush, ReadModels
from projections.rebuild.log_pages import BY_POSITION, Events, Unreadable, read_pages
from projections.rebuild.throttle import Throttle

PAGE: Final = 8_000
"""Positions read at once. With 2,000 a rebuild takes a fifth longer."""
ROWS: Final = 100_000
"""Rows of one projection in memory.

When there are more they are stored and evicted.
"""
_STEP: Final = 500
"""Events folded between two looks at the clock."""

_State = TypeVar("_State", bound=State)

Progress = Callable[[int], None]


class RowCache(Changes):
    """A write-back cache of rows. `whole` says that the tables hold nothing else."""

    def __init__(self, *, whole: bool) -> None:
        super().__init__({})
        self.whole = whole
        # States by table and key: those touched since the last flush, and the others.
        self._dirty: dict[str, dict[Key, Any]] = {}
        self._clean: dict[str, dict[Key, Any]] = {}

    def __len__(self) -> int:
        return sum(len(kept) for part in (self._dirty, self._clean, self._rows) for kept in part.values())

    def state(self, table: Table, key: Key, make: Callable[[Row | None], _State]) -> _State:
        """See Rows.state."""
        name = table.name
        state: _State
        try:
            state = self._dirty[name][key]
        except KeyError:
            state = self._clean.get(name, {}).pop(key, None) or self._begin(table, key, make)
            self._dirty.setdefault(name, {})[key] = state
        return state

    def _begin(self, table: Table, key: Key, make: Callable[[Row | None], _State]) -> _State:
        state = make(self.get(table, key))
        self._rows.get(table.name, {}).pop(key, None)
        return state

    def unknown(self, needed: Iterable[tuple[Table, Key]]) -> dict[str, tuple[Table, dict[Key, None]]]:
        """Those of the rows that are not in memory, by table."""
        wanted: dict[str, tuple[Table, dict[Key, None]]] = {}
        for table, key in needed:
            name = table.name
            if not any(key in part.get(name, ()) for part in (self._dirty, self._clean, self._rows)):
                wanted.setdefault(name, (table, {}))[1][key] = None
        return wanted

    def add_loaded(self, table: Table, keys: Iterable[Key], rows: dict[Key, Row]) -> None:
        """Add rows that were loaded, and which of the keys have none."""
        known = self._rows.setdefault(table.name, {})
        for key in keys:
            known[key] = rows.get(key)

    def flush(self, tables: Sequence[Table], *, room: int) -> Flush:
        """What is to be stored, in the order of keys: neighbours in a table are written together.

        With more than `room` rows the cache is emptied; nothing may be loaded before the flush is stored.
        """
        flushed = {}
        for table in tables:
            rows = [state.to_row(key[0]) for key, state in self._dirty.get(table.name, {}).items()]
            changed, deleted = super().of(table)
            rows += changed
            rows.sort(key=table.key_of)
            flushed[table.name] = (rows, deleted)
        self._mark_clean(room)
        return Flush(flushed)

    def _mark_clean(self, room: int) -> None:
        self._touched.clear()
        for name, dirty in self._dirty.items():
            self._clean.setdefault(name, {}).update(dirty)
            dirty.clear()
        if len(self) > room:
            self._clean.clear()
            self._rows.clear()
            self.whole = False


class _Copy:
    """One projection's copy, folded and stored up to `stored`."""

    def __init__(self, models: ReadModels, projection: Projection, stored: int) -> None:
        self.projection = projection
        self.stored = stored
        self.types = set(type_names(projection.handles))
        self.unstored = 0
        self._models = models
        self._cache = RowCache(whole=stored == 0)
        self._storing: asyncio.Task[None] | None = None

    def takes(self, event: Recorded) -> bool:
        """Whether it is yet to fold this event."""
        return event.type in self.types and event.position > self.stored

    async def fold(self, page: Events, throttle: Throttle) -> None:
        """Apply the events of a page that it takes. Raises ProjectionFailed."""
        events = [event for name in self.types & page.keys() for event in page[name]]
        events.sort(key=BY_POSITION)
        if events and events[0].recorded.position <= self.stored:
            events = [event for event in events if event.recorded.position > self.stored]
        self.unstored += len(events)
        if not self._cache.whole:
            await self._load(events)
        projection, cache = self.projection, self._cache
        for start in range(0, len(events), _STEP):
            apply_some(projection, events[start : start + _STEP], cache)
            await throttle()

    async def _load(self, events: Sequence[Decoded]) -> None:
        projection = self.projection
        wanted: dict[str, tuple[Table, dict[Key, None]]] = {}
        for event in events:
            try:
                needed = projection.needs(event)
            except Exception as error:
                raise ProjectionFailed(projection.name, event.recorded, describe(error)) from error
            for name, (table, keys) in self._cache.unknown(needed).items():
                wanted.setdefault(name, (table, {}))[1].update(keys)
        await self.done()
        for table, keys in wanted.values():
            self._cache.add_loaded(table, keys, await self._models.load(table, list(keys)))

    @property
    def is_full(self) -> bool:
        """Whether it holds more than it may keep."""
        return len(self._cache) > ROWS

    async def store(self, position: int, throttle: Throttle) -> None:
        """Store what was folded, up to this position, or begin to.

        Raises CheckpointMoved and LogUnavailable, as `done` does.
        """
        if position <= self.stored:
            return
        await self.done()
        flush = self._cache.flush(self.projection.tables, room=ROWS)
        storing = self._models.store_copy(self.projection, self.stored, position, flush, throttle)
        self._storing = asyncio.create_task(storing, name=f"store-{self.projection.name}")
        self.stored, self.unstored = position, 0
        if throttle.is_busy or not self._models.stores_apart:
            await self.done()

    async def done(self) -> None:
        """Wait until what was to be stored is."""
        if self._storing is not None:
            await self._storing
            self._storing = None


async def fold_together(
    log: EventLog,
    models: ReadModels,
    projections: Sequence[Projection],
    until: int,
    batch: int,
    progress: Progress,
    *,
    without: AbstractSet[int] = frozenset(),
) -> None:
    """Fold the log into projections, each from its own checkpoint up to `until`; `progress` is called with positions.

    The events at the positions in `without` are left out. Each projection is stored after some `batch` events, or when its
    cache is full. Raises ProjectionFailed, CheckpointMoved and LogUnavailable.
    """
    copies = [_Copy(models, projection, await models.checkpoint(projection)) for projection in projections]
    types = frozenset[str]().union(*[copy.types for copy in copies])
    begin = min([copy.stored for copy in copies], default=until)
    throttle = Throttle(log)
    try:
        async with (
            _all_stored(copies),
            aclosing(read_pages(log, begin, until, types, min(PAGE, batch), without, throttle)) as pages,
        ):
            async for events, position in pages:
                await throttle()
                for copy in copies:
                    await copy.fold(events, throttle)
                    if copy.unstored >= batch or copy.is_full or position >= until:
                        await copy.store(position, throttle)
                progress(position)
    except Unreadable as error:
        takers = [copy.projection.name for copy in copies if copy.takes(error.event)]
        raise ProjectionFailed(" and ".join(takers), error.event, describe(error.why)) from error.why


@asynccontextmanager
async def _all_stored(copies: Sequence[_Copy]) -> AsyncIterator[None]:
    """Nothing is being stored any more when the context is left, however that happens."""
    try:
        yield
    finally:
        outcomes = await asyncio.gather(*[copy.done() for copy in copies], return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
