"""Where read models are kept.

A projection's rows and its checkpoint move together or not at all.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, ClassVar, Final, Self, TypeVar, cast

from projections.engine.dead_letters import DEAD_LETTER_KEYS, DeadLetters
from projections.engine.projection import Key, Projection, Row, State, Table

_State = TypeVar("_State", bound=State)


class CheckpointMoved(Exception):
    """Another process has taken the projection further meanwhile; nothing was stored."""


class Changes:
    """Rows as a batch of events leaves them: loaded before, changed in memory, stored after.

    A `Rows`.
    """

    def __init__(self, loaded: Mapping[str, Mapping[Key, Row]]) -> None:
        self._rows: dict[str, dict[Key, Row | None]] = {name: dict(rows) for name, rows in loaded.items()}
        self._touched: dict[str, dict[Key, None]] = {}
        self._states: dict[tuple[str, Key], tuple[Table, State]] = {}
        self._journal: list[tuple[str, Key, Row | None, bool]] | None = None

    def state(self, table: Table, key: Key, make: Callable[[Row | None], _State]) -> _State:
        """See Rows.state."""
        found = self._states.get((table.name, key))
        if found is None:
            found = self._states[table.name, key] = (table, make(self.get(table, key)))
        return cast("_State", found[1])

    def get(self, table: Table, key: Key) -> Row | None:
        """See Rows.get."""
        return self._rows.get(table.name, {}).get(key)

    def put(self, table: Table, row: Row) -> None:
        """See Rows.put."""
        self._set(table, table.key_of(row), row)

    def delete(self, table: Table, key: Key) -> None:
        """See Rows.delete."""
        self._set(table, key, None)

    def _set(self, table: Table, key: Key, row: Row | None) -> None:
        rows, touched = self._rows.setdefault(table.name, {}), self._touched.setdefault(table.name, {})
        if self._journal is not None:
            self._journal.append((table.name, key, rows.get(key), key in touched))
        rows[key] = row
        touched[key] = None

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what the block has changed if it raises.

        States become rows before and after, which costs time.
        """
        self._flush_states()
        journal = self._journal = []
        try:
            yield
            self._flush_states()
        except BaseException:
            self._states.clear()
            for name, key, row, was_touched in reversed(journal):
                self._rows[name][key] = row
                if not was_touched:
                    self._touched[name].pop(key, None)
            raise
        finally:
            self._journal = None

    def _flush_states(self) -> None:
        """Turn states back into rows."""
        states, self._states = self._states, {}
        for (_, key), (table, state) in states.items():
            self.put(table, state.to_row(key[0]))

    def of(self, table: Table) -> tuple[list[Row], list[Key]]:
        """The rows to write and the keys to delete."""
        self._flush_states()
        rows = self._rows.get(table.name, {})
        touched = self._touched.get(table.name, {})
        return [row for key in touched if (row := rows[key]) is not None], [key for key in touched if rows[key] is None]


class Flush(Changes):
    """Rows to write and keys to delete, by table, as they were at one moment."""

    def __init__(self, tables: Mapping[str, tuple[list[Row], list[Key]]]) -> None:
        super().__init__({})
        self._tables = tables

    def of(self, table: Table) -> tuple[list[Row], list[Key]]:
        """See Changes.of."""
        return self._tables.get(table.name, ([], []))


def parts(projection: Projection, changes: Changes, size: int) -> Iterator[Flush]:
    """Changes divided into parts of at most so many rows."""
    for table in projection.tables:
        rows, deleted = changes.of(table)
        for start in range(0, max(len(rows), len(deleted)), size):
            end = start + size
            yield Flush({table.name: (rows[start:end], deleted[start:end])})


