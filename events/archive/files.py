"""Files that hold what is private: they appear under their name once they are whole, for their owner alone, and replace nothing."""

import errno
import gzip
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final, cast

from events.archive.archive_file import Readable, Writable

_MODE: Final = 0o600
_COMPRESSION: Final = 5
"""Of the nine levels of gzip, where more costs much time and gains little."""
_SQLITE_SIBLINGS: Final = ("-journal", "-wal", "-shm")


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """An empty file beside `path`, for its owner alone; gone when the block ends, unless it was given another name."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _MODE))
    try:
        yield partial
    finally:
        for suffix in ("", *_SQLITE_SIBLINGS):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file to fill, which becomes `path` when the block ends well, and is gone when it does not.

    Raises FileExistsError for a `path` that is there, before the block or after it.
    """
    if os.path.lexists(path):
        raise _exists(path)
    with temporary_beside(path) as partial:
        yield partial
        sync(partial)
        place(partial, path)


def place(file: Path, path: Path) -> None:
    """Give the file a new name, durably. Raises FileExistsError when something has it."""
    try:
        os.link(file, path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError:
        # A file system without links: the name is looked at first, which is nearly as good.
        if os.path.lexists(path):
            raise _exists(path) from None
        file.rename(path)
    else:
        file.unlink()
    sync(path.parent)


def _exists(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, "is there already, and is not overwritten", str(path))


def sync(path: Path) -> None:
    """Bring a file, or a directory's names, to disk."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def create_archive(path: Path) -> Iterator[Writable]:
    """Where to write an archive, compressed if the name ends in `.gz`. See `whole_file`."""
    with ExitStack() as stack:
        partial = stack.enter_context(whole_file(path))
        file: IO[bytes] = stack.enter_context(partial.open("wb"))
        if path.suffix == ".gz":
            # Neither name nor time in it, so that the same log gives the same bytes.
            packed = gzip.GzipFile("", "wb", _COMPRESSION, file, mtime=0)
            yield cast("Writable", stack.enter_context(packed))
        else:
            yield file


@contextmanager
def open_archive(path: Path) -> Iterator[Readable]:
    """An archive to read, compressed or not, whatever its name."""
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        yield cast("Readable", stack.enter_context(gzip.GzipFile("", "rb", fileobj=file))) if packed else file
