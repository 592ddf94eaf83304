"""Appends with the software of version 0.1.0 until its standard input ends.

    PYTHONPATH=tests/crash/previous/trivia-0.1.0.zip python tests/crash/programs/previous_writer.py URL NAME

Run as a file, with nothing of the tree but itself, so that every import of `events` is that version's.
Says one line of JSON for each acknowledged append: [first, last].
"""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator

from events.database.postgres import PostgresDatabase
from events.database.sqlite import SqliteDatabase

from events.log import ANY, EXISTS, Appended, Command, EventLog, Guard, StreamMoved, StreamWrite
from events.postgres import PostgresLog
from events.sqlite import SqliteLog
from events.vocabulary.questions import StarterBankAdded

SQLITE_PREFIX = "sqlite:///"
PAUSE_SECONDS = 0.01


def write(stream: str, expect: int, *numbers: int) -> StreamWrite:
    return StreamWrite(stream, expect, [StarterBankAdded(number) for number in numbers or (0,)])


def say(done: Appended) -> None:
    os.write(sys.stdout.fileno(), f"[{done.first}, {done.last}]\n".encode())


class Writer:
    """Four ways of appending, each until it is stopped."""

    def __init__(self, log: EventLog, name: str) -> None:
        self._log = log
        self._name = name
        self._stopped = threading.Event()
        threading.Thread(target=self._wait_for_end, daemon=True).start()

    def _wait_for_end(self) -> None:
        sys.stdin.read()
        self._stopped.set()

    async def run(self) -> None:
        # The stream that all writers guard.
        say(await self._log.append([write("start", ANY)]))
        await asyncio.gather(self.commanded(), self.plain(), self.guarded(), self.counting())

    async def _turns(self) -> AsyncIterator[int]:
        number = 0
        while not self._stopped.is_set():
            yield number
            number += 1
            # Or the log would be too long to be looked at.
            await asyncio.sleep(PAUSE_SECONDS)

    async def commanded(self) -> None:
        async for version in self._turns():
            name = f"own-{self._name}-{version}"
            command = Command(name, name.encode().rjust(16, b"."))
            say(await self._log.append([write(f"own-{self._name}", version), write("shared", ANY)], command=command))

    async def plain(self) -> None:
        async for number in self._turns():
            say(await self._log.append([write(f"plain-{self._name}", number * 3, 1, 2, 3)]))

    async def guarded(self) -> None:
        async for _ in self._turns():
            say(await self._log.append([write(f"guarded-{self._name}", ANY, 1, 2)], guards=[Guard("start", EXISTS)]))

    async def counting(self) -> None:
        async for _ in self._turns():
            [version] = await self._log.versions(["counter"])
            with contextlib.suppress(StreamMoved):
                say(await self._log.append([write("counter", version, version)]))


async def main(url: str, name: str) -> None:
    if url.startswith(SQLITE_PREFIX):
        database = await SqliteDatabase.open(url.removeprefix(SQLITE_PREFIX))
        log = SqliteLog(database)
    else:
        database = await PostgresDatabase.open(url)
        log = PostgresLog(database)
    await Writer(log, name).run()
    await log.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
