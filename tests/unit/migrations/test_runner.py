"""The schema comes to where the software expects it, or is refused by name."""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from migrations import runner
from migrations.runner import Migration, MigrationFailed, MigrationRefused, available, migrate_postgres, migrate_sqlite
from tests.support.databases import SQLITE_PREFIX
from tests.support.programs import running
from tests.support.waiting import eventually

Migrate = Callable[..., Awaitable[list[str]]]
Query = Callable[[str], Awaitable[list[tuple[object, ...]]]]

FIRST = Migration(1, "first", "CREATE TABLE one (a integer);\nINSERT INTO one VALUES (1);", "checksum 1")
SECOND = Migration(2, "second", "CREATE TABLE two (b integer);", "checksum 2")
BROKEN = Migration(3, "broken", "CREATE TABLE three (c integer);\nINSERT INTO nowhere VALUES (1);", "checksum 3")
THIRD = Migration(3, "third", "CREATE TABLE three (c integer);", "checksum 3 mended")


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with nothing in it; a SQLite file that is not there."""
    if kind == "sqlite":
        return f"{SQLITE_PREFIX}{tmp_path / 'new.sqlite'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def migrate(kind: str, url: str) -> Migrate:
    async def migrate(*, check: bool = False) -> list[str]:
        if kind == "sqlite":
            return migrate_sqlite(url.removeprefix(SQLITE_PREFIX), check=check)
        return await migrate_postgres(url, check=check)

    return migrate


@pytest.fixture
def query(kind: str, url: str) -> Query:
    async def query(statement: str) -> list[tuple[object, ...]]:
        if kind == "sqlite":
            connection = sqlite3.connect(url.removeprefix(SQLITE_PREFIX), isolation_level=None)
            try:
                return connection.execute(statement).fetchall()
            finally:
                connection.close()
        server = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await server.fetch(statement)]
        finally:
            await server.close()

    return query


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes these the files that the software comes with."""

    def ship(*files: Migration) -> None:
        monkeypatch.setattr(runner, "available", lambda _: list(files))

    return ship


async def tables(query: Query, kind: str) -> set[object]:
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if kind == "sqlite"
        else "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
    )
    return {name for (name,) in await query(names)}


async def test_all_files_are_applied_in_order_and_only_once(kind: str, migrate: Migrate, query: Query) -> None:
    names = [f"{file.number:04}_{file.name}" for file in available(kind)]
    assert names[0] == "0001_log"
    assert await migrate(check=True) == names
    assert await migrate() == names
    assert await migrate(check=True) == []
    assert await migrate() == []
    applied = await query("SELECT number, name, checksum FROM schema_migrations ORDER BY number")
    assert [tuple(row) for row in applied] == [(file.number, file.name, file.checksum) for file in available(kind)]


def test_both_databases_have_the_same_migrations() -> None:
    assert [file[:2] for file in available("sqlite")] == [file[:2] for file in available("postgres")]


async def test_a_check_changes_nothing(kind: str, migrate: Migrate, query: Query, url: str) -> None:
    await migrate(check=True)
    if kind == "sqlite":
        assert not await asyncio.to_thread(Path(url.removeprefix(SQLITE_PREFIX)).exists)
    assert await tables(query, kind) == set()


async def test_only_what_is_new_is_applied(
    kind: str, migrate: Migrate, query: Query, ship: Callable[..., None]
) -> None:
    ship(FIRST)
    assert await migrate() == ["0001_first"]
    ship(FIRST, SECOND)
    assert await migrate(check=True) == ["0002_second"]
    assert await migrate() == ["0002_second"]
    assert await tables(query, kind) == {"schema_migrations", "one", "two"}
    assert await query("SELECT a FROM one") == [(1,)]


@pytest.mark.parametrize("check", [True, False])
async def test_files_that_changed_after_they_were_applied_are_refused_by_name(
    migrate: Migrate, query: Query, ship: Callable[..., None], *, check: bool
) -> None:
    ship(FIRST, SECOND)
    await migrate()
    ship(FIRST._replace(checksum="x"), SECOND._replace(checksum="y"), THIRD)
    with pytest.raises(MigrationRefused, match=r"0001_first\.sql was changed.*0002_second\.sql was changed"):
        await migrate(check=check)
    assert await query("SELECT count(*) FROM schema_migrations") == [(2,)]


