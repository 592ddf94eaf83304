"""The log in a SQLite file, which any number of processes on one machine may share."""

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import msgspec

from events.append_hook import InSqlite, Span, types_of
from events.epoch import KnownHistory, new_epoch
from events.group_commit import GroupCommit
from events.log import NO_STREAM, Appended, Columns, Command, Context, EventLog, Guard, RecordedEvent, StreamWrite
from events.prepare import Moved, Outcome, PreparedAppend, askable, check_command, prepare, replay, reused, unmet
from events.registry import Registry
from events.sqlite.connection import DatabaseReplaced, SqliteDatabase
from events.timestamps import now_us

POLL_SECONDS = 0.05
"""How often a waiting follower asks whether another process has appended."""

_COLUMNS = "position, stream, version, type, schema, data, metadata, recorded_at"

_READ = f"SELECT {_COLUMNS} FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"

_READ_TYPES = (
    f"SELECT {_COLUMNS} FROM events WHERE position > ? AND position <= ? "
    "AND type IN (SELECT value FROM json_each(?)) ORDER BY position LIMIT ?"
)

_READ_COLUMNS = """
SELECT type, schema, json_group_array(position), json_group_array(stream), json_group_array(version),
    json_group_array(recorded_at), '[' || group_concat(data) || ']'
FROM events WHERE position > ? AND position <= ? AND type IN (SELECT value FROM json_each(?)) GROUP BY type, schema"""

_READ_STREAM = f"SELECT {_COLUMNS} FROM events WHERE stream = ? AND version > ? ORDER BY version LIMIT ?"

# One row that holds a JSON array, since fetching row by row would hand the interpreter's lock to and fro for each.
_VERSIONS = """
SELECT json_group_array(coalesce((SELECT max(version) FROM events WHERE stream = asked.value), 0))
FROM json_each(?) AS asked"""

_VERSIONS_AND_HEAD = f"SELECT ({_VERSIONS}), position, recorded_at, epoch FROM log_head"

_HEAD = "SELECT position, epoch FROM log_head"

_COMMAND = "SELECT fingerprint, first_position, last_position FROM commands WHERE id = ?"

_NO_LIMIT = 2**63 - 1


def _to_json(texts: Sequence[str]) -> str:
    return msgspec.json.encode(texts).decode()


class _End(NamedTuple):
    """Where the last batch of this process left the log; another process may have appended since."""

    position: int
    recorded_at: int


