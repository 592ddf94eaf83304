"""Secrets of the service's own, each kept in a file that only its user may read."""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path


def read_or_make(path: Path, make: Callable[[], str]) -> bytes:
    """The content of a file, stripped.

    Processes that start at once agree on who makes it. Raises OSError.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path, make())
    require_private(path)
    return path.read_bytes().strip()


def require_private(path: Path) -> None:
    """Refuse a secret that every user of the machine can read or change.

    Not on a read-only file system: the mode of a secret mounted into a container cannot be changed.
    Raises PermissionError, which says what to do, and OSError.
    """
    if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH) and not os.statvfs(path).f_flag & os.ST_RDONLY:
        raise PermissionError(f"{path} can be read by others; run: chmod 600 {path}")


def _make(path: Path, text: str) -> None:
    # Written in full under another name first, then linked: processes that start together all read the one that was linked first.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