@pytest.mark.parametrize("check", [True, False])
async def test_a_schema_of_newer_software_is_refused_by_name(
    migrate: Migrate, ship: Callable[..., None], *, check: bool
) -> None:
    ship(FIRST, SECOND)
    await migrate()
    ship(FIRST)
    with pytest.raises(MigrationRefused, match="0002_second was applied by a newer version"):
        await migrate(check=check)


async def test_a_file_that_fails_leaves_nothing_of_itself_and_the_next_run_goes_on_from_there(
    kind: str, migrate: Migrate, query: Query, ship: Callable[..., None]
) -> None:
    ship(FIRST, SECOND, BROKEN)
    with pytest.raises(MigrationFailed, match=r"0003_broken\.sql: .*nowhere"):
        await migrate()
    assert await tables(query, kind) == {"schema_migrations", "one", "two"}
    ship(FIRST, SECOND, THIRD)
    assert await migrate() == ["0003_third"]
    assert await tables(query, kind) == {"schema_migrations", "one", "two", "three"}


@pytest.mark.parametrize("numbers", [(2,), (1, 3), (1, 1, 2), (1, 2, 2)])
def test_files_that_are_not_numbered_without_gap_are_refused(
    numbers: Sequence[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sqlite"
    folder.mkdir()
    for place, number in enumerate(numbers):
        (folder / f"{number:04}_file{place}.sql").write_text("SELECT 1;")
    (folder / "README.md").write_text("not a migration")
    monkeypatch.setattr(runner.resources, "files", lambda _: tmp_path)
    with pytest.raises(MigrationRefused, match="migrations/sqlite are not numbered without gaps"):
        available("sqlite")


async def test_processes_that_start_together_migrate_once(url: str) -> None:
    program = "tests.support.migrate_program"
    with running(program, url) as first, running(program, url) as second, running(program, url) as third:
        programs = (first, second, third)
        await eventually(lambda: all(program.lines for program in programs), 30)
        for started in programs:
            started.send("go")
        await eventually(lambda: all(program.ended for program in programs), 30)
        assert [(program.wait(), program.errors) for program in programs] == [(0, "")] * 3
    applied = sorted(line for program in programs for line in program.lines if line != "ready")
    kind = "sqlite" if url.startswith(SQLITE_PREFIX) else "postgres"
    assert applied == [f"{file.number:04}_{file.name}" for file in available(kind)]


def test_a_new_file_and_its_journals_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        migrate_sqlite(str(tmp_path / "new.sqlite"))
        with closing(sqlite3.connect(tmp_path / "new.sqlite")) as connection:
            connection.execute("DELETE FROM subject_keys")
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("new.sqlite", "new.sqlite-wal", "new.sqlite-shm"), 0o600)


async def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database " * 1000)
    for check in (True, False):
        with pytest.raises(MigrationRefused, match=r"notes\.txt: file is not a database"):
            migrate_sqlite(str(path), check=check)


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("", []),
        ("  \n", []),
        ("CREATE TABLE a (x);", 1),
        ("CREATE TABLE a (x);\nCREATE TABLE b (y);\n", 2),
        ("-- a; b\nCREATE TABLE a (x); -- c; d\n", 1),
        ("/* a; b */ CREATE TABLE a (x DEFAULT 'p;q');", 1),
        ("CREATE TABLE a (x);\nCREATE TRIGGER t INSERT ON a BEGIN SELECT 1; DELETE FROM a; END;\nSELECT 1;", 3),
        ("CREATE TABLE a (x); CREATE TABLE b (y)", 2),
    ],
)
def test_statements_end_at_their_own_semicolons(sql: str, statements: int) -> None:
    found = [text for text in runner._statements(sql) if text.strip() and not text.strip().startswith("-- c")]
    assert len(found) == (statements or 0)
    connection = sqlite3.connect(":memory:")
    for statement in runner._statements(sql):
        connection.execute(statement)
    connection.close()


def test_a_last_statement_without_a_semicolon_is_not_forgotten(tmp_path: Path, ship: Callable[..., None]) -> None:
    ship(FIRST._replace(sql="CREATE TABLE one (a integer);\nCREATE TABLE two (b integer)"))
    path = tmp_path / "new.sqlite"
    migrate_sqlite(str(path))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM two").fetchall() == [(0,)]
    connection.close()
