"""Encryption of personal data with a key for each subject, whose deletion erases the data.

A subject is a user. Personal fields of events are encrypted with AES-256-GCM (NIST SP 800-38D) and
stored as base64 of nonce, ciphertext and tag. The subject's id is authenticated data, so ciphertext
copied to another subject does not decrypt. Keys are in the table `subject_keys`, outside the log. A
key is stored before the first event that needs it, and never replaced.

Erasure has three steps: `begin_forgetting`, the caller's SubjectForgotten event, `forget`. Erasures
that a crash interrupted are listed by `half_forgotten`. After `forget` no byte of the key remains
in a SQLite file or its write-ahead log. PostgreSQL keeps dead rows until it vacuums, and its
write-ahead log until it is recycled or for as long as it is archived. Backups keep the keys they
were made with.
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
    """There is no key for this subject: there never was one, or the subject was erased."""


class DecryptionFailed(ValueError):
    """The ciphertext is damaged, or belongs to another subject."""


class SubjectKeys:
    """Encrypts and decrypts personal data.

    The keys used last are cached, at most `cached` of them.
    """

    def __init__(self, database: SqliteDatabase | PostgresDatabase, *, cached: int = _CACHED_KEYS) -> None:
        self._keys = SqliteKeys(database) if isinstance(database, SqliteDatabase) else PostgresKeys(database)
        self._ciphers: OrderedDict[str, AESGCM] = OrderedDict()
        self._cached = cached
        self._drops = 0
        self._installation: bytes | None = None

    async def create(self, subject: str) -> None:
        """Store a new key for the subject. An existing key stays."""
        await self._keys.insert(subject, os.urandom(KEY_BYTES))

    async def encrypt(self, subject: str, fields: Mapping[str, Any]) -> str:
        """The fields as one ciphertext in base64. Raises SubjectUnknown and LogUnavailable."""
        cipher = (await self._load([subject])).get(subject)
        if cipher is None:
            raise SubjectUnknown(subject)
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext = cipher.encrypt(nonce, msgspec.json.encode(fields), subject.encode())
        return base64.b64encode(nonce + ciphertext).decode()

    async def decrypt(self, subject: str, encrypted: str) -> dict[str, Any] | None:
        """The fields, or None when the subject was erased.

        Raises DecryptionFailed and LogUnavailable.
        """
        return (await self.decrypt_many([(subject, encrypted)]))[0]

    async def decrypt_many(self, encrypted: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        """As `decrypt`, for many pairs of subject and text with one query."""
        ciphers = await self._load(dict.fromkeys(subject for subject, _ in encrypted))
        return [_decrypt(ciphers.get(subject), subject, text) for subject, text in encrypted]

    async def begin_forgetting(self, subject: str) -> None:
        """Store a note that the subject is about to be erased."""
        await self._keys.mark(subject)

    async def half_forgotten(self) -> list[str]:
        """The subjects whose erasure has begun; the log says whether it was recorded."""
        return await self._keys.marked()

    async def forget(self, subject: str) -> None:
        """Delete the subject's key for ever. Idempotent."""
        self.drop(subject)
        await self._keys.delete(subject)
        # A task that read the key while it was being deleted must not cache it again.
        self.drop(subject)

    def drop(self, subject: str) -> None:
        """Remove a key from the cache, since another process may have deleted it."""
        self._drops += 1
        self._ciphers.pop(subject, None)

    async def installation_key(self) -> bytes:
        """The key of this installation, 32 bytes, shared by its processes; made when first used."""
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


def _decrypt(cipher: AESGCM | None, subject: str, encrypted: str) -> dict[str, Any] | None:
    if cipher is None:
        return None
    try:
        raw = base64.b64decode(encrypted, validate=True)
        plain = cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], subject.encode())
        return msgspec.json.decode(plain, type=dict[str, Any])
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise DecryptionFailed(f"the personal data of {subject} cannot be decrypted") from error


class KeyTable(ABC):
    """The tables `subject_keys` and `subjects_leaving` of one database.

    All methods raise LogUnavailable.
    """

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
        """The subjects with such a note."""

    @abstractmethod
    async def delete(self, subject: str) -> None:
        """Delete the key and the note."""


class SqliteKeys(KeyTable):
    """See KeyTable.

    `secure_delete` overwrites deleted keys, and the write-ahead log is truncated.
    """

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
        """See KeyTable.delete.

        The note is deleted last, so that it survives a crash before the truncation.
        """
        await self._write([("DELETE FROM subject_keys WHERE subject = ?", (subject,))])
        for _ in range(_SCRUB_ATTEMPTS):
            if await self._database.empty_write_ahead_log():
                break
            await asyncio.sleep(_SCRUB_PAUSE_SECONDS)
        else:
            # A reader of another process still uses old pages. The note stays, so it is tried again.
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
