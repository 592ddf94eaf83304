"""Rows of read models, read and written on a connection to PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from events.postgres.connection import Connection
from projections.engine.projection import Key, Projection, Row, Table
from projections.engine.store import Changes


def select(table: Table, suffix: str) -> str:
    """The query for the rows with given keys; its parameters are the keys `by_column`."""
    return f"SELECT {', '.join(table.columns)} FROM {table.name}{suffix} WHERE {_among(table)}"


async def load_rows(connection: Connection, table: Table, suffix: str, keys: Sequence[Key]) -> dict[Key, Row]:
    """The rows with these keys, as far as there are any."""
    if not keys:
        return {}
    rows = [tuple(row) for row in await connection.fetch(select(table, suffix), *by_column(keys))]
    return {table.key_of(row): row for row in rows}


async def fill_rows(connection: Connection, projection: Projection, suffix: str, changes: Changes) -> None:
    """Write the first rows of tables that are empty.

    By COPY, which costs about half of an upsert, here and in the server.
    """
    for table in projection.tables:
        rows, _ = changes.of(table)
        if rows:
            await connection.copy_records_to_table(table.name + suffix, records=rows, columns=list(table.columns))


async def store_rows(connection: Connection, projection: Projection, suffix: str, changes: Changes) -> None:
    """Write what changed."""
    for table in projection.tables:
        rows, deleted = changes.of(table)
        if rows:
            await connection.execute(_upsert(table, suffix), *by_column(rows))
        if deleted:
            await connection.execute(f"DELETE FROM {table.name}{suffix} WHERE {_among(table)}", *by_column(deleted))


def _upsert(table: Table, suffix: str) -> str:
    names = list(table.columns)
    arrays = ", ".join([f"${n}::{kind}[]" for n, kind in enumerate(table.columns.values(), 1)])
    changed = ", ".join([f"{name} = excluded.{name}" for name in names[table.key_columns :]])
    return (
        f"INSERT INTO {table.name}{suffix} ({', '.join(names)}) SELECT * FROM unnest({arrays}) "
        f"ON CONFLICT ({', '.join(names[: table.key_columns])}) DO UPDATE SET {changed}"
    )


def by_column(rows: Sequence[Row]) -> list[list[Any]]:
    """Rows as one list for each column."""
    return [list(column) for column in zip(*rows, strict=True)]


def _among(table: Table) -> str:
    """SQL: the row's key is among those given, one array for each key column."""
    names, types = list(table.columns)[: table.key_columns], list(table.columns.values())
    arrays = ", ".join([f"${n}::{types[n - 1]}[]" for n in range(1, table.key_columns + 1)])
    return f"({', '.join(names)}) IN (SELECT * FROM unnest({arrays}))"
