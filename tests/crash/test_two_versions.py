"""While a new version is rolled out, processes of the one before go on appending to the same log.

`previous/trivia-<version>.zip` holds `events/` and `migrations/` of the release before. At a release it is replaced:
`git archive --format=zip -o tests/crash/previous/trivia-<version>.zip <tag> events migrations`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest

from events.log import EventLog
from migrations import runner
from migrations.runner import available, migrate_postgres, migrate_sqlite
from tests.crash.wholeness import assert_whole
from tests.support.databases import SQLITE_PREFIX, open_log
from tests.support.programs import running
from tests.support.sample_events import number_of
from tests.support.waiting import eventually

HERE = Path(__file__).parent
PREVIOUS = HERE / "previous" / "trivia-0.1.0.zip"
WRITERS = 2
ROUNDS = 20


class PreviousWriter:
    """A running process of the version before."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self._process = process
        self._output = output

    def acknowledged(self) -> list[tuple[int, int]]:
        """The first and last positions of its appends so far."""
        lines = self._output.read_text().splitlines(keepends=True)
        return [tuple(json.loads(line)) for line in lines if line.endswith("\n")]

    def kill(self) -> None:
        self._process.kill()

    def stop(self) -> tuple[int, str]:
        """Let it finish; its exit code and what it said was wrong."""
        _, errors = self._process.communicate(timeout=40)
        return self._process.returncode, errors.decode()


@contextmanager
def previous_writer(url: str, name: str, directory: Path) -> Iterator[PreviousWriter]:
    output = directory / name
    command = [sys.executable, str(HERE / "programs" / "previous_writer.py"), url, name]
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": str(PREVIOUS)},
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.PIPE,
        )
    try:
        yield PreviousWriter(process, output)
    finally:
        process.kill()
        process.communicate()


def previous_migrations(database: str) -> int:
    with ZipFile(PREVIOUS) as archive:
        return sum(name.startswith(f"migrations/{database}/0") for name in archive.namelist())


async def migrate(url: str) -> None:
    if url.startswith(SQLITE_PREFIX):
        migrate_sqlite(url.removeprefix(SQLITE_PREFIX))
    else:
        await migrate_postgres(url)


@pytest.fixture(params=["sqlite", "postgres"])
async def old_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the schema of the version before."""
    url = (
        f"{SQLITE_PREFIX}{tmp_path / 'old.sqlite'}"
        if request.param == "sqlite"
        else str(request.getfixturevalue("empty_postgres_url"))
    )
    with monkeypatch.context() as patched:
        patched.setattr(runner, "available", lambda database: available(database)[: previous_migrations(database)])
        await migrate(url)
    return url


def test_the_files_that_the_version_before_applied_are_as_they_were() -> None:
    with ZipFile(PREVIOUS) as archive:
        for database in ("sqlite", "postgres"):
            for file in available(database)[: previous_migrations(database)]:
                assert archive.read(f"migrations/{database}/{file.file_name}").decode() == file.sql


@pytest.mark.timeout(120)
async def test_both_versions_append_while_the_schema_is_brought_up_to_date(old_url: str, tmp_path: Path) -> None:
    with (
        previous_writer(old_url, "before", tmp_path) as before,
        previous_writer(old_url, "killed", tmp_path) as killed,
    ):
        await eventually(lambda: before.acknowledged() and killed.acknowledged(), 30)
        await migrate(old_url)
        migrated = len(before.acknowledged())
        async with open_log(old_url) as log:
            arguments = [("tests.crash.programs.writer", old_url, f"w{n}", str(ROUNDS)) for n in range(WRITERS)]
            with running(*arguments[0]) as first, running(*arguments[1]) as second:
                await eventually(lambda: first.lines and second.lines, 30)
                killed.kill()
                await eventually(lambda: first.ended and second.ended, 60)
                assert [(writer.wait(), writer.errors) for writer in (first, second)] == [(0, "")] * WRITERS
            await eventually(lambda: len(before.acknowledged()) > migrated, 30)
            assert before.stop() == (0, "")

            new = [tuple(json.loads(line))[:2] for writer in (first, second) for line in writer.lines]
            acknowledged = [*new, *before.acknowledged(), *killed.acknowledged()]
            events = await assert_whole(log, acknowledged)
            await assert_stored(log, acknowledged)
            counter = [number_of(event) for event in events if event.stream == "counter"]
            assert counter == list(range(len(counter)))


async def assert_stored(log: EventLog, acknowledged: list[tuple[int, int]]) -> None:
    """Every acknowledged append is in the log, and each is of the process that was told so: no position was given twice."""
    positions = [position for first, last in acknowledged for position in range(first, last + 1)]
    assert len(positions) == len(set(positions))
    assert max(positions) <= await log.head()
