"""Copies of a SQLite database made while it is in use, and putting one in the place of a database that nobody uses."""

import errno
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from events.archive.files import place
from events.archive.target import Stopped
from events.log import LogUnavailable

MAGIC: Final = b"SQLite format 3\0"

_STEP_PAGES: Final = 1_024
_STEPS_BETWEEN_LOOKS: Final = 100_000
"""Instructions of SQLite's machine between two looks at whether to stop: a few milliseconds."""
_SIBLINGS: Final = ("", "-wal", "-shm")
# The bytes of a database file that SQLite locks (https://www.sqlite.org/src/file/src/os.h, PENDING_BYTE): whoever has the
# database open in WAL mode holds a shared lock on some of them.
_LOCK_START: Final = 0x40000000
_LOCK_BYTES: Final = 512


class DamagedDatabase(Exception):
    """A file that is no database of ours, or not a sound one."""


class DatabaseInUse(Exception):
    """A process has the database open."""


def copy_database(path: str, target: Path, progress: Callable[[int, int], None], stop: threading.Event) -> int:
    """Copy a database that may be in use into the empty file `target`; the position of its last event.

    The copy is the database as it is at the first moment: others go on writing, and what they write later is not in it. `progress`
    hears of pages done and pages in all. Raises LogUnavailable, DamagedDatabase, and Stopped once `stop` is set.
    """

    def step(_: int, remaining: int, total: int) -> None:
        if stop.is_set():
            raise Stopped
        progress(total - remaining, total)

    try:
        with closing(_connect(path, "mode=ro")) as source, closing(_connect(str(target), "mode=rw")) as copy:
            # What is half written is thrown away anyhow, and the whole is brought to disk in the end.
            copy.execute("PRAGMA journal_mode = OFF")
            copy.execute("PRAGMA synchronous = OFF")
            # A transaction that is open holds the source still for all steps; else each write of others would start it anew.
            source.execute("BEGIN")
            (head,) = source.execute("SELECT position FROM log_head").fetchone()
            source.backup(copy, pages=_STEP_PAGES, progress=step)
    except sqlite3.Error as error:
        raise LogUnavailable(f"cannot copy {path}: {error}") from error
    if (found := check_database(target, stop)) != head:
        raise DamagedDatabase(f"the copy ends at position {found}, where {head} was expected")
    return int(head)


def check_database(path: Path, stop: threading.Event) -> int:
    """The position of the last event of a database file that nobody writes to. Raises DamagedDatabase, and Stopped once `stop` is set."""
    try:
        with closing(_connect(str(path), "mode=ro&immutable=1")) as connection:
            connection.set_progress_handler(lambda: int(stop.is_set()), _STEPS_BETWEEN_LOOKS)
            verdict = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            if verdict != ["ok"]:
                raise DamagedDatabase(f"{path}: {'; '.join(verdict)}")
            head, last, count = connection.execute(
                "SELECT position, (SELECT max(position) FROM events), (SELECT count(*) FROM events) FROM log_head"
            ).fetchone()
    except sqlite3.Error as error:
        if stop.is_set():
            raise Stopped from error
        raise DamagedDatabase(f"{path}: {error}") from error
    if not head == (last or 0) == count:
        raise DamagedDatabase(f"{path}: {count} events up to position {last or 0}, but the log ends at {head}")
    return int(head)


def _connect(path: str, options: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(path)}?{options}", uri=True, isolation_level=None)


def put_in_place(made: Path, path: Path, *, force: bool) -> Path | None:
    """Make the database file `made` the one at `path`; where the one that was there is now. It is moved aside only with `force`.

    Raises FileExistsError, and DatabaseInUse while any process has the old one open; then nothing is changed.
    """
    if not force or not path.exists():
        for sibling in _SIBLINGS:
            # A journal without its database would be taken for the new one's.
            if path.with_name(path.name + sibling).exists():
                raise FileExistsError(errno.EEXIST, "is there already, and is not overwritten", f"{path}{sibling}")
        place(made, path)
        return None
    aside = path.with_name(f"{path.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    with _locked(path):
        _rename_all(path, aside)
        try:
            place(made, path)
        except OSError:
            _rename_all(aside, path)
            raise
    return aside


def _rename_all(old: Path, new: Path) -> None:
    for sibling in reversed(_SIBLINGS):
        if (file := old.with_name(old.name + sibling)).exists():
            file.rename(new.with_name(new.name + sibling))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold what SQLite locks, so that nobody uses the file before it has its new name. Works on damaged files too."""
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCK_BYTES, _LOCK_START)
        except BlockingIOError as error:
            raise DatabaseInUse(f"{path} is in use; stop the service first") from error
        yield
    finally:
        os.close(file)
