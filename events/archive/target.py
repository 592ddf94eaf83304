"""Bringing an archive into an empty database: all of it in one transaction, or nothing."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import asyncpg
import msgspec

from events.archive.archive_file import ArchiveReader, ArchiveRefused
from events.archive.archive_tables import EVENTS, TABLES, Carried
from events.archive.source import LONG_SECONDS, Progress
from events.postgres.connection import LOCK_APPENDS, Connection, PostgresDatabase
from events.sqlite.connection import SqliteDatabase

_T = TypeVar("_T")

_CACHE_KIB: Final = 65_536

_OCCUPIED: Final = " UNION ALL ".join(
    [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in [carried.table for carried in TABLES]]
    + ["SELECT 'log_head' WHERE EXISTS (SELECT 1 FROM log_head WHERE position > 0)"]
)

# Each stream's versions are 1, 2, 3 … and rise with positions.
_MISNUMBERED: Final = """
SELECT min(position) FROM (
    SELECT position, version, row_number() OVER stream_order AS place, lag(position, 1, 0) OVER stream_order AS earlier
    FROM events WINDOW stream_order AS (PARTITION BY stream ORDER BY version)
) AS numbered WHERE version <> place OR earlier > position"""


class TargetNotEmpty(Exception):
    """The database has a log already; nothing was brought in."""


class Stopped(Exception):
    """Whoever waited for this work has gone."""


async def import_log(database: SqliteDatabase | PostgresDatabase, archive: ArchiveReader, progress: Progress) -> None:
    """Bring a whole archive into an empty, migrated database, in one transaction; being cancelled leaves nothing.

    Positions, versions, ids, times and texts stay as they are, also of events that this version of the software does not know.
    Raises ArchiveRefused, TargetNotEmpty and LogUnavailable.
    """
    if archive.header.after:
        raise ArchiveRefused(
            f"line 1: begins after position {archive.header.after}; only a log from its start can be brought in"
        )
    if isinstance(database, SqliteDatabase):
        await stoppable(
            lambda stop: database.write(lambda connection: _load_sqlite(connection, archive, progress, stop))
        )
    else:
        await database.write(lambda connection: _load_postgres(connection, archive, progress))


async def stoppable(start: Callable[[threading.Event], Awaitable[_T]]) -> _T:
    """Await work that a thread does; when cancelled, set the event that it was given, and wait until the thread has let go."""
    stop = threading.Event()
    work = asyncio.ensure_future(start(stop))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise


def _load_sqlite(
    connection: sqlite3.Connection, archive: ArchiveReader, progress: Progress, stop: threading.Event
) -> None:
    _require_empty([row[0] for row in connection.execute(_OCCUPIED)])
    (cache,) = connection.execute("PRAGMA cache_size").fetchone()
    # Pages of one large transaction that find no room are written and read again, many times each.
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        _insert_sqlite(connection, archive, progress, stop)
    finally:
        connection.execute(f"PRAGMA cache_size = {cache}")


def _insert_sqlite(
    connection: sqlite3.Connection, archive: ArchiveReader, progress: Progress, stop: threading.Event
) -> None:
    until = archive.header.until
    for carried, batch in archive.batches():
        places = ", ".join("?" * len(carried.columns))
        sql = f"INSERT INTO {carried.table} ({', '.join(carried.columns)}) VALUES ({places})"
        try:
            connection.executemany(sql, [msgspec.structs.astuple(row) for row in batch])
        except sqlite3.IntegrityError as error:
            if carried is EVENTS:
                # Rows before the one that was refused are in; each must follow on what its stream has.
                _require_numbered(connection.execute("SELECT position + 1 FROM log_head").fetchone()[0])
            raise _refused(carried, batch, error) from error
        if carried is EVENTS:
            progress(batch[-1].position, until)
        if stop.is_set():
            raise Stopped


async def _load_postgres(connection: Connection, archive: ArchiveReader, progress: Progress) -> None:
    await connection.execute("SET LOCAL statement_timeout = 0")
    await connection.execute(LOCK_APPENDS)
    _require_empty([row[0] for row in await connection.fetch(_OCCUPIED)])
    until, recorded_at = archive.header.until, 0
    for carried, batch in archive.batches():
        rows = [msgspec.structs.astuple(row) for row in batch]
        try:
            await connection.copy_records_to_table(carried.table, records=rows, columns=carried.columns)
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
            raise _refused(carried, batch, error) from error
        if carried is EVENTS:
            recorded_at = batch[-1].recorded_at
            progress(batch[-1].position, until)
    _require_numbered(await connection.fetchval(_MISNUMBERED, timeout=LONG_SECONDS))
    await connection.execute("UPDATE log_head SET position = $1, recorded_at = $2", until, recorded_at)
    # Or the first reads would be planned as if the log were nearly empty, until the server looks by itself.
    await connection.execute("ANALYZE events")


def _require_empty(occupied: list[str]) -> None:
    if occupied:
        raise TargetNotEmpty(f"the database is not empty: there are rows in {', '.join(occupied)}")


def _require_numbered(position: int | None) -> None:
    if position is not None:
        raise ArchiveRefused(f"line {position + 1}: the versions of its stream do not rise 1, 2, 3 … with positions")


def _refused(carried: Carried, batch: list[Any], error: Exception) -> ArchiveRefused:
    first = getattr(batch[0], carried.order)
    if carried is EVENTS:
        return ArchiveRefused(f"lines {first + 1} to {first + len(batch)}: an event's stream has this version already")
    return ArchiveRefused(f"{carried.table}: a row from {first!r} on was refused: {error}")
