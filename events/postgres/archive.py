"""Archives out of PostgreSQL and into it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import msgspec

from events.archive.archive_file import ArchiveReader
from events.archive.archive_tables import EVENTS, Carried
from events.archive.source import HEAD, LONG_SECONDS, Progress, Source
from events.archive.target import OCCUPIED, refused, require_empty, require_numbered, require_whole
from events.postgres.connection import LOCK_APPENDS, Connection, PostgresDatabase

# Each stream's versions are 1, 2, 3 … and rise with positions.
_MISNUMBERED: Final = """
SELECT min(position) FROM (
    SELECT position, version, row_number() OVER stream_order AS place, lag(position, 1, 0) OVER stream_order AS earlier
    FROM events WINDOW stream_order AS (PARTITION BY stream ORDER BY version)
) AS numbered WHERE version <> place OR earlier > position"""


@asynccontextmanager
async def open_source(database: PostgresDatabase) -> AsyncIterator[Source]:
    """The database as it is when first asked something, for as long as the context is open."""
    async with database.snapshot() as connection:
        # One statement may go through a whole table.
        await connection.execute("SET LOCAL statement_timeout = 0")
        yield PostgresSource(connection)


async def load(database: PostgresDatabase, archive: ArchiveReader, progress: Progress) -> None:
    """Bring a whole archive into an empty, migrated database, in one transaction.

    Positions, versions, ids, times and texts stay as they are, also of events that this version of the software does
    not know. Being cancelled leaves nothing. Raises ArchiveRefused, TargetNotEmpty and LogUnavailable.
    """
    require_whole(archive)
    await database.write(lambda connection: _load(connection, archive, progress))


class PostgresSource(Source):
    """See Source."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def head(self) -> int:
        """See Source.head."""
        return int(await self._connection.fetchval(HEAD))

    async def count(self, carried: Carried, condition: str) -> int:
        """See Source.count."""
        sql = f"SELECT count(*) FROM {carried.table} WHERE {condition}"
        return int(await self._connection.fetchval(sql, timeout=LONG_SECONDS))

    async def rows(self, carried: Carried, condition: str) -> AsyncIterator[list[Any]]:
        """See Source.rows."""
        collation = ' COLLATE "C"' if carried.row.__annotations__[carried.order] is str else ""
        sql = (
            f"SELECT {', '.join(carried.columns)} FROM {carried.table} WHERE {condition} "
            f"ORDER BY {carried.order}{collation}"
        )
        cursor = await self._connection.cursor(sql, timeout=LONG_SECONDS)
        while page := await cursor.fetch(carried.page, timeout=LONG_SECONDS):
            yield page


async def _load(connection: Connection, archive: ArchiveReader, progress: Progress) -> None:
    await connection.execute("SET LOCAL statement_timeout = 0")
    await connection.execute(LOCK_APPENDS)
    require_empty([row[0] for row in await connection.fetch(OCCUPIED)])
    until, recorded_at = archive.header.until, 0
    for carried, batch in archive.batches():
        rows = [msgspec.structs.astuple(row) for row in batch]
        try:
            await connection.copy_records_to_table(carried.table, records=rows, columns=carried.columns)
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
            raise refused(carried, batch, error) from error
        if carried is EVENTS:
            recorded_at = batch[-1].recorded_at
            progress(batch[-1].position, until)
    require_numbered(await connection.fetchval(_MISNUMBERED, timeout=LONG_SECONDS))
    await connection.execute("UPDATE log_head SET position = $1, recorded_at = $2", until, recorded_at)
    # Or the first reads would be planned as if the log were nearly empty, until the server looks by itself.
    await connection.execute("ANALYZE events")
