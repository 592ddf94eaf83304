"""Bringing an archive into an empty database: all of it in one transaction, or nothing."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from events.archive.archive_file import ArchiveReader, ArchiveRefused
from events.archive.archive_tables import EVENTS, TABLES, Carried

_T = TypeVar("_T")

OCCUPIED: Final = " UNION ALL ".join(
    [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in [carried.table for carried in TABLES]]
    + ["SELECT 'log_head' WHERE EXISTS (SELECT 1 FROM log_head WHERE position > 0)"]
)


class TargetNotEmpty(Exception):
    """The database has a log already; nothing was brought in."""


class Stopped(Exception):
    """Whoever waited for this work has gone."""


def require_whole(archive: ArchiveReader) -> None:
    """Raise ArchiveRefused unless the archive begins where a log does."""
    if archive.header.after:
        raise ArchiveRefused(
            f"line 1: begins after position {archive.header.after}; only a log from its start can be brought in"
        )


async def stoppable(start: Callable[[threading.Event], Awaitable[_T]]) -> _T:
    """Await work that a thread does; when cancelled, set the event that it was given, and wait until the thread has let go."""
    stop = threading.Event()
    work = asyncio.ensure_future(start(stop))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise


def require_empty(occupied: list[str]) -> None:
    """Raise TargetNotEmpty where tables have rows."""
    if occupied:
        raise TargetNotEmpty(f"the database is not empty: there are rows in {', '.join(occupied)}")


def require_numbered(position: int | None) -> None:
    """Raise ArchiveRefused for the position of the first event whose version does not follow."""
    if position is not None:
        raise ArchiveRefused(f"line {position + 1}: the versions of its stream do not rise 1, 2, 3 … with positions")


def refused(carried: Carried, batch: list[Any], error: Exception) -> ArchiveRefused:
    """The error for a batch that the database did not take."""
    first = getattr(batch[0], carried.order)
    if carried is EVENTS:
        return ArchiveRefused(f"lines {first + 1} to {first + len(batch)}: an event's stream has this version already")
    return ArchiveRefused(f"{carried.table}: a row from {first!r} on was refused: {error}")
