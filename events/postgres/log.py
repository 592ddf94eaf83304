"""The log in PostgreSQL, which any number of processes on any number of machines may share."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from events.append_hook import InPostgres, Span, types_of
from events.epoch import KnownHistory, new_epoch
from events.group_commit import GroupCommit
from events.log import (
    Appended,
    Columns,
    Command,
    Conflict,
    Context,
    EventLog,
    Guard,
    LogUnavailable,
    RecordedEvent,
    StreamWrite,
)
from events.postgres.connection import LOCK_APPENDS, UNAVAILABLE, Connection, PostgresDatabase, Then
from events.prepare import SEPARATOR, Moved, Outcome, PreparedAppend, askable, check_command, prepare, replay, reused
from events.registry import Registry
from events.timestamps import now_us

CHANNEL = "trivia_log"
NOTIFY_SECONDS = 0.02
"""Appends within this time share one notification: NOTIFY takes a lock of the whole server at commit."""
RECONNECT_SECONDS = 1.0

_COLUMNS = "position, stream, version, type, schema, data, metadata, recorded_at"

# Without an upper bound: until a table is analysed, the planner takes a range for so few rows that it would fetch and sort them
# all. Positions have no gaps, so the limit says where to end.
_READ = f"SELECT {_COLUMNS} FROM events WHERE position > $1 ORDER BY position LIMIT $2"

_READ_TYPES = f"SELECT {_COLUMNS} FROM events WHERE position > $1 AND position <= $2 AND type = ANY($4) ORDER BY position LIMIT $3"

_READ_COLUMNS = """
SELECT type, schema, json_agg(position)::text, json_agg(stream)::text, json_agg(version)::text,
    json_agg(recorded_at)::text, '[' || string_agg(data, ',') || ']'
