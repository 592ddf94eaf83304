"""Reading the carried tables of a database as they are at one moment, and writing them to an archive."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from events.archive.archive_file import FORMAT, ArchiveWriter, Header, Writable
from events.archive.archive_tables import EVENTS, TABLES, Carried
from events.postgres.connection import Connection, PostgresDatabase
from events.sqlite.connection import SqliteDatabase

Progress = Callable[[int, int], None]
"""Hears of the position reached and the last one."""

LONG_SECONDS: Final = 86_400.0
"""For statements that go through a whole table, however large."""

_HEAD: Final = "SELECT position FROM log_head"


class Source(ABC):
    """The carried tables at one moment. Everything raises LogUnavailable."""

    @abstractmethod
    async def head(self) -> int:
        """The position of the last event."""

    @abstractmethod
    async def count(self, carried: Carried, condition: str) -> int:
        """How many rows fit a condition in SQL."""

    @abstractmethod
    def rows(self, carried: Carried, condition: str) -> AsyncIterator[list[Any]]:
        """Those rows in pages, ordered, texts by their code points."""


async def export_log(
    source: Source,
    file: Writable,
    progress: Progress,
    *,
    software: str,
    keys: bool,
    after: int = 0,
    until: int | None = None,
) -> Header:
    """Write the events beyond `after` up to `until` (at most the head), and what belongs to them. Raises LogUnavailable.

    `keys` says whether the keys of subjects go with them; `software` is the version to name in the header.
    """
    head = await source.head()
    until = head if until is None else min(until, head)
    after = min(after, until)
    conditions = [(carried, carried.condition(after, until)) for carried in TABLES if keys or not carried.secret]
    counts = {carried.table: await source.count(carried, condition) for carried, condition in conditions}
    header = Header(FORMAT, software, head, after, until, keys, counts)
    writer = ArchiveWriter(file, header)
    for carried, condition in conditions:
        async for page in source.rows(carried, condition):
            writer.write(carried, page)
            if carried is EVENTS:
                progress(page[-1][0], until)
    writer.finish()
    return header


@asynccontextmanager
async def open_source(database: SqliteDatabase | PostgresDatabase) -> AsyncIterator[Source]:
    """The database as it is when first asked something, for as long as the context is open."""
    if isinstance(database, SqliteDatabase):
        async with database.snapshot() as fetch:
            yield SqliteSource(fetch)
    else:
        async with database.snapshot() as connection:
            # One statement may go through a whole table.
            await connection.execute("SET LOCAL statement_timeout = 0")
            yield PostgresSource(connection)


class SqliteSource(Source):
    """See Source."""

    def __init__(self, fetch: Callable[[str, Iterable[Any]], Awaitable[list[Any]]]) -> None:
        self._fetch = fetch

    async def head(self) -> int:
        """See Source.head."""
        return int((await self._fetch(_HEAD, ()))[0][0])

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


class PostgresSource(Source):
    """See Source."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def head(self) -> int:
        """See Source.head."""
        return int(await self._connection.fetchval(_HEAD))

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
