"""Writes migrations/*/schema.sql: `make schema`."""

import asyncio
import tempfile
from contextlib import closing
from pathlib import Path

from migrations.runner import migrate_postgres, migrate_sqlite
from migrations.schema import describe_postgres, describe_sqlite
from tests.support.forking import ROOT
from tests.support.postgres import PostgresServer


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = str(Path(directory) / "schema.sqlite")
        migrate_sqlite(path)
        write("sqlite", describe_sqlite(path))
    with closing(PostgresServer()) as server:
        url = server.create_database()
        asyncio.run(migrate_postgres(url))
        write("postgres", asyncio.run(describe_postgres(url)))


def write(database: str, schema: str) -> None:
    Path(ROOT, "migrations", database, "schema.sql").write_text(schema, encoding="utf-8")


if __name__ == "__main__":
    main()