FROM events WHERE position > $1 AND position <= $2 AND type IN ({types}) GROUP BY type, schema"""

_READ_STREAM = f"SELECT {_COLUMNS} FROM events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3"

_VERSIONS = """
SELECT coalesce((SELECT e.version FROM events AS e WHERE e.stream = asked.stream ORDER BY e.version DESC LIMIT 1), 0)
FROM unnest($1::text[]) WITH ORDINALITY AS asked (stream, place) ORDER BY asked.place"""

_NOTIFY = f"SELECT pg_notify('{CHANNEL}', $1)"

_COMMAND = "SELECT fingerprint, first_position, last_position FROM commands WHERE id = $1"

# A column of an append comes as one text: asyncpg asks two abstract base classes about each element of an array, which takes longer
# than all the rest. `prepare` sees to it that none of the texts has the separator in it.
_NUMBERS = "string_to_array(${}, ',')::bigint[]"
_TEXTS = f"string_to_array(${{}}, '{SEPARATOR}')"
_APPEND = f"""
SELECT * FROM append_events_v2(
    {_NUMBERS.format(1)}, {_NUMBERS.format(2)}, {_NUMBERS.format(3)}, {_TEXTS.format(4)}, {_TEXTS.format(5)}, {_NUMBERS.format(6)},
    {_TEXTS.format(7)}, {_TEXTS.format(8)}, {_NUMBERS.format(9)}, {_TEXTS.format(10)}, {_NUMBERS.format(11)}, {_NUMBERS.format(12)},
    {_TEXTS.format(13)}, $14, $15, $16, $17
)"""

_HEAD = "SELECT position, epoch || ' ' || tableoid FROM log_head"

# Another cluster has another identifier, one that was promoted another timeline, a table that was restored another oid.
_BEARINGS = """
SELECT position, epoch, tableoid::text, incarnation,
    (SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
        || '/' || tableoid
FROM log_head"""

_REFUSED = -1
"""In place of an append's number: the log has another history than the appender said."""

_NO_LIMIT = 2**63 - 1


class PostgresLog(EventLog):
    """See EventLog. The database must have been migrated; events of the types in `registry` can be appended."""

    def __init__(self, database: PostgresDatabase, registry: Registry, inside: InPostgres | None = None) -> None:
        self._database = database
        self._registry = registry
        self._inside = inside
        self._group = GroupCommit(self._commit)
        self._history = KnownHistory()
        self._grown = asyncio.Event()
        self._announcing: asyncio.Task[None] | None = None
        self._unannounced = False
        self._closed = False
        self._listening: asyncio.Task[None] | None = None

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
        known_head = self._history.head
        numbered = list(enumerate(batch, 1))
        streams, types, schemas, data, metadata = _columns([row for append in batch for row in append.rows], 5)
        conditions = [(number, *condition) for number, append in numbered for condition in append.conditions]
        condition_appends, condition_streams, expected = _columns(conditions, 3)
        commands = [(number, a.command.id, a.command.fingerprint) for number, a in numbered if a.command]
        command_appends, command_ids, fingerprints = _columns(commands, 3)
        answer = await self._database.append(
            _APPEND,
            *map(_numbers, _places(batch)),
            _texts(streams),
            _texts(types),
            _numbers(schemas),
            _texts(data),
            _texts(metadata),
            _numbers(condition_appends),
            _texts(condition_streams),
            _numbers(expected),
            _numbers(command_appends),
            _texts(command_ids),
            fingerprints,
            now_us(),
            self._history.epoch,
            known_head,
            first=self._look_at_new_connection,
            then=_participation(self._inside, batch),
        )
        if answer[0][0] == _REFUSED:
            await self._meet(answer[0][1], answer[0][4], known_head)
        refused: dict[int, Outcome] = {}
        moved: dict[int, list[Conflict]] = {}
        for number, stream, wanted, actual, first, last, same in answer[:-1]:
            command = batch[number - 1].command
            if stream is None and command:
                refused[number] = replay(command, command.fingerprint if same else b"", first, last)
            else:
                moved.setdefault(number, []).append(Conflict(stream, wanted, actual))
        refused.update([(number, Moved(conflicts)) for number, conflicts in moved.items()])
        head = answer[-1][4]
        outcomes: list[Outcome] = []
        for number, append in numbered:
            outcome = refused.get(number)
            if outcome is None:
                outcome = Appended(head + 1, head + len(append.rows))
                head = outcome.last
            outcomes.append(outcome)
        if head > answer[-1][4]:
            self._notice(head)
            self._announce()
        return outcomes

    def _notice(self, head: int) -> None:
        if head > self._history.head:
            self._history.head = head
            self._grown.set()
            self._grown = asyncio.Event()

    def _announce(self) -> None:
        """Tell other processes, soon, once for all that was appended meanwhile."""
        self._unannounced = True
        if self._announcing is None or self._announcing.done():
            self._announcing = asyncio.create_task(self._notify(), name="log-notify")

    async def _notify(self) -> None:
        # What is appended while a notification is on its way may not be seen by those whom it wakes: it needs another.
        while self._unannounced:
            await asyncio.sleep(NOTIFY_SECONDS)
            self._unannounced = False
            # A notification that is lost costs a follower the time until it polls.
            with contextlib.suppress(LogUnavailable):
                await self._database.read(_NOTIFY, str(self._history.head))

    async def _listen(self) -> None:
        heard = asyncio.Event()

        def hear(position: str) -> None:
            # Mostly it is about what this process has appended itself. For what is new the log is asked, since anyone may notify, and
            # say as much as they like.
            if not (position.isdecimal() and int(position[:20]) <= self._history.head):
                heard.set()

        while True:
            try:
                async with self._database.listening(CHANNEL, hear) as connection:
                    while not connection.is_closed():
                        await self.head()
                        await heard.wait()
                        heard.clear()
            except (*UNAVAILABLE, LogUnavailable):
                await asyncio.sleep(RECONNECT_SECONDS)

    async def read(
        self, after: int = 0, *, limit: int = 1000, until: int | None = None, types: Iterable[str] | None = None
    ) -> list[RecordedEvent]:
        """See EventLog.read."""
        until = _NO_LIMIT if until is None else until
        if types is None:
            limit = min(limit, max(until - max(after, 0), 0))
            rows = await self._database.read(_READ, after, limit)
        else:
            rows = await self._database.read(_READ_TYPES, after, until, limit, list(types))
        return [RecordedEvent(*row) for row in rows]

    async def read_columns(self, after: int, until: int, types: Iterable[str]) -> list[Columns]:
        """See EventLog.read_columns."""
        names = ", ".join([_quoted(name) for name in types])
        if not names:
            return []
        # Constants are looked up in a hash table, where elements of a parameter would be gone through for each row.
        return [Columns(*row) for row in await self._database.read(_READ_COLUMNS.format(types=names), after, until)]

    async def read_stream(self, stream: str, after: int = 0, *, limit: int = 1000) -> list[RecordedEvent]:
        """See EventLog.read_stream."""
        rows = await self._database.read(_READ_STREAM, askable(stream), after, limit)
        return [RecordedEvent(*row) for row in rows]

    async def versions(self, streams: Sequence[str]) -> list[int]:
        """See EventLog.versions."""
        rows = await self._database.read(_VERSIONS, [askable(stream) for stream in streams])
        return [row[0] for row in rows]

    async def find_command(self, command: Command) -> Appended | None:
        """See EventLog.find_command."""
        check_command(command)
        rows = await self._database.read(_COMMAND, command.id)
        return reused(replay(command, *rows[0])) if rows else None

    async def head(self) -> int:
        """See EventLog.head."""
        known_head = self._history.head
        head, epoch = (await self._database.read(_HEAD))[0]
        await self._meet(epoch, head, known_head)
        self._notice(head)
        return int(head)

    async def _meet(self, history: str, head: int, known_head: int) -> None:
        """Compare the log's history with the one known. Raises OtherHistory."""
        if self._history.is_older(history, head, known_head):
            await self.establish()
        self._history.check(history, head, known_head)

    async def establish(self) -> str:
        """See EventLog.establish."""
        # Checked once it is committed: what was found out is for other processes as well.
        known_head = self._history.head
        self._begin_with(*await self._database.write(self._take_bearings), known_head)
        return self.epoch

    async def _look_at_new_connection(self, connection: Connection) -> None:
        known_head = self._history.head
        async with connection.transaction():
            bearings = await self._take_bearings(connection)
        self._begin_with(*bearings, known_head)

    async def _take_bearings(self, connection: Connection) -> tuple[str, int]:
        """The log's history and head, in a transaction; the epoch is made anew where it has to be."""
        await connection.execute(LOCK_APPENDS)
        head, epoch, table, made_for, incarnation = (await connection.fetch(_BEARINGS))[0]
        if not epoch or made_for != incarnation or self._history.is_older(f"{epoch} {table}", head, self._history.head):
            epoch = new_epoch()
            await connection.execute("UPDATE log_head SET epoch = $1, incarnation = $2", epoch, incarnation)
        return f"{epoch} {table}", head

    def _begin_with(self, history: str, head: int, known_head: int) -> None:
        """Raises OtherHistory where this process has begun with another."""
        self._history.check(history, head, known_head)
        self._history.epoch = history
        self._notice(head)

    @property
    def epoch(self) -> str:
        """See EventLog.epoch."""
        return self._history.epoch.partition(" ")[0]

    async def wait_for_other_history(self) -> None:
        """See EventLog.wait_for_other_history."""
        await self._history.lost.wait()

    async def wait_beyond(self, position: int, timeout: float) -> int:
        """See EventLog.wait_beyond."""
        if self._listening is None and not self._closed:
            self._listening = asyncio.create_task(self._listen(), name="log-listen")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._history.head <= position:
                    await self._grown.wait()
        return self._history.head

    async def close(self) -> None:
        """See EventLog.close. The database is closed by whoever opened it."""
        await self._group.close()
        self._closed = True
        if self._announcing is not None:
            await self._announcing
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])


