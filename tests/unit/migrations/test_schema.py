"""The schema that is written down is the one that the migrations make; `make schema` writes it anew."""

from pathlib import Path

from migrations.schema import describe_postgres, describe_sqlite, recorded


def test_the_schema_of_sqlite_is_written_down(sqlite_path: Path) -> None:
    assert describe_sqlite(str(sqlite_path)) == recorded("sqlite")


async def test_the_schema_of_postgres_is_written_down(postgres_url: str) -> None:
    assert await describe_postgres(postgres_url) == recorded("postgres")
