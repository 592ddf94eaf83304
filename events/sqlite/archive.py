"""Archives out of a SQLite file and into one."""

import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec

from events.archive.archive_file import ArchiveReader
from events.archive.archive_tables import EVENTS, Carried
from events.archive.source import HEAD, Progress, Source
from events.archive.target import OCCUPIED, Stopped, refused, require_empty, require_numbered, require_whole, stoppable
from events.sqlite.connection import SqliteDatabase

_CACHE_KIB: Final = 65_536


@asynccontextmanager
async def open_source(database: SqliteDatabase) -> AsyncIterator[Source]:
    """The database as it is when first asked something, for as long as the context is open."""
    async with database.snapshot() as fetch:
        yield SqliteSource(fetch)


async def load(database: SqliteDatabase, archive: ArchiveReader, progress: Progress) -> None:
    """Bring a whole archive into an empty, migrated database, in one transaction.

    Positions, versions, ids, times and texts stay as they are, also of events that this version of the software does
    not know. Being cancelled leaves nothing. Raises ArchiveRefused, TargetNotEmpty and LogUnavailable.
    """
    require_whole(archive)
    await stoppable(lambda stop: database.write(lambda connection: _load(connection, archive, progress, stop)))


class SqliteSource(Source):
    """See Source."""

    def __init__(self, fetch: Callable[[str, Iterable[Any]], Awaitable[list[Any]]]) -> None:
        self._fetch = fetch

    async def head(self) -> int:
        """See Source.head."""
        return int((await self._fetch(HEAD, ()))[0][0])

    async def count(self, carried: Carried, condition: str) -> int:
        """See Source.count."""
        return int((await self._fetch(f"SELECT count(*) FROM {carried.table} WHERE {condition}", ()))[0][0])

    async def rows(self, carried: Carried, condition: str) -> AsyncIterator[list[Any]]:
        """See Source.rows."""
        sql = f"SELECT {', '.join(carried.columns)} FROM {carried.table} WHERE {condition}"
        order = f"ORDER BY {carried.order} LIMIT {carried.page}"
        place = carried.columns.index(carried.order)
        page = await self._fetch(f"{sql} {order}", ())
        while page:
            yield page
            page = await self._fetch(f"{sql} AND {carried.order} > ? {order}", (page[-1][place],))


def _load(connection: sqlite3.Connection, archive: ArchiveReader, progress: Progress, stop: threading.Event) -> None:
    require_empty([row[0] for row in connection.execute(OCCUPIED)])
    (cache,) = connection.execute("PRAGMA cache_size").fetchone()
    # Pages of one large transaction that find no room are written and read again, many times each.
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        _insert(connection, archive, progress, stop)
    finally:
        connection.execute(f"PRAGMA cache_size = {cache}")


def _insert(connection: sqlite3.Connection, archive: ArchiveReader, progress: Progress, stop: threading.Event) -> None:
    until = archive.header.until
    for carried, batch in archive.batches():
        places = ", ".join("?" * len(carried.columns))
        sql = f"INSERT INTO {carried.table} ({', '.join(carried.columns)}) VALUES ({places})"
        try:
            connection.executemany(sql, [msgspec.structs.astuple(row) for row in batch])
        except sqlite3.IntegrityError as error:
            if carried is EVENTS:
                # Rows before the one that was refused are in; each must follow on what its stream has.
                require_numbered(connection.execute("SELECT position + 1 FROM log_head").fetchone()[0])
            raise refused(carried, batch, error) from error
        if carried is EVENTS:
            progress(batch[-1].position, until)
        if stop.is_set():
            raise Stopped
