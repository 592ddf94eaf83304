"""The statements of the hot path find what they want by index, however long the log is."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator

import asyncpg
import pytest

from events.log import ANY, Guard, StreamMoved, StreamWrite
from events.postgres import log as postgres_log
from events.postgres.connection import READER_SETTINGS
from events.sqlite import log as sqlite_log
from migrations.runner import available, migrate_sqlite
from tests.support.databases import open_log
from tests.support.postgres import PostgresServer, database_name
from tests.support.sample_events import command, numbered, write
from tests.support.waiting import eventually

EVENTS = 20_000

FILL = f"""
INSERT INTO events SELECT n, 'stream-' || (n % 2000), (n - 1) / 2000 + 1, 'Type' || (n % 20), 1, 'data', 'metadata', n
FROM {{series}};
INSERT INTO commands SELECT 'command-' || n, {{fingerprint}}, n, n FROM {{series}};
UPDATE log_head SET position = {EVENTS}, recorded_at = {EVENTS};
"""


@pytest.fixture(scope="module")
def long_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = str(tmp_path_factory.mktemp("plans") / "long.sqlite")
    migrate_sqlite(path)
    connection = sqlite3.connect(path)
    series = f"(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {EVENTS}) SELECT n FROM s)"
    connection.executescript(FILL.format(series=series, fingerprint="zeroblob(16)"))
    connection.execute("ANALYZE")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def long_postgres(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    url = fill_postgres(postgres_server, postgres_template)
    postgres_server.sql("ANALYZE", database_name(url))
    yield url
    postgres_server.drop_database(url)


POSTGRES_FILL = FILL.format(
    series=f"generate_series(1, {EVENTS}) AS s (n)", fingerprint="decode(repeat('00', 16), 'hex')"
)


def fill_postgres(server: PostgresServer, template: str) -> str:
    url = server.create_database(template)
    server.sql(POSTGRES_FILL, database_name(url))
    return url


SQLITE_STATEMENTS = {
    "read": (sqlite_log._READ, (100, 2**63 - 1, 1000)),
    "read types": (sqlite_log._READ_TYPES, (100, 2**63 - 1, '["Type1"]', 1000)),
    "read columns": (sqlite_log._READ_COLUMNS, (100, 1000, '["Type1"]')),
    "read stream": (sqlite_log._READ_STREAM, ("stream-1", 2, 1000)),
    "versions": (sqlite_log._VERSIONS, ('["stream-1", "stream-2", "nothing"]',)),
    "command": (sqlite_log._COMMAND, ("command-1",)),
}


@pytest.mark.parametrize("name", SQLITE_STATEMENTS)
def test_sqlite_finds_by_index(long_sqlite: sqlite3.Connection, name: str) -> None:
    statement, parameters = SQLITE_STATEMENTS[name]
    plan = [row[3] for row in long_sqlite.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any("SEARCH" in step for step in plan)
    # json_each walks what was asked for, not the log; events are sorted only where they are to be grouped, a page of them.
    assert [step for step in plan if re.search("SCAN (?!asked|json_each)|TEMP B-TREE (?!FOR GROUP BY)", step)] == []


POSTGRES_STATEMENTS = {
    "read": (postgres_log._READ, "19000, 1000"),
    "read from the start": (postgres_log._READ, "0, 1000"),
    "read types": (postgres_log._READ_TYPES, "100, 9223372036854775807, 100, '{Type1}'"),
    "read columns": (postgres_log._READ_COLUMNS.format(types="'Type1'"), "100, 2100"),
    "read stream": (postgres_log._READ_STREAM, "'stream-1', 2, 1000"),
    "versions": (postgres_log._VERSIONS, "'{stream-1,stream-2,nothing}'"),
    "command": (postgres_log._COMMAND, "'command-1'"),
}
TYPES = {
    "read": "(bigint, bigint)",
    "read from the start": "(bigint, bigint)",
    "read types": "(bigint, bigint, bigint, text[])",
    "read columns": "(bigint, bigint)",
    "read stream": "(text, bigint, bigint)",
    "versions": "(text[])",
    "command": "(text)",
}


def is_index_only(plan: str) -> bool:
    """No walk through the tables of the log; a sort only of what was asked for (in `versions`)."""
    return "Index" in plan and not re.search(r"Seq Scan on (public\.)?(events|commands)", plan)


@pytest.fixture(scope="module", params=["analyzed", "never analyzed"])
def grown_postgres(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, postgres_template: str
) -> Iterator[str]:
    """A long log, of which the server knows how its values are spread, or does not yet."""
    url = fill_postgres(postgres_server, postgres_template)
    if request.param == "analyzed":
        postgres_server.sql("ANALYZE", database_name(url))
    yield url
    postgres_server.drop_database(url)


@pytest.mark.parametrize("name", POSTGRES_STATEMENTS)
async def test_postgres_finds_by_index(grown_postgres: str, name: str) -> None:
    statement, arguments = POSTGRES_STATEMENTS[name]
    connection = await asyncpg.connect(grown_postgres, server_settings=READER_SETTINGS)
    types = TYPES[name]
    await connection.execute(f"PREPARE hot {types} AS {statement}")
    plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE hot ({arguments})"))
    await connection.close()
    assert is_index_only(plan), plan
    # A stream is short, and sorted in no time; the log is long.
    if name.startswith("read from") or name == "read":
        assert "Sort" not in plan, plan


async def test_postgres_finds_by_index_what_was_asked_for_when_the_log_was_empty(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    connection = await asyncpg.connect(postgres_url, server_settings=READER_SETTINGS)
    await connection.execute(f"PREPARE hot (bigint, bigint) AS {postgres_log._READ}")
    for _ in range(10):
        await connection.fetch("EXECUTE hot (0, 100)")
    postgres_server.sql(POSTGRES_FILL, database_name(postgres_url))
    plan = "\n".join(row[0] for row in await connection.fetch("EXPLAIN EXECUTE hot (100, 100)"))
    await connection.close()
    assert is_index_only(plan), plan


async def test_postgres_appends_by_index_from_the_first_event_on(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    # A connection plans the statements inside append_events once, when the log may be empty, and keeps the plans.
    await assert_appends_by_index(postgres_server, postgres_url)


async def test_postgres_appends_by_index_to_a_long_log(postgres_server: PostgresServer, long_postgres: str) -> None:
    await assert_appends_by_index(postgres_server, long_postgres)


async def assert_appends_by_index(server: PostgresServer, url: str) -> None:
    """Append in all ways and compare how often the server says that it walked through a table of the log."""

    def scans(kind: str) -> int:
        query = f"SELECT sum({kind}) FROM pg_stat_user_tables WHERE relname IN ('events', 'commands')"
        return int(server.sql(query, database_name(url)) or 0)

    before = scans("seq_scan"), scans("idx_scan")
    async with open_log(url) as log:
        for batch in range(10):
            await asyncio.gather(
                *[
                    log.append(
                        [StreamWrite(f"new-{batch}-{n}", 0, numbered(1, 2)), write("shared", ANY)],
                        guards=[Guard("guard", ANY)],
                        command=command(f"new-{batch}-{n}"),
                    )
                    for n in range(20)
                ]
            )
        with pytest.raises(StreamMoved):
            await log.append([write("new-1-1", 0)])
        assert (await log.append([write("new-1-1", 0)], command=command("new-1-1"))).replayed
    # A server's process hands in its counts when it ends, if not before.
    await eventually(lambda: scans("idx_scan") >= before[1] + 10 * 20)
    assert scans("seq_scan") == before[0]


def test_every_index_of_the_log_is_there_for_a_reason() -> None:
    # Each costs every append; the primary keys and one index serve all statements above.
    for kind in ("sqlite", "postgres"):
        assert re.findall(r"CREATE (?:UNIQUE )?INDEX (\w+)", available(kind)[0].sql) == ["events_stream_version"]