class SqliteLog(EventLog):
    """See EventLog. The database must have been migrated; events of the types in `registry` can be appended."""

    def __init__(self, database: SqliteDatabase, registry: Registry, inside: InSqlite | None = None) -> None:
        self._database = database
        self._registry = registry
        self._inside = inside
        self._group = GroupCommit(self._commit)
        self._history = KnownHistory()
        self._end: _End | None = None
        self._grown = asyncio.Event()

    async def append(
        self,
        writes: Sequence[StreamWrite],
        *,
        guards: Sequence[Guard] = (),
        command: Command | None = None,
        context: Context = Context(),  # noqa: B008 - frozen
    ) -> Appended:
        """See EventLog.append."""
        return await self._group.append(prepare(self._registry, writes, guards, command, context))

    async def _commit(self, batch: list[PreparedAppend]) -> list[Outcome]:
        if not self._history.epoch:
            await self.establish()
        now = now_us()
        try:
            outcomes = await self._store_behind_end(batch, now) or await self._store_checked(batch, now)
        except DatabaseReplaced as error:
            self._history.give_up(str(error))
        last = max([outcome.last for outcome in outcomes if isinstance(outcome, Appended)], default=0)
        self._notice(last)
        return outcomes

    async def _store_checked(self, batch: list[PreparedAppend], now: int) -> list[Outcome]:
        """Look at what the log has, then store what may be, in one transaction."""
        self._end = None
        outcomes, self._end = await self._database.write(
            lambda connection: _store(connection, batch, now, self._inside, self._history)
        )
        return outcomes

    async def _store_behind_end(self, batch: list[PreparedAppend], now: int) -> list[Outcome] | None:
        """Store a batch as if nobody else had appended and all its expectations held, in as few statements as may be.

        The database refuses rows that do not follow on what it has. None when it did, or when the batch needs more than that.
        """
        if self._end is None or self._history.lost.is_set() or not all(map(_is_plain, batch)):
            return None
        if self._inside is not None and not self._inside.types.isdisjoint(types_of(batch)):
            return None
        recorded_at = max(now, self._end.recorded_at)
        head = self._end.position
        rows: list[object] = []
        outcomes: list[Outcome] = []
        for append in batch:
            first = head + 1
            version = append.conditions[0][1]
            for stream, type_name, schema, data, metadata in append.rows:
                head += 1
                version += 1
                rows += (head, stream, version, type_name, schema, data, metadata, recorded_at)
            outcomes.append(Appended(first, head))
        self._end, end = None, _End(head, recorded_at)
        if not await self._database.execute(_inserts(rows)):
            return None
        self._end = end
        return outcomes

    def _notice(self, head: int) -> None:
        if head > self._history.head:
            self._history.head = head
            self._grown.set()
            self._grown = asyncio.Event()

    async def read(
        self, after: int = 0, *, limit: int = 1000, until: int | None = None, types: Iterable[str] | None = None
    ) -> list[RecordedEvent]:
        """See EventLog.read."""
        until = _NO_LIMIT if until is None else until
        if types is None:
            rows = await self._database.read(_READ, (after, until, limit))
        else:
            rows = await self._database.read(_READ_TYPES, (after, until, _to_json(list(types)), limit))
        return [RecordedEvent(*row) for row in rows]

    async def read_columns(self, after: int, until: int, types: Iterable[str]) -> list[Columns]:
        """See EventLog.read_columns."""
        rows = await self._database.read(_READ_COLUMNS, (after, until, _to_json(list(types))))
        return [Columns(*row) for row in rows]

    async def read_stream(self, stream: str, after: int = 0, *, limit: int = 1000) -> list[RecordedEvent]:
        """See EventLog.read_stream."""
        rows = await self._database.read(_READ_STREAM, (askable(stream), after, limit))
        return [RecordedEvent(*row) for row in rows]

    async def versions(self, streams: Sequence[str]) -> list[int]:
        """See EventLog.versions."""
        rows = await self._database.read(_VERSIONS, (_to_json([askable(stream) for stream in streams]),))
        return list(msgspec.json.decode(rows[0][0]))

    async def find_command(self, command: Command) -> Appended | None:
        """See EventLog.find_command."""
        check_command(command)
        rows = await self._database.read(_COMMAND, (command.id,))
        return reused(replay(command, *rows[0])) if rows else None

    async def head(self) -> int:
        """See EventLog.head."""
        known_head = self._history.head
        try:
            self._database.require_same_file()
            ((head, epoch),) = await self._database.read(_HEAD)
        except DatabaseReplaced as error:
            self._history.give_up(str(error))
        if self._history.is_older(epoch, head, known_head):
            await self.establish()
        self._history.check(epoch, head, known_head)
        self._notice(head)
        return int(head)

    async def establish(self) -> str:
        """See EventLog.establish."""
        known = self._history
        known_head = known.head
        epoch, head = await self._database.write(
            lambda connection: _establish(connection, self._database.incarnation, known)
        )
        known.check(epoch, head, known_head)
        known.epoch = epoch
        self._notice(head)
        return known.epoch

    @property
    def epoch(self) -> str:
        """See EventLog.epoch."""
        return self._history.epoch

    async def wait_for_other_history(self) -> None:
        """See EventLog.wait_for_other_history."""
        await self._history.lost.wait()

    async def wait_beyond(self, position: int, timeout: float) -> int:
        """See EventLog.wait_beyond."""
        deadline = time.monotonic() + timeout
        while self._history.head <= position and (left := deadline - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(min(POLL_SECONDS, left)):
                    await self._grown.wait()
            except TimeoutError:
                await self.head()
        return self._history.head

    async def close(self) -> None:
        """See EventLog.close. The database is closed by whoever opened it."""
        await self._group.close()


def _store(
    connection: sqlite3.Connection,
    batch: list[PreparedAppend],
    now: int,
    inside: InSqlite | None,
    history: KnownHistory,
) -> tuple[list[Outcome], _End]:
    """Check and insert a batch of independent appends, in a transaction that is open; the outcomes, and where the log ends."""
    replayed = _replays(connection, batch)
    streams = [stream for append in batch for stream, _ in append.conditions]
    found, head, recorded_at, epoch = connection.execute(_VERSIONS_AND_HEAD, (_to_json(streams),)).fetchone()
    history.check(epoch, head, history.head)
    versions = msgspec.json.decode(found)
    before, recorded_at = head, max(recorded_at, now)
    last_version: dict[str, int] = dict(zip(streams, versions, strict=True))
    outcomes: list[Outcome] = []
    rows: list[object] = []
    place = 0
    for append in batch:
        actual = versions[place : place + len(append.conditions)]
        place += len(append.conditions)
        if append.command and (known := replayed.get(append.command.id)):
            outcomes.append(known)
            continue
        if conflicts := unmet(append.conditions, actual):
            outcomes.append(Moved(conflicts))
            continue
        first = head + 1
        for stream, type_name, schema, data, metadata in append.rows:
            head += 1
            last_version[stream] = version = last_version[stream] + 1
            rows += (head, stream, version, type_name, schema, data, metadata, recorded_at)
        outcomes.append(Appended(first, head))
        if command := append.command:
            connection.execute(
                "INSERT INTO commands VALUES (?, ?, ?, ?)", (command.id, command.fingerprint, first, head)
            )
    if head > before:
        for statement in _inserts(rows):
            connection.execute(*statement)
        if inside is not None and not inside.types.isdisjoint(types := types_of(batch)):
            inside(connection, Span(before, head, types))
    return outcomes, _End(head, recorded_at)


def _establish(connection: sqlite3.Connection, incarnation: str, known: KnownHistory) -> tuple[str, int]:
    """The epoch and the head, in a transaction that is open; the epoch is made anew where it has to be."""
    head, epoch, made_for = connection.execute("SELECT position, epoch, incarnation FROM log_head").fetchone()
    if not epoch or made_for != incarnation or known.is_older(epoch, head, known.head):
        epoch = new_epoch()
        connection.execute("UPDATE log_head SET epoch = ?, incarnation = ?", (epoch, incarnation))
    return epoch, head


def _is_plain(append: PreparedAppend) -> bool:
    """Whether an append is to one stream at a known version, and nothing else: what the rows themselves can be held against."""
    return append.command is None and len(append.conditions) == 1 and append.conditions[0][1] >= NO_STREAM


def _replays(connection: sqlite3.Connection, batch: list[PreparedAppend]) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for append in batch:
        if append.command and (row := connection.execute(_COMMAND, (append.command.id,)).fetchone()):
            found[append.command.id] = replay(append.command, *row)
    return found


_WIDTH = 8
_AT_ONCE = 128
"""Rows inserted by one statement at most; there is a cached statement for each number of rows up to it."""


def _inserts(values: list[object]) -> list[tuple[str, list[object]]]:
    """Statements that insert rows, given flat, and their parameters.

    Each step of a statement gives up the interpreter's lock and has to win it back from a busy event loop, which takes longer than
    the step; so there are few.
    """
    width = _AT_ONCE * _WIDTH
    parts = [values[start : start + width] for start in range(0, len(values), width)]
    return [(_insert_statement(len(part) // _WIDTH), part) for part in parts]


@cache
def _insert_statement(rows: int) -> str:
    places = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * rows)
    return f"INSERT INTO events ({_COLUMNS}) VALUES {places}"
