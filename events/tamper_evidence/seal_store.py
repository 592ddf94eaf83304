"""The table of seals, and the events as whoever seals and verifies them reads them: as bytes, whatever they hold."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from events.postgres.connection import Connection, PostgresDatabase
from events.sqlite.connection import SqliteDatabase
from events.tamper_evidence.seal import Row, Seal

_SEAL: Final = "number, first_position, last_position, root, previous, signed_at, key_id, signature"

_LAST: Final = f"SELECT {_SEAL} FROM seals ORDER BY number DESC LIMIT 1"
_AT: Final = f"SELECT {_SEAL}, leaves FROM seals WHERE first_position <= ?1 ORDER BY first_position DESC LIMIT 1"
_FROM: Final = f"SELECT {_SEAL}, leaves FROM seals WHERE number >= ?1 ORDER BY number LIMIT ?2"
_BARE_FROM: Final = f"SELECT {_SEAL} FROM seals WHERE number >= ?1 ORDER BY number LIMIT ?2"
_BEFORE: Final = f"SELECT {_SEAL} FROM seals WHERE number < ?1 ORDER BY number DESC LIMIT 1"

_ENDS: Final = "SELECT (SELECT position FROM log_head), (SELECT max(position) FROM events)"
_OUTSIDE: Final = "SELECT position FROM events WHERE position < 1 OR position > (SELECT position FROM log_head) ORDER BY position LIMIT ?1"
_STREAMS: Final = """
SELECT stream, count(*), min(version), max(version) FROM events GROUP BY stream
HAVING count(*) <> max(version) OR min(version) <> 1 ORDER BY stream LIMIT ?1"""

_PLACES: Final = "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
# In SQLite a row that is in the way makes the trigger refuse; the transaction is alone, so looking first is enough.
_ADD_SQLITE: Final = f"""
INSERT INTO seals ({_SEAL}, leaves) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
WHERE NOT EXISTS (SELECT 1 FROM seals WHERE number >= ?1 OR last_position >= ?2)"""
_ADD_POSTGRES: Final = f"INSERT INTO seals ({_SEAL}, leaves) VALUES {_PLACES} ON CONFLICT DO NOTHING RETURNING number"


def _events(as_bytes: str) -> str:
    texts = ", ".join(as_bytes.format(name) for name in ("stream", "type", "data", "metadata"))
    return (
        f"SELECT position, version, schema, recorded_at, {texts} FROM events "
        "WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3"
    )


_EVENTS_SQLITE: Final = _events("CAST({} AS BLOB)")
_EVENTS_POSTGRES: Final = _events("convert_to({}, 'UTF8')")


class SealStore:
    """Seals in the database of the log. Everything raises LogUnavailable."""

    def __init__(self, database: SqliteDatabase | PostgresDatabase) -> None:
        self._database = database

    @property
    def reads_apart(self) -> bool:
        """Whether events can be read while others are hashed: SQLite's reader would only wait for the interpreter's lock."""
        return isinstance(self._database, PostgresDatabase)

    async def _read(self, sql: str, *values: object) -> Sequence[Any]:
        if isinstance(self._database, SqliteDatabase):
            return await self._database.read(sql, values)
        return await self._database.read(sql.replace("?", "$"), *values)

    async def events(self, after: int, until: int, limit: int) -> Sequence[Row]:
        """Rows of events at positions `after` < position <= `until`, in order: see StoredEvent."""
        sql = _EVENTS_SQLITE if isinstance(self._database, SqliteDatabase) else _EVENTS_POSTGRES
        return await self._read(sql, after, until, limit)

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

    async def add(self, seal: Seal) -> bool:
        """Store a seal; False where another has its place."""
        row = (
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

        def insert(connection: sqlite3.Connection) -> bool:
            return connection.execute(_ADD_SQLITE, row).rowcount == 1

        async def insert_postgres(connection: Connection) -> bool:
            return await connection.fetchval(_ADD_POSTGRES.replace("?", "$"), *row) is not None

        if isinstance(self._database, SqliteDatabase):
            return await self._database.write(insert)
        return await self._database.write(insert_postgres)


def _first(rows: Sequence[Any]) -> Seal | None:
    return _seal(rows[0]) if rows else None


def _seal(row: Sequence[Any]) -> Seal:
    # Whoever made the table anew may have put anything into it; such a value is one that no signature fits.
    number, first, last, root, previous, signed_at, key, signature, *leaves = row
    hashes = [value if isinstance(value, bytes) else b"" for value in (root, previous, signature, *leaves)]
    return Seal(number, first, last, hashes[0], hashes[1], signed_at, str(key), *hashes[2:])
