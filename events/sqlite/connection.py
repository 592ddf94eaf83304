"""One SQLite file: all writes of a process go through one connection, reads through another.

The writer is the standard library's module in a thread of our own: a whole transaction is one hop to that thread and back,
where a driver that hops for each statement would make five. Reads are single statements, so aiosqlite serves them.

A small transaction that nothing else waits beside is carried out without the hop, on the event loop's own thread: waking one thread and
then the other takes half as long as the transaction itself. The loop stands still meanwhile, so that is done only while the disk is
quick, waits for no other process, and leaves moving the write-ahead log to the thread.
"""

import os
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import aiosqlite

from events.log import LogUnavailable
from events.sqlite.thread import Thread

_T = TypeVar("_T")

BUSY_SECONDS = 15.0
"""How long a transaction waits for another process to finish its own."""
CHECKPOINT_PAGES = 4_000
"""How far the write-ahead log grows, 4 KB a page, before it is moved into the main file (1,000 is usual). The same few hundred pages are
written again and again by small appends; the more seldom they are moved, the fewer writes and waits for the disk that takes."""
QUICK_SECONDS = 0.002
"""Transactions that take longer are nothing for the event loop to wait for."""
REST = 100
"""After one that did, the event loop leaves them to the writer's thread for so many times as long: of its time it loses a hundredth."""
TURNS = 64
"""Transactions of the event loop after which the writer's thread has one, and moves the write-ahead log if it has grown long."""
_SPARE_PAGES = 500
"""What the write-ahead log grows beyond CHECKPOINT_PAGES before the writer's thread has its turn, as a rule."""

_PRIMARY_CODE = 0xFF
"""The part of an extended result code that says what kind of error it is."""


class SqliteDatabase:
    """A database file. Open with `await SqliteDatabase.open(path)`; the schema must be there already."""

    def __init__(self, path: str, writer: sqlite3.Connection, thread: Thread, reader: aiosqlite.Connection) -> None:
        self.path = path
        self._writer = writer
        self._thread = thread
        self._reader = reader
        self._patient = True
        self._turns = 0
        self._rest_until = 0.0

    @classmethod
    async def open(cls, path: str) -> "SqliteDatabase":
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

    async def execute(self, statements: Sequence[tuple[str, Sequence[Any]]], *, alone: bool = False) -> bool:
        """Statements that write, with their parameters, as one transaction; False when a constraint refused one and nothing is stored.

        A single one has to win the interpreter's lock back once, where `write` has to for each step. `alone` says that they are few
        and that nothing waits beside them, so that the event loop may carry them out itself. Raises LogUnavailable.
        """
        if alone and self._may_execute_here():
            stored = self._execute_here(statements)
            if stored is not None:
                return stored
        return await self._on_thread(self._execute, statements)

    def _may_execute_here(self) -> bool:
        return self._thread.is_idle and self._turns < TURNS and time.monotonic() >= self._rest_until

    def _execute_here(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> bool | None:
        """As `execute`, on the thread of whoever calls; None when another process writes, and nothing was done."""
        began = time.monotonic()
        self._turns += 1
        try:
            self._be_patient(patient=False)
            return self._execute(statements)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE == sqlite3.SQLITE_BUSY:
                return None
            raise LogUnavailable(str(error)) from error
        finally:
            ended = time.monotonic()
            if (took := ended - began) > QUICK_SECONDS:
                self._rest_until = ended + REST * took

    async def _on_thread(self, work: Callable[..., _T], *arguments: Any) -> _T:
        try:
            return await self._thread.call(self._patiently, work, *arguments)
        except sqlite3.Error as error:
            raise LogUnavailable(str(error)) from error

    def _patiently(self, work: Callable[..., _T], *arguments: Any) -> _T:
        self._turns = 0
        self._be_patient(patient=True)
        return work(*arguments)

    def _be_patient(self, *, patient: bool) -> None:
        """Whether the connection waits for other processes, and moves the write-ahead log when it has grown long."""
        if patient is not self._patient:
            _wait_for_others(self._writer, BUSY_SECONDS if patient else 0)
            self._writer.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES if patient else 0}")
            self._patient = patient

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

    async def lengthen_write_ahead_log(self) -> None:
        """Make the write-ahead log's file as long as it is going to be, which takes some 50 ms, unless it is already.

        Otherwise the commits that first fill it would: one that lengthens a file waits for the file system's own records as well, and
        that takes half as long again. Where that cannot be, for want of room or beside a process that writes, it is left to
        them. Raises LogUnavailable.
        """
        await self._on_thread(_lengthen, self._writer, Path(f"{self.path}-wal"))

    async def close(self) -> None:
        """Finish what was begun and close both connections."""
        await self._thread.call(self._writer.close)
        self._thread.close()
        await self._reader.close()


def _uri(path: str) -> str:
    # A file that is missing is a mistake in the settings or a volume that is not there: never start a new log in its place.
    return f"file:{quote(path)}?mode=rw"


def _truncate(connection: sqlite3.Connection) -> bool:
    # Waiting here would hold up every append, so whoever asked comes back later instead.
    with _hardly_waiting(connection):
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _wait_for_others(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


@contextmanager
def _hardly_waiting(connection: sqlite3.Connection) -> Iterator[None]:
    """While this lasts, other processes are not waited for as long as for a transaction."""
    _wait_for_others(connection, 0.05)
    try:
        yield
    finally:
        _wait_for_others(connection, BUSY_SECONDS)


def _lengthen(connection: sqlite3.Connection, write_ahead_log: Path) -> None:
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    (cache_size,) = connection.execute("PRAGMA cache_size").fetchone()
    pages = CHECKPOINT_PAGES + _SPARE_PAGES
    # What does not fit into so small a cache is put into the log before the transaction ends, and stays there when it is undone.
    connection.execute("PRAGMA cache_size = 10")
    try:
        with suppress(sqlite3.OperationalError, OSError), _hardly_waiting(connection):
            connection.execute("BEGIN IMMEDIATE")
            if write_ahead_log.stat().st_size < pages * page_size:
                connection.execute("CREATE TABLE filling (bytes)")
                connection.execute("INSERT INTO filling VALUES (zeroblob(?))", (pages * page_size,))
                with write_ahead_log.open("rb") as file:
                    # Or the first commit would wait for all of it.
                    os.fsync(file.fileno())
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute(f"PRAGMA cache_size = {cache_size}")


def _connect_writer(path: str) -> sqlite3.Connection:
    # Two threads use it, never both at once: the event loop's does so only while the writer's has nothing to do.
    connection = sqlite3.connect(
        _uri(path),
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        cached_statements=256,
        check_same_thread=False,
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
