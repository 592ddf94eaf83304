"""Personal data in a log that forgets nothing: each subject has a key, and dropping the key makes their data unreadable.

A subject is a user. What an event says of them in person is sealed under their key (AES-256-GCM, NIST SP 800-38D) and stands in the
log as base64 of nonce, ciphertext and tag; the subject's id is authenticated with it, so sealed text moved to another subject does not
open. Keys live in the table `subject_keys`, outside the log. A key is made before the first event that needs it and never made twice.

Forgetting is begun before it is recorded (`begin_forgetting`), recorded by the caller (SubjectForgotten), and then carried out
(`forget`). What a crash leaves half done is found by `half_forgotten`. In a SQLite file not a byte of the key remains after `forget`,
in the file or its write-ahead log. PostgreSQL keeps dead rows until it vacuums, and its write-ahead log until it is recycled (or as
long as its archive is kept); copies and backups of either database keep the keys they were made with.
"""

import asyncio
import base64
import binascii
import os
import sqlite3
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.postgres.connection import Connection, PostgresDatabase
from events.sqlite.connection import SqliteDatabase

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_CACHED_KEYS: Final = 10_000
_INSTALLATION: Final = "installation"
_SCRUB_ATTEMPTS: Final = 5
_SCRUB_PAUSE_SECONDS: Final = 0.2

_log = structlog.get_logger("trivia.subject_keys")


class SubjectUnknown(LookupError):
    """There is no key for this subject: it was never made, or the subject is forgotten."""


class SealBroken(ValueError):
    """Sealed text that was damaged, or that belongs to another subject."""


class SubjectKeys:
    """Seals and opens what is personal. Keys in use are kept in memory, at most `cached` of them."""

    def __init__(self, database: SqliteDatabase | PostgresDatabase, *, cached: int = _CACHED_KEYS) -> None:
        self._keys = SqliteKeys(database) if isinstance(database, SqliteDatabase) else PostgresKeys(database)
        self._ciphers: OrderedDict[str, AESGCM] = OrderedDict()
        self._cached = cached
        self._drops = 0
        self._installation: bytes | None = None

    async def create(self, subject: str) -> None:
        """Make the subject's key, durably. A key that is there already stays."""
        await self._keys.insert(subject, os.urandom(KEY_BYTES))

    async def seal(self, subject: str, fields: Mapping[str, Any]) -> str:
        """The fields as one sealed text. Raises SubjectUnknown and LogUnavailable."""
        cipher = (await self._load([subject])).get(subject)
        if cipher is None:
            raise SubjectUnknown(subject)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, msgspec.json.encode(fields), subject.encode())
        return base64.b64encode(sealed).decode()

    async def open(self, subject: str, sealed: str) -> dict[str, Any] | None:
        """The fields that were sealed, or None when the subject is forgotten. Raises SealBroken and LogUnavailable."""
        return (await self.open_many([(subject, sealed)]))[0]

    async def open_many(self, sealed: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        """As `open`, for many pairs of subject and sealed text at the cost of one query."""
        ciphers = await self._load(dict.fromkeys(subject for subject, _ in sealed))
        return [_unseal(ciphers.get(subject), subject, text) for subject, text in sealed]

    async def begin_forgetting(self, subject: str) -> None:
        """Note, durably, that the subject is about to be forgotten."""
        await self._keys.mark(subject)

    async def half_forgotten(self) -> list[str]:
        """The subjects whose forgetting was begun but not carried out. Whether it was recorded, the log knows."""
        return await self._keys.marked()

    async def forget(self, subject: str) -> None:
        """Destroy the subject's key, for ever; doing it again does no harm."""
        self.drop(subject)
        await self._keys.delete(subject)
        # Whoever was reading the key while it was being deleted must not put it back.
        self.drop(subject)

    def drop(self, subject: str) -> None:
        """Let go of a key held in memory, since another process may have destroyed it."""
        self._drops += 1
        self._ciphers.pop(subject, None)

    async def installation_key(self) -> bytes:
        """The one key of this installation, the same in all its processes: 32 bytes, made when first asked for."""
        if self._installation is None:
            found = await self._keys.select([_INSTALLATION])
            if not found:
                await self._keys.insert(_INSTALLATION, os.urandom(KEY_BYTES))
                found = await self._keys.select([_INSTALLATION])
            self._installation = found[_INSTALLATION]
        return self._installation

    async def _load(self, subjects: Iterable[str]) -> dict[str, AESGCM]:
        found: dict[str, AESGCM] = {}
        missing = []
        for subject in subjects:
            if cipher := self._ciphers.get(subject):
                self._ciphers.move_to_end(subject)
                found[subject] = cipher
            else:
                missing.append(subject)
        if missing:
            drops = self._drops
            for subject, key in (await self._keys.select(missing)).items():
                found[subject] = AESGCM(key)
                if drops == self._drops:
                    self._keep(subject, found[subject])
        return found

    def _keep(self, subject: str, cipher: AESGCM) -> None:
        self._ciphers[subject] = cipher
        while len(self._ciphers) > self._cached:
            self._ciphers.popitem(last=False)


def _unseal(cipher: AESGCM | None, subject: str, sealed: str) -> dict[str, Any] | None:
    if cipher is None:
        return None
    try:
        raw = base64.b64decode(sealed, validate=True)
        plain = cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], subject.encode())
        return msgspec.json.decode(plain, type=dict[str, Any])
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise SealBroken(f"what is sealed for {subject} does not open") from error


