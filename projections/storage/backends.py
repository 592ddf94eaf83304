"""Which backend serves a database."""

from events.postgres.connection import PostgresDatabase
from events.sqlite.connection import SqliteDatabase
from projections.engine.store import ReadModels
from projections.storage.postgres_store import PostgresReadModels
from projections.storage.sqlite_store import SqliteReadModels


def models_of(database: SqliteDatabase | PostgresDatabase) -> ReadModels:
    """The read models in this database."""
    return SqliteReadModels(database) if isinstance(database, SqliteDatabase) else PostgresReadModels(database)
