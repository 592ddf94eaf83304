"""Which backend serves a database."""

from events.database.postgres import PostgresDatabase
from events.database.sqlite import SqliteDatabase
from projections.postgres_store import PostgresReadModels
from projections.sqlite_store import SqliteReadModels
from projections.store import ReadModels


def models_of(database: SqliteDatabase | PostgresDatabase) -> ReadModels:
    """The read models in this database."""
    return SqliteReadModels(database) if isinstance(database, SqliteDatabase) else PostgresReadModels(database)
