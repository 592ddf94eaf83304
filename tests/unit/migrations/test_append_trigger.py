"""A log from before its present trigger and index goes on, and refuses what it refused."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from events.log import NO_STREAM, StreamMoved
from migrations import runner
from migrations.runner import available, migrate_sqlite
from tests.support.databases import SQLITE_PREFIX, open_log
from tests.support.sample_events import write

INSERT = "INSERT INTO events VALUES (?, ?, ?, 'T', 1, '{}', '{}', 0)"


@pytest.fixture(params=[10, 11])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the first migrations only: event 1 begins the stream a, events 2 and 3 are the stream b."""
    path = str(tmp_path / "old.sqlite")
    with monkeypatch.context() as patched:
        patched.setattr(runner, "available", lambda database: available(database)[: request.param])
        migrate_sqlite(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for place in [(1, "a", 1), (2, "b", 1), (3, "b", 2)]:
            connection.execute(INSERT, place)
    return path


@pytest.fixture
def migrated(path: str) -> Iterator[sqlite3.Connection]:
    assert "0012_unique_versions" in migrate_sqlite(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def test_the_events_and_the_end_stay(migrated: sqlite3.Connection) -> None:
    events = migrated.execute("SELECT position, stream, version FROM events ORDER BY position").fetchall()
    assert events == [(1, "a", 1), (2, "b", 1), (3, "b", 2)]
    assert migrated.execute("SELECT position FROM log_head").fetchall() == [(3,)]


@pytest.mark.parametrize("place", [(4, "b", 2), (4, "a", 3), (5, "a", 2), (3, "b", 2)])
def test_what_does_not_follow_on_an_old_event_is_refused(
    migrated: sqlite3.Connection, place: tuple[int, str, int]
) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        migrated.execute(INSERT.replace("INSERT", "INSERT OR REPLACE"), place)


async def test_old_streams_go_on(migrated: sqlite3.Connection, path: str) -> None:
    async with open_log(SQLITE_PREFIX + path) as log:
        assert (await log.append([write("a", 1)])).last == 4
        assert (await log.append([write("b", 2)])).last == 5
        with pytest.raises(StreamMoved):
            await log.append([write("b", NO_STREAM)])
        assert await log.versions(["a", "b"]) == [2, 3]
