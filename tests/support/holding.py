"""Stops appends to PostgreSQL in the middle, with a trigger that only the test's database has."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.support.postgres import PostgresServer

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
