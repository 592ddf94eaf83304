"""Opens what the setting `database_url` names: the log and the database under it."""

import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from events.log import EventLog, LogUnavailable
from events.postgres.connection import UNAVAILABLE
from events.vocabulary import REGISTRY
from migrations.runner import migrate_postgres, migrate_sqlite
from projections.engine.projection import Projection
from projections.storage.postgres_backend import PostgresBackend
from projections.storage.sqlite_backend import SqliteBackend

SQLITE_PREFIX = "sqlite:///"


class Storage(NamedTuple):
    """An open log and its database."""

    log: EventLog
    database: SqliteBackend | PostgresBackend


async def migrate(database_url: str, *, check: bool = False) -> list[str]:
    """Bring the schema up to date, or with `check` only say what is pending; names of migrations.

    Raises MigrationRefused and LogUnavailable.
    """
    try:
        if not database_url.startswith(SQLITE_PREFIX):
            return await migrate_postgres(database_url, check=check)
        path = Path(database_url.removeprefix(SQLITE_PREFIX))
        path.parent.mkdir(parents=True, exist_ok=True)
        return migrate_sqlite(str(path), check=check)
    except (*UNAVAILABLE, sqlite3.Error) as error:
        raise LogUnavailable(f"cannot migrate the database: {error}") from error


@asynccontextmanager
async def open_storage(database_url: str, projections: Iterable[type[Projection]] = ()) -> AsyncIterator[Storage]:
    """Open the log of a database that has been migrated, and close it in the end.

    Raises LogUnavailable.

    Those of the projections that are inline take part in what is appended here.
    """
    backend: type[SqliteBackend | PostgresBackend] = PostgresBackend
    if database_url.startswith(SQLITE_PREFIX):
        backend, database_url = SqliteBackend, database_url.removeprefix(SQLITE_PREFIX)
    database = await backend.open(database_url)
    log = database.log(REGISTRY, [kind() for kind in projections if kind.inline])
    try:
        yield Storage(log, database)
    finally:
        await log.close()
        await database.close()
