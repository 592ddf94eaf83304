"""Appends one after another and kills itself at a named point inside one of them.

    python -m tests.crash.programs.doomed URL POINT NUMBER [plain]

For SQLite, POINT is the beginning of the SQL statement before which it dies, or with `#n` behind it, at the n-th sign of that
statement, since it gives one for each trigger that it sets off; for both databases it may also be `before` the database hears of the
append or `after` it answered. NUMBER says in which append, the first is 0; -1 for never.
Says `attempt <number>` before and `[first, last]` after each append.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from typing import Any

from events.log import EventLog
from events.postgres.connection import PostgresDatabase
from events.postgres.log import PostgresLog
from events.sqlite.connection import SqliteDatabase
from events.sqlite.log import SqliteLog
from events.vocabulary import REGISTRY
from tests.crash.attempts import attempt
from tests.support.databases import SQLITE_PREFIX
from tests.support.programs import say

APPENDS = 6


class Fate:
    """Decides when it is over."""

    def __init__(self, point: str, number: int) -> None:
        self._point, _, times = point.partition("#")
        self._left = int(times or 1)
        self._number = number
        self.current = 0

    def reached(self, point: str) -> None:
        if self.current == self._number and point.startswith(self._point):
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


def doomed_sqlite(fate: Fate) -> type[SqliteDatabase]:
    class Doomed(SqliteDatabase):
        def _transact(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
            return self._watch(super()._transact, work)

        def _execute(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> bool:
            return bool(self._watch(super()._execute, statements))

        def _watch(self, work: Callable[..., Any], *arguments: Any) -> Any:
            fate.reached("before")
            self._writer.set_trace_callback(lambda statement: fate.reached(statement.strip()))
            result = work(*arguments)
            fate.reached("after")
            return result

    return Doomed


def doomed_postgres(fate: Fate) -> type[PostgresDatabase]:
    class Doomed(PostgresDatabase):
        async def append(self, sql: str, *parameters: Any, **more: Any) -> list[Any]:
            fate.reached("before")
            result = await super().append(sql, *parameters, **more)
            fate.reached("after")
            return result

    return Doomed


async def main(url: str, point: str, number: int, *, plain: bool) -> None:
    fate = Fate(point, number)
    log: EventLog
    if url.startswith(SQLITE_PREFIX):
        path = url.removeprefix(SQLITE_PREFIX)
        log = SqliteLog(await doomed_sqlite(fate).open(path), REGISTRY)
    else:
        log = PostgresLog(await doomed_postgres(fate).open(url), REGISTRY)
    for current in range(APPENDS):
        fate.current = current
        say(f"attempt {current}")
        done = await attempt(log, current, plain=plain)
        say(f"[{done.first}, {done.last}]")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), plain="plain" in sys.argv[4:]))
