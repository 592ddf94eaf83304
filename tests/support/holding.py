"""Stops appends in the middle, with a trigger that only the test's database has."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

import asyncpg

from tests.support.databases import SQLITE_PREFIX
from tests.support.postgres import PostgresServer, database_name

_TRIGGER = """
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NULL; END; $$;
CREATE TRIGGER hold AFTER {point} FOR EACH STATEMENT EXECUTE FUNCTION hold();
"""


def hold_at(server: PostgresServer, database: str, point: str) -> None:
    """From now on appends stop after `point`, such as `INSERT ON events`, whenever somebody is `holding`."""
    server.sql(_TRIGGER.format(point=point), database)


@asynccontextmanager
async def holding(url: str) -> AsyncIterator[None]:
    """While this lasts, whoever comes to the point waits there."""
    holder = await asyncpg.connect(url)
    try:
        await holder.execute("SELECT pg_advisory_lock(42)")
        yield
    finally:
        await holder.close()


def held(server: PostgresServer, database: str) -> list[int]:
    """The server's processes that wait for a lock: those at the point, and those behind them."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return [int(pid) for pid in server.sql(waiting, database).split()]


_STAY_SQLITE = """
CREATE VIEW forever AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
CREATE TRIGGER stay BEFORE INSERT ON events WHEN NEW.position > 1500
BEGIN SELECT count(*) FROM forever; END;
"""
_STAY_POSTGRES = """
CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF (SELECT max(position) FROM events) > 1500 THEN PERFORM pg_sleep(3600); END IF; RETURN NULL; END; $$;
CREATE TRIGGER stay AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION stay();
"""
_LET_GO_POSTGRES = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep';
DROP TRIGGER stay ON events;
DROP FUNCTION stay;
"""


@contextmanager
def none_beyond_1500(url: str, server: PostgresServer) -> Iterator[None]:
    """While this lasts, whoever appends beyond position 1500 stays in the middle of that. Kill it before the end."""
    path = url.removeprefix(SQLITE_PREFIX)
    if path != url:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.executescript(_STAY_SQLITE)
            yield
            connection.executescript("DROP TRIGGER stay; DROP VIEW forever;")
    else:
        server.sql(_STAY_POSTGRES, database_name(url))
        yield
        # The killed client's backend first: it holds what dropping the trigger waits for.
        server.sql(_LET_GO_POSTGRES, database_name(url))
