"""Backups of everything that cannot be rebuilt, made while the service runs, and their restore.

Of a SQLite database a backup is a copy of its file, read models and all. Of a PostgreSQL database
it is an archive of the log with everything that belongs to it (`events.archive.archive_file`), from
which the read models are built again. Either holds the keys under which personal data is encrypted.
The setting `secret_key` is in neither.
"""

import asyncio
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from events.archive.archive_file import ArchiveReader
from events.archive.files import create_archive, open_archive, sync, temporary_beside, whole_file
from events.archive.source import export_log
from events.archive.sqlite_copy import MAGIC, check_database, copy_database, put_in_place
from events.archive.target import stoppable
from trivia.platform.storage import SQLITE_PREFIX, Storage, migrate, open_storage

SOFTWARE: Final = version("trivia")
"""What is named in archives."""

_CHUNK_BYTES: Final = 4 * 1024 * 1024

Progress = Callable[[int, int], None]
"""Hears how much is done, and of how much."""


class Restored(NamedTuple):
    """The head; whether read models must be rebuilt; where the previous database was moved."""

    head: int
    log_alone: bool
    aside: Path | None = None


class WrongKind(Exception):
    """This backup cannot be restored into this kind of database."""


async def back_up(storage: Storage, path: Path, progress: Progress) -> int:
    """Save the database as it is now to a new file; the position of the last event in it.

    Raises FileExistsError and other OSErrors, LogUnavailable and DamagedDatabase; then there is no
    file.
    """
    if (source_file := storage.database.file) is not None:
        with whole_file(path) as partial:
            return await stoppable(lambda stop: asyncio.to_thread(copy_database, source_file, partial, progress, stop))
    with create_archive(path) as file:
        async with storage.database.source() as source:
            return (await export_log(source, file, progress, software=SOFTWARE, keys=True)).head


async def restore(database_url: str, path: Path, progress: Progress, *, force: bool) -> Restored:
    """Restore a backup where there is no database; with `force`, SQLite's is moved aside.

    A PostgreSQL database must be empty; its schema is brought up to date. Raises OSError,
    WrongKind, DamagedDatabase, DatabaseInUse, ArchiveRefused, TargetNotEmpty, MigrationRefused and
    LogUnavailable; then nothing is changed.
    """
    with path.open("rb") as file:
        is_sqlite = file.read(len(MAGIC)) == MAGIC
    if not database_url.startswith(SQLITE_PREFIX):
        if is_sqlite or force:
            raise WrongKind(
                "this is a copy of a SQLite database; restore it into one, and move its log with `trivia events export`"
                if is_sqlite
                else "only a SQLite database can be moved aside; make an empty PostgreSQL database"
            )
        return Restored(await _import(database_url, path, progress), log_alone=True)
    target = Path(database_url.removeprefix(SQLITE_PREFIX))
    target.parent.mkdir(parents=True, exist_ok=True)
    with temporary_beside(target) as made:
        if is_sqlite:
            head = await _copy_checked(path, made, progress)
        else:
            head = await _import(f"{SQLITE_PREFIX}{made}", path, progress)
        sync(made)
        return Restored(head, not is_sqlite, put_in_place(made, target, force=force))


async def _import(database_url: str, path: Path, progress: Progress) -> int:
    with open_archive(path) as file:
        archive = ArchiveReader(file)
        if not archive.header.keys:
            raise WrongKind(
                "this is a log without the keys of personal data, and no backup; `trivia events import` takes it"
            )
        await migrate(database_url)
        async with open_storage(database_url) as storage:
            await storage.database.load(archive, progress)
        return archive.header.until


async def _copy_checked(path: Path, made: Path, progress: Progress) -> int:
    """Copy a backup of a SQLite database; check its integrity, and that its schema is not newer."""
    with path.open("rb") as source, made.open("wb") as copy:
        total = os.fstat(source.fileno()).st_size
        while chunk := source.read(_CHUNK_BYTES):
            copy.write(chunk)
            progress(copy.tell(), total)
            # Lets a Ctrl-C in.
            await asyncio.sleep(0)
    head = await stoppable(lambda stop: asyncio.to_thread(check_database, made, stop))
    await migrate(f"{SQLITE_PREFIX}{made}", check=True)
    return head
