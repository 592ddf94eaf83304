"""Opening what a database URL names, as the service does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from events.log import EventLog
from events.postgres.connection import PostgresDatabase
from events.postgres.log import PostgresLog
from events.sqlite.connection import SqliteDatabase
from events.sqlite.log import SqliteLog
from events.vocabulary import REGISTRY

SQLITE_PREFIX = "sqlite:///"


@asynccontextmanager
async def open_sqlite(path: str | Path) -> AsyncIterator[SqliteDatabase]:
    """A migrated file. Left open, its threads would keep the tests from ending."""
    database = await SqliteDatabase.open(str(path))
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_log(url: str) -> AsyncIterator[EventLog]:
    """The log in a migrated database, `sqlite:///<path>` or `postgresql://…`."""
    database: SqliteDatabase | PostgresDatabase
    log: EventLog
    if url.startswith(SQLITE_PREFIX):
        database = await SqliteDatabase.open(url.removeprefix(SQLITE_PREFIX))
        log = SqliteLog(database, REGISTRY)
    else:
        database = await PostgresDatabase.open(url)
        log = PostgresLog(database, REGISTRY)
    try:
        yield log
    finally:
        await log.close()
        await database.close()