class ReadModels(ABC):
    """Reads and writes the tables of projections. Everything raises LogUnavailable when the database is at fault.

    A `copy` works on tables of the same shape beside the live ones, with a checkpoint of its own: a rebuild fills one, and a
    verification compares one with the live tables.
    """

    stores_apart: ClassVar[bool]
    """Whether a process may fold on while a copy is stored.

    Not where a writer keeps others from appending.
    """
    suffix: str
    """What the names of the tables and of the checkpoint end in; empty for the live ones."""

    @abstractmethod
    def copy(self, suffix: str) -> Self:
        """The read models with this suffix in the same database."""

    @abstractmethod
    async def checkpoint(self, projection: Projection) -> int:
        """The position up to which this version of the projection has folded the log.

        0 at first.
        """

    @abstractmethod
    async def load(self, table: Table, keys: Sequence[Key]) -> dict[Key, Row]:
        """The rows with these keys, as far as there are any."""

    async def dead_letters(self, projection: Projection) -> DeadLetters:
        """The dead letters of the live projection."""
        rows = await self.fetch(DEAD_LETTER_KEYS, projection.name)
        return DeadLetters(projection, sum([row[2] for row in rows]), {row[0]: row[1] for row in rows})

    @abstractmethod
    async def store(
        self, projection: Projection, before: int, after: int, changes: Changes, dead_letters: DeadLetters | None = None
    ) -> None:
        """Store changed rows and dead letters, and move the checkpoint from `before` to `after`.

        Raises CheckpointMoved, also when there are other dead letters by now than were known: rows have changed meanwhile.
        """

    @abstractmethod
    async def store_copy(
        self,
        projection: Projection,
        before: int,
        after: int,
        changes: Changes,
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        """As `store`, for a copy: the first time in parts, with `pause` awaited between them.

        So appends do not wait for all of it. Raises CheckpointMoved.
        """

    @abstractmethod
    async def fetch(self, sql: str, *parameters: Any) -> list[Row]:
        """All rows of a query; parameters are named $1, $2 … in it, in either database."""

    @abstractmethod
    async def execute(self, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Run statements in one transaction, each once for each of its rows of parameters.

        Not durable at once.
        """

    @abstractmethod
    async def restore(self, projection: Projection) -> list[str]:
        """Make the live tables that are missing, as the migrations do; their names.

        Where any was, the projection begins again: its other tables, its checkpoint and its dead letters are emptied.
        """

    @abstractmethod
    async def create(self, projection: Projection) -> None:
        """Make the tables of a copy like the live ones, unless they are there for this version already."""

    @abstractmethod
    async def index(self, projection: Projection) -> None:
        """Give the tables of a copy the indexes of the live ones, unless they are there.

        A copy is filled with its keys alone.
        """

    @abstractmethod
    async def discard(self, projection: Projection) -> None:
        """Drop the tables and the checkpoint of a copy, if they are there."""

    @abstractmethod
    async def promote(self, projection: Projection, wrong: int | None = None) -> bool:
        """Put a copy in the place of the live tables, in one transaction, after folding the last few events into it.

        False where it lacks more, or the projection fails on one: then it has to be taken further first. It need not be as
        far as the checkpoint `wrong`, at which the log has never been. Dead letters are removed: the copy has all events.
        Readers see the old rows until the switch and the new ones from then on.
        """

    @abstractmethod
    def snapshot(self, projection: Projection) -> AbstractAsyncContextManager["Snapshot"]:
        """The rows and the checkpoint as they are at one moment, for as long as the context is open."""


class Snapshot(ABC):
    """A projection's rows at one moment. `position` is its checkpoint then."""

    position: int

    @abstractmethod
    def rows(self, table: Table) -> AsyncIterator[Row]:
        """All rows of a table in the order of their keys, texts by their code points."""


CHECKPOINT: Final = "SELECT position FROM projection_checkpoints WHERE name = $1 AND version = $2"

# Inserts at the first move, else compares and sets: no row comes back when another process was faster, or threw the copy away.
MOVE: Final = """
INSERT INTO projection_checkpoints (name, version, position)
SELECT CAST($1 AS text), CAST($2 AS integer), CAST($4 AS bigint)
WHERE $3 = 0 OR EXISTS (SELECT 1 FROM projection_checkpoints WHERE name = $1)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position
WHERE projection_checkpoints.version = $2 AND projection_checkpoints.position = $3
RETURNING position"""

PART: Final = 1_000
"""Rows of a copy that are written at once."""
PAGE: Final = 2_000
"""Rows fetched at once from a snapshot."""


def after_key(table: Table, collation: str) -> tuple[str, str]:
    """SQL for going through a table in the order of its keys.

    The condition for rows beyond a key, and the order.
    """
    names = [
        f"{name}{collation if kind == 'text' else ''}"
        for name, kind in list(table.columns.items())[: table.key_columns]
    ]
    parameters = ", ".join([f"${n}" for n in range(1, table.key_columns + 1)])
    return f"({', '.join(names)}) > ({parameters})", ", ".join(names)
