"""Seals what the log has, behind it and never in its way: only what is committed, and a race between two that seal does no harm."""

import asyncio
import struct
import time
from collections.abc import Callable
from typing import Final

import structlog

from events.tamper_evidence.merkle import root
from events.tamper_evidence.seal import Seal, SealKey, leaves_of
from events.tamper_evidence.seal_file import SealFile
from events.tamper_evidence.seal_store import SealStore
from events.timestamps import now_us

QUIET_SECONDS: Final = 60.0
"""What is less than a full block is sealed once the log has not grown for so long,"""
OVERDUE_SECONDS: Final = 900.0
"""or once it has waited for so long, should the log never be quiet."""
PAUSE_SECONDS: Final = 0.02
"""Between blocks, so that a process that serves has no more than one block's hashing in a request's way."""
_FILE_PAGE: Final = 1_000

_log = structlog.get_logger("trivia.seals")


class LogDamaged(Exception):
    """What should be sealed has a gap, or rows that no log has written; `trivia events verify` says more."""


class Sealer:
    """Seals in blocks of `every` events, signed with `key`; new seals go to `file` as well."""

    def __init__(
        self,
        store: SealStore,
        key: SealKey,
        every: int,
        file: SealFile,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._key = key
        self._every = every
        self._file = file
        self._clock = clock
        self._in_file: int | None = None
        self._head = 0
        self._moved_at = clock()
        self._waiting_since: float | None = None

    async def round(self) -> None:
        """Seal every full block there is and, after a quiet time, the rest. Raises LogUnavailable and LogDamaged."""
        head, _ = await self._store.ends()
        now = self._clock()
        if head != self._head:
            self._head, self._moved_at = head, now
        last = await self._seal(head, rest=False, pause=PAUSE_SECONDS)
        if (last.last if last else 0) >= head:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = now
        elif now - self._moved_at >= QUIET_SECONDS or now - self._waiting_since >= OVERDUE_SECONDS:
            last = await self._seal(head, rest=True)
            self._waiting_since = None
        await self._write_file(last)

    async def seal_all(self) -> Seal | None:
        """Seal all that is committed now; the newest seal, None for an empty log. Raises as `round`, and OSError for the file."""
        head, _ = await self._store.ends()
        last = await self._seal(head, rest=True)
        await self._bring_file_to(last)
        return last

    async def _seal(self, head: int, *, rest: bool, pause: float = 0.0) -> Seal | None:
        """Seal up to `head`, or up to where the last full block ends; the newest seal. Pause after each block."""
        last = await self._store.last()
        while True:
            sealed = last.last if last else 0
            size = min(self._every, head - sealed)
            if size <= 0 or (size < self._every and not rest):
                return last
            seal = await self._block(last, sealed, sealed + size)
            # Somebody else may have been quicker; then theirs is the one to go on from.
            last = seal if await self._store.add(seal) else await self._store.last()
            await asyncio.sleep(pause)

    async def _block(self, previous: Seal | None, after: int, until: int) -> Seal:
        events = await self._store.events(after, until, until - after + 1)
        if [event[0] for event in events] != list(range(after + 1, until + 1)):
            raise LogDamaged(f"the events from {after + 1} to {until} cannot be sealed: not all of them are there")
        try:
            leaves = leaves_of(events)
        except (TypeError, struct.error) as error:
            raise LogDamaged(f"the events from {after + 1} to {until} cannot be sealed: {error}") from error
        return self._key.seal(previous, until, root(leaves), now_us(), b"".join(leaves))

    async def _write_file(self, last: Seal | None) -> None:
        try:
            await self._bring_file_to(last)
        except OSError as error:
            # The seals are in the database; the next round tries the file again.
            _log.warning("seal_file_not_written", file=str(self._file.path), reason=str(error))

    async def _bring_file_to(self, last: Seal | None) -> None:
        number = last.number if last else 0
        if self._in_file == number:
            return
        while True:
            newest = await asyncio.to_thread(self._file.newest)
            seals = await self._store.seals(newest + 1, _FILE_PAGE, leaves=False)
            if not seals:
                break
            await asyncio.to_thread(self._file.append, seals)
        self._in_file = number
