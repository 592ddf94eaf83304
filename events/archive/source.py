"""Reading the carried tables of a database as they are at one moment, and writing them to an archive."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from events.archive.archive_file import FORMAT, ArchiveWriter, Header, Writable
from events.archive.archive_tables import EVENTS, TABLES, Carried

Progress = Callable[[int, int], None]
"""Hears of the position reached and the last one."""

LONG_SECONDS: Final = 86_400.0
"""For statements that go through a whole table, however large."""

HEAD: Final = "SELECT position FROM log_head"


class Source(ABC):
    """The carried tables at one moment. Everything raises LogUnavailable."""

    @abstractmethod
    async def head(self) -> int:
        """The position of the last event."""

    @abstractmethod
    async def count(self, carried: Carried, condition: str) -> int:
        """How many rows fit a condition in SQL."""

    @abstractmethod
    def rows(self, carried: Carried, condition: str) -> AsyncIterator[list[Any]]:
        """Those rows in pages, ordered, texts by their code points."""


async def export_log(
    source: Source,
    file: Writable,
    progress: Progress,
    *,
    software: str,
    keys: bool,
    after: int = 0,
    until: int | None = None,
) -> Header:
    """Write the events beyond `after` up to `until` (at most the head), and what belongs to them. Raises LogUnavailable.

    `keys` says whether the keys of subjects go with them; `software` is the version to name in the header.
    """
    head = await source.head()
    until = head if until is None else min(until, head)
    after = min(after, until)
    conditions = [(carried, carried.condition(after, until)) for carried in TABLES if keys or not carried.secret]
    counts = {carried.table: await source.count(carried, condition) for carried, condition in conditions}
    header = Header(FORMAT, software, head, after, until, keys, counts)
    writer = ArchiveWriter(file, header)
    for carried, condition in conditions:
        async for page in source.rows(carried, condition):
            writer.write(carried, page)
            if carried is EVENTS:
                progress(page[-1][0], until)
    writer.finish()
    return header
