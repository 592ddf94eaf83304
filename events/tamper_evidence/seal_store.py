"""The table of seals, and the events as whoever seals and verifies them reads them: as bytes, whatever they hold."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from events.tamper_evidence.seal import Row, Seal

SEAL_COLUMNS: Final = "number, first_position, last_position, root, previous, signed_at, key_id, signature"

_LAST: Final = f"SELECT {SEAL_COLUMNS} FROM seals ORDER BY number DESC LIMIT 1"
_AT: Final = f"SELECT {SEAL_COLUMNS}, leaves FROM seals WHERE first_position <= ?1 ORDER BY first_position DESC LIMIT 1"
_FROM: Final = f"SELECT {SEAL_COLUMNS}, leaves FROM seals WHERE number >= ?1 ORDER BY number LIMIT ?2"
_BARE_FROM: Final = f"SELECT {SEAL_COLUMNS} FROM seals WHERE number >= ?1 ORDER BY number LIMIT ?2"
_BEFORE: Final = f"SELECT {SEAL_COLUMNS} FROM seals WHERE number < ?1 ORDER BY number DESC LIMIT 1"

_ENDS: Final = "SELECT (SELECT position FROM log_head), (SELECT max(position) FROM events)"
_OUTSIDE: Final = "SELECT position FROM events WHERE position < 1 OR position > (SELECT position FROM log_head) ORDER BY position LIMIT ?1"
_STREAMS: Final = """
SELECT stream, count(*), min(version), max(version) FROM events GROUP BY stream
HAVING count(*) <> max(version) OR min(version) <> 1 ORDER BY stream LIMIT ?1"""


def select_events(as_bytes: str) -> str:
    """SQL for a page of events as rows of StoredEvent; `as_bytes` makes bytes of a column's text."""
    texts = ", ".join(as_bytes.format(name) for name in ("stream", "type", "data", "metadata"))
    return (
        f"SELECT position, version, schema, recorded_at, {texts} FROM events "
        "WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3"
    )


class SealStore(ABC):
    """Seals in the database of the log. Everything raises LogUnavailable."""

    reads_apart: ClassVar[bool]
    """Whether events can be read while others are hashed."""

    @abstractmethod
    async def _read(self, sql: str, *values: object) -> Sequence[Any]:
        """The rows of a statement with parameters ?1, ?2 and so on."""

    @abstractmethod
    async def events(self, after: int, until: int, limit: int) -> Sequence[Row]:
        """Rows of events at positions `after` < position <= `until`, in order: see StoredEvent."""

    @abstractmethod
    async def add(self, seal: Seal) -> bool:
        """Store a seal; False where another has its place."""

    async def ends(self) -> tuple[int, int]:
        """Where the log says that it ends, and the position of the last event that is there."""
        ((head, newest),) = await self._read(_ENDS)
        return head, newest or 0

    async def outside(self, limit: int) -> list[int]:
        """Positions of events where none can be: before the first, and beyond where the log says that it ends."""
        return [row[0] for row in await self._read(_OUTSIDE, limit)]

    async def uneven_streams(self, limit: int) -> list[tuple[str, int, int, int]]:
        """Streams whose versions are not 1, 2, 3 …: name, number of events, lowest and highest version. Reads the whole log."""
        return [tuple(row) for row in await self._read(_STREAMS, limit)]

    async def last(self) -> Seal | None:
        """The newest seal, without its leaves."""
        return _first(await self._read(_LAST))

    async def before(self, number: int) -> Seal | None:
        """The newest seal with a lower number, without its leaves."""
        return _first(await self._read(_BEFORE, number))

    async def at(self, position: int) -> Seal | None:
        """The seal that begins at or last before a position."""
        return _first(await self._read(_AT, position))

    async def seals(self, number: int, limit: int, *, leaves: bool = True) -> list[Seal]:
        """Seals from a number on, in order, at most `limit`."""
        return [_seal(row) for row in await self._read(_FROM if leaves else _BARE_FROM, number, limit)]


def row_of(seal: Seal) -> tuple[Any, ...]:
    """The values of SEAL_COLUMNS and `leaves`."""
    return (
        seal.number,
        seal.first,
        seal.last,
        seal.root,
        seal.previous,
        seal.signed_at,
        seal.key,
        seal.signature,
        seal.leaves,
    )


def _first(rows: Sequence[Any]) -> Seal | None:
    return _seal(rows[0]) if rows else None


def _seal(row: Sequence[Any]) -> Seal:
    # Whoever made the table anew may have put anything into it; such a value is one that no signature fits.
    number, first, last, root, previous, signed_at, key, signature, *leaves = row
    hashes = [value if isinstance(value, bytes) else b"" for value in (root, previous, signature, *leaves)]
    return Seal(number, first, last, hashes[0], hashes[1], signed_at, str(key), *hashes[2:])
