"""Rows of read models, read and written on a connection to a SQLite file."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from projections.engine.projection import Key, Projection, Row, Table
from projections.engine.store import Changes

_KEYS_AT_ONCE = 500


def selects(table: Table, suffix: str, keys: Sequence[Key]) -> Iterator[tuple[str, list[Any]]]:
    """Queries, with their parameters, for the rows with these keys."""
    columns = list(table.columns)
    names = ", ".join(columns[: table.key_columns])
    one = f"({', '.join('?' * table.key_columns)})"
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[start : start + _KEYS_AT_ONCE]
        sql = (
            f"SELECT {', '.join(columns)} FROM {table.name}{suffix} "
            f"WHERE ({names}) IN (VALUES {', '.join([one] * len(some))})"
        )
        yield sql, list(chain.from_iterable(some))


def load_rows(connection: sqlite3.Connection, table: Table, suffix: str, keys: Sequence[Key]) -> dict[Key, Row]:
    """The rows with these keys, as far as there are any."""
    return {
        table.key_of(row): row
        for sql, parameters in selects(table, suffix, keys)
        for row in connection.execute(sql, parameters)
    }


def store_rows(connection: sqlite3.Connection, projection: Projection, suffix: str, changes: Changes) -> None:
    """Write what changed."""
    for table in projection.tables:
        rows, deleted = changes.of(table)
        columns = list(table.columns)
        name = table.name + suffix
        if rows:
            places = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT OR REPLACE INTO {name} ({', '.join(columns)}) VALUES ({places})", rows)
        if deleted:
            where = " AND ".join([f"{column} = ?" for column in columns[: table.key_columns]])
            connection.executemany(f"DELETE FROM {name} WHERE {where}", deleted)


def numbered(sql: str) -> str:
    """SQLite's spelling of numbered parameters."""
    return sql.replace("$", "?")
