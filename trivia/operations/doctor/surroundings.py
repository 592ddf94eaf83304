"""Checks of what lies around the database: settings, disk, keys."""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from trivia.operations.doctor.findings import Finding, note, ok, wrong
from trivia.platform.storage import SQLITE_PREFIX
from trivia.settings import Origin, Settings, SettingsError

LITTLE: Final = 100 * 2**20
"""Bytes free below which it is time to act: a busy log writes as much in minutes."""
SOON: Final = 1024 * 2**20
"""Bytes free below which it is worth knowing."""

SECRETS: Final = {
    "secret_key": "access tokens signed with another are worth nothing",
    "seal_key": "seals signed with another are not this installation's",
}
"""Settings that may be a file of that name in data_dir instead, and what its loss means."""

_MEBIBYTE: Final = 2**20


def describe_wrong_settings(error: SettingsError) -> list[Finding]:
    """A finding for each setting at fault."""
    return [wrong("settings", line) for line in str(error).splitlines()]


def check_settings(origins: Iterable[Origin]) -> list[Finding]:
    """Say that the settings are right, and how many were given."""
    given = [origin.setting for origin in origins if origin.source != "default"]
    summary = f"given: {', '.join(given)}" if given else "none given, so all are at their defaults"
    return [ok("settings", f"All settings are right; {summary}.")]


def check_disk(settings: Settings, little: int = LITTLE, soon: int = SOON) -> Iterator[Finding]:
    """Say whether there is room where files are kept, and whether they may be written."""
    places = {Path(settings.data_dir).resolve(): "data directory"}
    if settings.database_url.startswith(SQLITE_PREFIX):
        folder = Path(settings.database_url.removeprefix(SQLITE_PREFIX)).resolve().parent
        places[folder] = "data directory and database" if folder in places else "database"
    for folder, what in places.items():
        yield _look_at(folder, what, little, soon)


def _look_at(folder: Path, what: str, little: int, soon: int) -> Finding:
    if not folder.exists():
        return note("disk", f"{folder} ({what}) is not there yet; the first start makes it.")
    if not folder.is_dir():
        return wrong("disk", f"{folder} ({what}) is no directory.")
    if not os.access(folder, os.W_OK | os.X_OK):
        return wrong("disk", f"{folder} ({what}) cannot be written by this user.")
    free = shutil.disk_usage(folder).free
    summary = f"{free // _MEBIBYTE:,} MiB free for {folder} ({what})"
    if free < little:
        return wrong("disk", f"Only {summary}: nothing can be stored once that is used up.")
    return note("disk", f"No more than {summary}.") if free < soon else ok("disk", f"{summary}.")


def check_keys(settings: Settings) -> Iterator[Finding]:
    """Say whether the keys that the service keeps in files are there, for nobody but itself."""
    for name, meaning in SECRETS.items():
        path = Path(settings.data_dir, name)
        if getattr(settings, name) is not None:
            yield ok("keys", f"{name} is given as a setting.")
        elif not path.exists():
            yield note("keys", f"{path} is not there; the next start makes one, and {meaning}.")
        else:
            yield _look_at_key(path)


def _look_at_key(path: Path) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return wrong("keys", f"{path} may be used by others than its owner (mode {mode:04o}): run `chmod 600 {path}`.")
    try:
        if not path.read_bytes().strip():
            return wrong("keys", f"{path} is empty.")
    except OSError as error:
        return wrong("keys", f"{path} cannot be read: {error.strerror}.")
    return ok("keys", f"{path} is there, for its owner alone.")
