"""Seals the log in the background of the leading process, with a key kept outside the database."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from events.log import LogUnavailable
from events.tamper_evidence.seal import KEY_BYTES, Seal, SealKey
from events.tamper_evidence.seal_file import SealFile
from events.tamper_evidence.sealer import LogDamaged, Sealer
from projections.storage.backend import Backend
from projections.storage.leadership import leadership_of
from trivia.platform.key_files import read_or_make
from trivia.settings import Settings, SettingsError

LEADER: Final = "sealer"
"""The name of the lock of the sealing process."""
INTERVAL_SECONDS: Final = 2.0
RETRY_SECONDS: Final = 5.0
DAMAGED_SECONDS: Final = 60.0
"""How often to say that the log cannot be sealed."""

_KEY_FILE: Final = "seal_key"
_SEAL_FILE: Final = "seals.ndjson"
_HEXADECIMAL: Final = re.compile(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}")

_log = structlog.get_logger("trivia.seals")


class Sealing:
    """The seals of one installation.

    Raises SettingsError for a key that is invalid or unreadable.
    """

    def __init__(self, settings: Settings, database: Backend) -> None:
        directory = Path(settings.data_dir)
        self._database = database
        self.store = database.seals()
        self.key = SealKey(load_key(settings.seal_key, directory))
        self.file = SealFile(Path(settings.seal_file) if settings.seal_file else directory / _SEAL_FILE)
        self.sealer = Sealer(self.store, self.key, settings.seal_every, self.file)

    async def run(self) -> None:
        """Seal while this process leads, until cancelled. Errors delay seals and nothing else."""
        leadership = leadership_of(self._database, LEADER)
        try:
            while True:
                try:
                    if await leadership.acquire():
                        await self.sealer.round()
                    await asyncio.sleep(INTERVAL_SECONDS)
                except LogUnavailable as error:
                    _log.warning("sealing_delayed", reason=str(error))
                    await asyncio.sleep(RETRY_SECONDS)
                except LogDamaged as error:
                    _log.critical("sealing_failed", reason=str(error))
                    await asyncio.sleep(DAMAGED_SECONDS)
        finally:
            with contextlib.suppress(LogUnavailable):
                await leadership.release()

    async def outside(self, path: Path | None = None) -> tuple[Sequence[Seal], list[int]]:
        """The seals in the file outside, and the lines that are none.

        Without a `path` the file may be missing. Raises OSError.
        """
        try:
            return await asyncio.to_thread((SealFile(path) if path else self.file).read)
        except FileNotFoundError:
            if path is not None:
                raise
            return [], []


def load_key(secret: str | None, directory: Path) -> bytes:
    """The key that signs seals: the setting's, else that of `directory`/seal_key, made if missing.

    Raises SettingsError when the file cannot be made or read, or holds no key.
    """
    if secret is not None:
        return bytes.fromhex(secret)
    path = directory / _KEY_FILE
    try:
        text = read_or_make(path, lambda: secrets.token_hex(KEY_BYTES)).decode("ascii", "replace")
    except OSError as error:
        raise SettingsError(f"the key that signs seals: {error}") from error
    if not _HEXADECIMAL.fullmatch(text):
        raise SettingsError(f"{path} does not hold a key of {2 * KEY_BYTES} hexadecimal digits")
    return bytes.fromhex(text)


def read_public_key(text: str) -> bytes:
    """A public key from its hexadecimal digits, or from the file that holds them.

    Raises ValueError and OSError.
    """
    if not _HEXADECIMAL.fullmatch(text):
        path, text = text, Path(text).read_text(encoding="ascii", errors="replace").strip()
        if not _HEXADECIMAL.fullmatch(text):
            raise ValueError(f"{path} does not hold {2 * KEY_BYTES} hexadecimal digits")
    return bytes.fromhex(text)
