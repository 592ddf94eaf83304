"""Encryption of personal data with a key for each subject, whose deletion erases the data.

A subject is a user. Personal fields of events are encrypted with AES-256-GCM (NIST SP 800-38D) and
stored as base64 of nonce, ciphertext and tag. The subject's id is authenticated data, so ciphertext
copied to another subject does not decrypt. Keys are in the table `subject_keys`, outside the log. A
key is stored before the first event that needs it, and never replaced.

Erasure has three steps: `begin_forgetting`, the caller's SubjectForgotten event, `forget`. Erasures
that a crash interrupted are listed by `half_forgotten`. After `forget` no byte of the key remains
in a SQLite file or its write-ahead log. On PostgreSQL the table is vacuumed, and the row is gone
unless a transaction that began before still sees it; the write-ahead log keeps it until it is
recycled or for as long as it is archived. Backups keep the keys they were made with.
"""

import base64
import binascii
import os
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_CACHED_KEYS: Final = 10_000
_INSTALLATION: Final = "installation"


class SubjectUnknown(LookupError):
    """There is no key for this subject: there never was one, or the subject was erased."""


class DecryptionFailed(ValueError):
    """The ciphertext is damaged, or belongs to another subject."""


class SubjectKeys:
    """Encrypts and decrypts personal data.

    The keys used last are cached, at most `cached` of them.
    """

    def __init__(self, keys: "KeyTable", *, cached: int = _CACHED_KEYS) -> None:
        self._keys = keys
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
