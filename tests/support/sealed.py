"""A sealed log, and somebody who has its database and not its key."""

import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from events.log import EventLog
from events.tamper_evidence.seal import Seal, SealKey, Signatures
from events.tamper_evidence.seal_file import SealFile
from events.tamper_evidence.sealer import Sealer
from events.tamper_evidence.verify import Report, verify
from tests.support.databases import SQLITE_PREFIX
from tests.support.postgres import PostgresServer, database_name
from tests.support.sample_events import write
from trivia.platform.storage import open_storage

_DROP_SQLITE = "".join(
    f"DROP TRIGGER IF EXISTS {trigger};"
    for trigger in (
        "events_refuse_update",
        "events_refuse_delete",
        "events_move_end",
        "seals_refuse_update",
        "seals_refuse_delete",
        "seals_refuse_replace",
    )
)
_DROP_POSTGRES = (
    "DROP TRIGGER IF EXISTS events_refuse_change ON events; DROP TRIGGER IF EXISTS seals_refuse_change ON seals;"
)


class SealedLog:
    """A log on either database, with what seals it in blocks of `every` and verifies it."""

    def __init__(self, url: str, log: EventLog, database: Any, directory: Path, every: int) -> None:
        self.url = url
        self.log = log
        self.store = database.seals()
        self.key = SealKey(os.urandom(32))
        self.file = SealFile(directory / "outside" / "seals.ndjson")
        self.every = every
        self.sealer = self.make_sealer()

    def make_sealer(self, **more: Any) -> Sealer:
        return Sealer(self.store, self.key, self.every, self.file, **more)

    async def grow(self, count: int) -> None:
        """Append so many events, one by one, to three streams in turn."""
        for number in range(count):
            await self.log.append([write(f"stream-{number % 3}", -2, number)])

    async def verify(self, *, with_file: bool = True, **more: Any) -> Report:
        outside = self.file.read()[0] if with_file else []
        return await verify(self.store, Signatures([self.key.public]), outside=outside, **more)

    async def positions_at_fault(self, **more: Any) -> list[int | None]:
        return [fault.position for fault in (await self.verify(**more)).faults]

    async def seals(self) -> list[Seal]:
        return await self.store.seals(1, 1_000)


Tamper = Callable[[str], None]


def tamperer(url: str, server: PostgresServer, *, guarded: bool = False) -> Tamper:
    """Runs statements as somebody does who owns the database: without the triggers, unless it is still `guarded`."""

    def tamper(statements: str) -> None:
        if url.startswith(SQLITE_PREFIX):
            connection = sqlite3.connect(url.removeprefix(SQLITE_PREFIX), isolation_level=None, timeout=10)
            try:
                # The log goes on afterwards, and needs the trigger that moves its end.
                [(move_end,)] = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'events_move_end'")
                connection.executescript(statements if guarded else f"{_DROP_SQLITE} {statements}; {move_end};")
            finally:
                connection.close()
        else:
            server.sql(statements if guarded else _DROP_POSTGRES + statements, database_name(url))

    return tamper


@asynccontextmanager
async def open_sealed(url: str, directory: Path, every: int = 8) -> AsyncIterator[SealedLog]:
    """An empty log."""
    async with open_storage(url) as storage:
        yield SealedLog(url, storage.log, storage.database, directory, every)