def _participation(inside: InPostgres | None, batch: list[PreparedAppend]) -> Then | None:
    if inside is None or inside.types.isdisjoint(types := types_of(batch)):
        return None
    return partial(_take_part, inside, types)


async def _take_part(
    inside: InPostgres, types: frozenset[str], connection: Connection, answer: Sequence[Sequence[int]]
) -> None:
    before, after = answer[-1][4], answer[-1][5]
    if after > before:
        await inside(connection, Span(before, after, types))


def _places(batch: Sequence[PreparedAppend]) -> tuple[list[int], list[int], list[int]]:
    """For each event its append, the condition of its stream, and its place among the batch's events of that stream; all from 1."""
    appends: list[int] = []
    conditions: list[int] = []
    places: list[int] = []
    counts: dict[str, int] = {}
    before = 0
    for number, append in enumerate(batch, 1):
        condition_of = {stream: place for place, (stream, _) in enumerate(append.conditions, before + 1)}
        before += len(append.conditions)
        for stream, *_ in append.rows:
            appends.append(number)
            conditions.append(condition_of[stream])
            counts[stream] = place = counts.get(stream, 0) + 1
            places.append(place)
    return appends, conditions, places


def _numbers(values: Iterable[object]) -> str:
    return ",".join(map(str, values))


def _texts(values: Iterable[str]) -> str:
    return SEPARATOR.join(values)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows as one list for each column."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
