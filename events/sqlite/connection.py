"""One SQLite file: all writes of a process go through one connection, reads through another.

The writer is the standard library's module in a thread of our own: a whole transaction is one hop to that thread and back,
where a driver that hops for each statement would make five. Reads are single statements, so aiosqlite serves them.
"""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote

import aiosqlite

from events.errors import LogUnavailable, LogUnprotected
from events.sqlite.thread import Thread

_T = TypeVar("_T")

BUSY_SECONDS = 15.0
"""How long a transaction waits for another process to finish its own."""
CHECKPOINT_PAGES = 4_000
"""How far the write-ahead log grows, 4 KB a page, before it is moved into the main file (1,000 is usual). The same few hundred pages are
written again and again by small appends; the more seldom they are moved, the fewer writes and waits for the disk that takes."""
_CHECKPOINT_BUSY_MS = 50
"""How long emptying the write-ahead log waits for other connections, in milliseconds."""


PROTECTION = (
    "events_refuse_update",
    "events_refuse_delete",
    "events_move_end",
    "events_stream_version",
    "seals_refuse_update",
    "seals_refuse_delete",
    "seals_refuse_replace",
    "seals_first_position",
)
"""The triggers and unique indexes without which the log and its seals could be changed, or versions repeat."""

_PROTECTION = """
SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('events', 'seals')
UNION ALL
SELECT list.name FROM (VALUES ('events'), ('seals')) AS tables, pragma_index_list(tables.column1) AS list
WHERE list."unique" AND NOT list.partial"""


class DatabaseReplaced(LogUnavailable):
    """The file is not the one that was opened: it was removed, moved away or replaced."""


class SqliteDatabase:
    """A database file. Open with `await SqliteDatabase.open(path)`; the schema must be there already."""

    def __init__(self, path: str, writer: sqlite3.Connection, thread: Thread, reader: aiosqlite.Connection) -> None:
        self.path = path
        self._writer = writer
        self._thread = thread
        self._reader = reader
        self._file = _identity(path)

    @classmethod
    async def open(cls, path: str) -> Self:
        """Connect. Raises LogUnavailable when the file cannot be opened or is no database."""
        thread = Thread("sqlite-writer")
        async with AsyncExitStack() as opened:
            opened.callback(thread.close)
            try:
                writer = await thread.call(_connect_writer, path)
                opened.push_async_callback(thread.call, writer.close)
                reader = await aiosqlite.connect(_uri(path), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
                opened.push_async_callback(reader.close)
                await reader.execute_fetchall("PRAGMA query_only = ON")
            except sqlite3.Error as error:
                raise LogUnavailable(f"cannot open {path}: {error}") from error
            opened.pop_all()
        return cls(path, writer, thread, reader)

    async def write(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run `work` inside a transaction, on the writer's thread; when it returns, all is durable. Raises LogUnavailable.

        If `work` raises, nothing of it is stored and its error is passed on (SQLite's own as LogUnavailable).
        """
        return await self._on_thread(self._transact, work)

    async def execute(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> bool:
        """Statements that write, with their parameters, as one transaction.

        Returns False when a constraint refused one; then nothing is stored. A single statement needs the
        interpreter's lock once, where `write` needs it for each step. Raises LogUnavailable.
        """
        return await self._on_thread(self._execute, statements)

    async def _on_thread(self, work: Callable[..., _T], *arguments: Any) -> _T:
        try:
            return await self._thread.call(self._then_look, work, *arguments)
        except sqlite3.Error as error:
            raise LogUnavailable(str(error)) from error

    def _then_look(self, work: Callable[..., _T], *arguments: Any) -> _T:
        """Do it, and make sure that it was done to the file that everyone else sees: else it is lost, and must not be acknowledged."""
        result = work(*arguments)
        self.require_same_file()
        return result

    def require_same_file(self) -> None:
        """Raise DatabaseReplaced unless the file at the path is the one that was opened."""
        if _identity(self.path) != self._file:
            raise DatabaseReplaced(f"{self.path} was removed or replaced while it was in use")

    @property
    def incarnation(self) -> str:
        """Which copy of the database this is: another file, such as one that was restored, has another inode."""
        return f"inode {self._file[1]}"

    def _execute(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> bool:
        try:
            if len(statements) == 1:
                self._writer.execute(*statements[0])
            else:
                self._transact(lambda connection: [connection.execute(*statement) for statement in statements])
        except sqlite3.IntegrityError:
            return False
        return True

    def _transact(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        connection = self._writer
        # IMMEDIATE, since a transaction that reads first and asks for the write lock later may be refused half-way.
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    async def read(self, sql: str, parameters: Iterable[Any] = ()) -> list[Any]:
        """All rows of one statement, as tuples. Raises LogUnavailable."""
        try:
            return list(await self._reader.execute_fetchall(sql, parameters))
        except (sqlite3.Error, ValueError) as error:
            if isinstance(error, ValueError) and "connection" not in str(error).lower():
                raise
            raise LogUnavailable(str(error)) from error

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Callable[[str, Iterable[Any]], Awaitable[list[Any]]]]:
        """A connection of its own that sees the database as it is at its first statement; what is yielded runs one statement.

        While it is open the write-ahead log cannot be cut. Raises LogUnavailable.
        """
        try:
            async with aiosqlite.connect(
                _uri(self.path), uri=True, timeout=BUSY_SECONDS, isolation_level=None
            ) as reader:
                await reader.execute_fetchall("BEGIN")

                async def fetch(sql: str, parameters: Iterable[Any]) -> list[Any]:
                    return list(await reader.execute_fetchall(sql, parameters))

                yield fetch
        except sqlite3.Error as error:
            raise LogUnavailable(str(error)) from error

    async def empty_write_ahead_log(self) -> bool:
        """Move everything into the main file and cut the write-ahead log to nothing; False if another connection is in the way."""
        return await self._on_thread(_truncate, self._writer)

    async def require_protected(self) -> None:
        """Raise LogUnprotected unless the log's triggers and its unique index are there; and LogUnavailable."""
        there = {name for (name,) in await self.read(_PROTECTION)}
        if missing := [name for name in PROTECTION if name not in there]:
            raise LogUnprotected(missing)

    async def close(self) -> None:
        """Finish what was begun and close both connections."""
        await self._thread.call(self._writer.close)
        self._thread.close()
        await self._reader.close()


def _identity(path: str) -> tuple[int, int]:
    """Device and inode of a file; of none, zeros."""
    try:
        status = Path(path).stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


def _uri(path: str) -> str:
    # A file that is missing is a mistake in the settings or a volume that is not there: never start a new log in its place.
    return f"file:{quote(path)}?mode=rw"


def _truncate(connection: sqlite3.Connection) -> bool:
    # Waiting here would hold up every append, so the caller comes back later instead.
    connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_BUSY_MS}")
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    return not busy


def _connect_writer(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        _uri(path), uri=True, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL would leave the last commits to a power cut; what was acknowledged must be on disk.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        # Keys of forgotten subjects must not linger in free pages.
        connection.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
