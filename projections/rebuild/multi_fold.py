"""Folding the log into copies of several projections at once: read once, decoded once.

What a batch touches stays in memory from one transaction to the next while there is room for it, so a row that many events change is
neither loaded nor made anew each time; and while a copy began empty and nothing was let go, what is not in memory is not in the table
either, and nothing needs to be looked for. Each copy is stored with its own checkpoint, as always: what was not yet stored when a
process died is folded again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, TypeVar

from events.log import EventLog, Recorded
from events.vocabulary import type_names
from projections.engine.dead_letters import ProjectionFailed, describe
from projections.engine.folding import apply_some
from projections.engine.projection import Decoded, Key, Projection, Row, State, Table
from projections.engine.store import Changes, ReadModels
from projections.engine.yielding import Breath
from projections.rebuild.log_pages import BY_POSITION, Events, Unreadable, read_pages

PAGE: Final = 8_000
"""Positions read at once. With 2,000 a rebuild takes a fifth longer."""
ROWS: Final = 100_000
"""Rows of one projection that are kept in memory; when there are more they are stored and let go."""
_STEP: Final = 500
"""Events folded between two looks at the clock."""

_State = TypeVar("_State", bound=State)

Progress = Callable[[int], None]


class Ready(Changes):
    """Rows to write and keys to delete, by table, as they were at one moment."""

    def __init__(self, tables: dict[str, tuple[list[Row], list[Key]]]) -> None:
        super().__init__({})
        self._tables = tables

    def of(self, table: Table) -> tuple[list[Row], list[Key]]:
        """See Changes.of."""
        return self._tables[table.name]


class Kept(Changes):
    """Changes that are stored several times, while what they hold stays. `whole` says that the tables hold nothing else."""

    def __init__(self, *, whole: bool) -> None:
        super().__init__({})
        self.whole = whole
        # Living rows by table and key: those touched since they were stored last, and the others.
        self._moved: dict[str, dict[Key, Any]] = {}
        self._resting: dict[str, dict[Key, Any]] = {}

    def __len__(self) -> int:
        return sum(len(kept) for part in (self._moved, self._resting, self._rows) for kept in part.values())

    def state(self, table: Table, key: Key, make: Callable[[Row | None], _State]) -> _State:
        """See Rows.state."""
        name = table.name
        state: _State
        try:
            state = self._moved[name][key]
        except KeyError:
            state = self._resting.get(name, {}).pop(key, None) or self._begin(table, key, make)
            self._moved.setdefault(name, {})[key] = state
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
            if not any(key in part.get(name, ()) for part in (self._moved, self._resting, self._rows)):
                wanted.setdefault(name, (table, {}))[1][key] = None
        return wanted

    def admit(self, table: Table, keys: Iterable[Key], rows: dict[Key, Row]) -> None:
        """Keep rows that were loaded, and which of the keys have none."""
        known = self._rows.setdefault(table.name, {})
        for key in keys:
            known[key] = rows.get(key)

    def take(self, tables: Sequence[Table], *, room: int) -> Ready:
        """What is to be stored, in the order of keys: neighbours in a table are written together.

        What there is no room for is let go: it must not be loaded before the former is stored.
        """
        ready = {}
        for table in tables:
            rows = [state.to_row(key[0]) for key, state in self._moved.get(table.name, {}).items()]
            changed, deleted = super().of(table)
            rows += changed
            rows.sort(key=table.key_of)
            ready[table.name] = (rows, deleted)
        self._settle_down(room)
        return Ready(ready)

    def _settle_down(self, room: int) -> None:
        self._touched.clear()
        for name, moved in self._moved.items():
            self._resting.setdefault(name, {}).update(moved)
            moved.clear()
        if len(self) > room:
            self._resting.clear()
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
        self._changes = Kept(whole=stored == 0)
        self._storing: asyncio.Task[None] | None = None

    def takes(self, event: Recorded) -> bool:
        """Whether it is yet to fold this event."""
        return event.type in self.types and event.position > self.stored

    async def fold(self, page: Events, breathe: Breath) -> None:
        """Apply the events of a page that it takes. Raises ProjectionFailed."""
        events = [event for name in self.types & page.keys() for event in page[name]]
        events.sort(key=BY_POSITION)
        if events and events[0].recorded.position <= self.stored:
            events = [event for event in events if event.recorded.position > self.stored]
        self.unstored += len(events)
        if not self._changes.whole:
            await self._load(events)
        projection, changes = self.projection, self._changes
        for start in range(0, len(events), _STEP):
            apply_some(projection, events[start : start + _STEP], changes)
            await breathe()

    async def _load(self, events: Sequence[Decoded]) -> None:
        projection = self.projection
        wanted: dict[str, tuple[Table, dict[Key, None]]] = {}
        for event in events:
            try:
                needed = projection.needs(event)
            except Exception as error:
                raise ProjectionFailed(projection.name, event.recorded, describe(error)) from error
            for name, (table, keys) in self._changes.unknown(needed).items():
                wanted.setdefault(name, (table, {}))[1].update(keys)
        await self.done()
        for table, keys in wanted.values():
            self._changes.admit(table, keys, await self._models.load(table, list(keys)))

    @property
    def is_full(self) -> bool:
        """Whether it holds more than it may keep."""
        return len(self._changes) > ROWS

    async def store(self, position: int) -> None:
        """Store what was folded, up to this position, or begin to. Raises CheckpointMoved and LogUnavailable, as `done` does."""
        if position <= self.stored:
            return
        await self.done()
        ready = self._changes.take(self.projection.tables, room=ROWS)
        storing = self._models.store(self.projection, self.stored, position, ready)
        self._storing = asyncio.create_task(storing, name=f"store-{self.projection.name}")
        self.stored, self.unstored = position, 0
        if not self._models.stores_apart:
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
    """Fold the log into projections, each from its own checkpoint up to `until`; `progress` hears of positions reached.

    The events at the positions in `without` are left out. Each projection is stored after some `batch` events, or when it holds more
    rows than are kept. Raises ProjectionFailed, CheckpointMoved and LogUnavailable.
    """
    copies = [_Copy(models, projection, await models.checkpoint(projection)) for projection in projections]
    types = frozenset[str]().union(*[copy.types for copy in copies])
    begin = min([copy.stored for copy in copies], default=until)
    breathe = Breath()
    try:
        async with (
            _all_stored(copies),
            aclosing(read_pages(log, begin, until, types, min(PAGE, batch), without, breathe)) as pages,
        ):
            async for events, position in pages:
                await breathe()
                for copy in copies:
                    await copy.fold(events, breathe)
                    if copy.unstored >= batch or copy.is_full or position >= until:
                        await copy.store(position)
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