class KeyTable(ABC):
    """The tables `subject_keys` and `subjects_leaving` in one kind of database. Everything raises LogUnavailable."""

    @abstractmethod
    async def insert(self, subject: str, key: bytes) -> None:
        """Store a key, unless the subject has one."""

    @abstractmethod
    async def select(self, subjects: Sequence[str]) -> dict[str, bytes]:
        """The keys of those subjects that have one."""

    @abstractmethod
    async def mark(self, subject: str) -> None:
        """Note that the key is about to be deleted."""

    @abstractmethod
    async def marked(self) -> list[str]:
        """Every subject with such a note."""

    @abstractmethod
    async def delete(self, subject: str) -> None:
        """Delete the key and the note."""


class SqliteKeys(KeyTable):
    """See KeyTable. Deletes leave no bytes behind: `secure_delete` is on, and the write-ahead log is emptied."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def insert(self, subject: str, key: bytes) -> None:
        """See KeyTable.insert."""
        await self._write([("INSERT OR IGNORE INTO subject_keys (subject, key) VALUES (?, ?)", (subject, key))])

    async def select(self, subjects: Sequence[str]) -> dict[str, bytes]:
        """See KeyTable.select."""
        wanted = msgspec.json.encode(subjects).decode()
        sql = "SELECT subject, key FROM subject_keys WHERE subject IN (SELECT value FROM json_each(?))"
        return dict(await self._database.read(sql, (wanted,)))

    async def mark(self, subject: str) -> None:
        """See KeyTable.mark."""
        await self._write([("INSERT OR IGNORE INTO subjects_leaving (subject) VALUES (?)", (subject,))])

    async def marked(self) -> list[str]:
        """See KeyTable.marked."""
        return [row[0] for row in await self._database.read("SELECT subject FROM subjects_leaving ORDER BY subject")]

    async def delete(self, subject: str) -> None:
        """See KeyTable.delete. The note goes last, so that a crash before the file is clean leaves it standing."""
        await self._write([("DELETE FROM subject_keys WHERE subject = ?", (subject,))])
        for _ in range(_SCRUB_ATTEMPTS):
            if await self._database.empty_write_ahead_log():
                break
            await asyncio.sleep(_SCRUB_PAUSE_SECONDS)
        else:
            # A reader of another process holds on to old pages. The note stays, and with it the next start's attempt.
            _log.warning("wal_truncation_failed", subject=subject)
            return
        await self._write([("DELETE FROM subjects_leaving WHERE subject = ?", (subject,))])

    async def _write(self, statements: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            for sql, values in statements:
                connection.execute(sql, values)

        await self._database.write(work)


class PostgresKeys(KeyTable):
    """See KeyTable."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def insert(self, subject: str, key: bytes) -> None:
        """See KeyTable.insert."""
        await self._execute(
            "INSERT INTO subject_keys (subject, key) VALUES ($1, $2) ON CONFLICT DO NOTHING", subject, key
        )

    async def select(self, subjects: Sequence[str]) -> dict[str, bytes]:
        """See KeyTable.select."""
        sql = "SELECT subject, key FROM subject_keys WHERE subject = ANY ($1::text[])"
        return {row["subject"]: row["key"] for row in await self._database.read(sql, list(subjects))}

    async def mark(self, subject: str) -> None:
        """See KeyTable.mark."""
        await self._execute("INSERT INTO subjects_leaving (subject) VALUES ($1) ON CONFLICT DO NOTHING", subject)

    async def marked(self) -> list[str]:
        """See KeyTable.marked."""
        rows = await self._database.read("SELECT subject FROM subjects_leaving ORDER BY subject")
        return [row["subject"] for row in rows]

    async def delete(self, subject: str) -> None:
        """See KeyTable.delete."""

        async def work(connection: Connection) -> None:
            await connection.execute("DELETE FROM subject_keys WHERE subject = $1", subject)
            await connection.execute("DELETE FROM subjects_leaving WHERE subject = $1", subject)

        await self._database.write(work)

    async def _execute(self, sql: str, *values: Any) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(sql, *values)

        await self._database.write(work)
