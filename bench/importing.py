"""The import service beside the database driver's own insert of the very rows of events that the import made."""

import asyncio
import sqlite3
import time
from typing import Any

import asyncpg

from bench.databases import Databases
from bench.questions import import_lines, lines
from bench.report import Comparison, Result, interleave
from trivia.platform.storage import SQLITE_PREFIX, open_storage

ROUNDS = 3
ROWS = 43_003
BATCH = 1_000
"""Rows in one transaction: as many as the import has in one of its own."""

INSERT_SQLITE = "INSERT INTO events (position, stream, version, type, schema, data, metadata, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_POSTGRES = """
INSERT INTO events (position, stream, version, type, schema, data, metadata, recorded_at)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::int[], $6::text[], $7::text[], $8::bigint[])"""

Row = tuple[Any, ...]


def run(databases: Databases) -> list[Result]:
    """Measure on both databases."""
    return [_on(databases, kind) for kind in ("sqlite", "postgres")]


def _on(databases: Databases, kind: str) -> Result:
    text = lines(ROWS)
    _, rows = asyncio.run(_import(databases, kind, text))
    values = interleave(
        ROUNDS,
        lambda: asyncio.run(_import(databases, kind, text))[0],
        lambda: _insert_sqlite(databases, rows) if kind == "sqlite" else asyncio.run(_insert_postgres(databases, rows)),
    )
    name = "executemany" if kind == "sqlite" else "insert from unnest"
    return Comparison(
        f"{kind}: {len(rows):,} questions", "s", values[0], values[1], f"the driver's {name}", 3.0, lower_is_better=True
    )


async def _import(databases: Databases, kind: str, text: bytes) -> tuple[float, list[Row]]:
    """Seconds the import took, and the rows that are in the log then."""
    url = await asyncio.to_thread(databases.log_url, kind)
    async with open_storage(url) as storage:
        began = time.perf_counter()
        imported = await import_lines(storage, text, databases.directory)
        took = time.perf_counter() - began
        rows: list[Row] = []
        while page := await storage.log.read(len(rows), limit=10_000):
            rows += [
                (
                    event.position,
                    event.stream,
                    event.version,
                    event.type,
                    event.schema,
                    event.data,
                    event.metadata,
                    event.recorded_at,
                )
                for event in page
            ]
    if not ROWS * 0.9 < imported <= len(rows):
        raise RuntimeError(f"{imported} questions entered the bank, {len(rows)} events the log")
    return took, rows


def _insert_sqlite(databases: Databases, rows: list[Row]) -> float:
    connection = sqlite3.connect(databases.log_url("sqlite").removeprefix(SQLITE_PREFIX), isolation_level=None)
    try:
        # As durable as the service is.
        connection.execute("PRAGMA synchronous = FULL")
        began = time.perf_counter()
        for start in range(0, len(rows), BATCH):
            connection.execute("BEGIN")
            connection.executemany(INSERT_SQLITE, rows[start : start + BATCH])
            connection.execute("COMMIT")
        return time.perf_counter() - began
    finally:
        connection.close()


async def _insert_postgres(databases: Databases, rows: list[Row]) -> float:
    url = await asyncio.to_thread(databases.log_url, "postgres")
    connection = await asyncpg.connect(url)
    try:
        statement = await connection.prepare(INSERT_POSTGRES)
        began = time.perf_counter()
        for start in range(0, len(rows), BATCH):
            await statement.fetch(*[list(column) for column in zip(*rows[start : start + BATCH], strict=True)])
        return time.perf_counter() - began
    finally:
        await connection.close()
