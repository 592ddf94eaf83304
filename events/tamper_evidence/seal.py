"""Seals: what makes a log that was tampered with tell on itself, even where the triggers that guard it were dropped.

A seal binds a run of events. Its root is that of a Merkle tree (`merkle`) over the canonical bytes of each event, its
statement names the statement before it, and the statement is signed (Ed25519, RFC 8032) with a key that is kept outside the database.

Canonical bytes of an event, the same on every database:

    position, version, schema, recorded_at            8 bytes each, signed, the most significant first
    lengths of stream, type, data, metadata           4 bytes each, unsigned, the most significant first, in bytes
    stream, type, data, metadata                      UTF-8, as stored

Statement of a seal, ASCII, each line ended by a line feed:

    trivia seal 1
    number <n>
    first <position>
    last <position>
    root <64 hexadecimal digits>
    previous <SHA-256 of the statement before, zeros for the first>
    signed_at <microseconds since 1970-01-01 UTC>
    key <SHA-256 of the public key's 32 bytes>

The hashes of the events are kept beside the seal and are not signed: the root binds them. They say which event differs where the
root alone would only say that some event does.
"""

import struct
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from events.tamper_evidence.merkle import HASH_BYTES

KEY_BYTES: Final = 32
NO_SEAL: Final = bytes(HASH_BYTES)
"""What the first seal names as the one before it."""

_pack: Final[Callable[..., bytes]] = struct.Struct(">4q4I").pack
# The pad byte in front is the prefix of a leaf.
_pack_leaf: Final[Callable[..., bytes]] = struct.Struct(">x4q4I").pack


class StoredEvent(NamedTuple):
    """An event as the database has it: texts are their bytes in UTF-8. What was tampered with may be of any type."""

    position: int
    version: int
    schema: int
    recorded_at: int
    stream: bytes
    type: bytes
    data: bytes
    metadata: bytes


Row = Sequence[Any]
"""The fields of a StoredEvent in their order, as a database driver gives them."""


def canonical(event: Row) -> bytes:
    """The canonical bytes. Raises TypeError and struct.error for a row that no log has written."""
    position, version, schema, recorded_at, stream, kind, data, metadata = event
    sizes = _pack(position, version, schema, recorded_at, len(stream), len(kind), len(data), len(metadata))
    return b"".join((sizes, stream, kind, data, metadata))


def leaves_of(events: Sequence[Row]) -> list[bytes]:
    """The leaf hash of each event. Raises as `canonical` does."""
    return [
        sha256(
            b"".join(
                (
                    _pack_leaf(position, version, schema, at, len(stream), len(kind), len(data), len(metadata)),
                    stream,
                    kind,
                    data,
                    metadata,
                )
            )
        ).digest()
        for position, version, schema, at, stream, kind, data, metadata in events
    ]


def leaf_of(event: Row) -> bytes | None:
    """The leaf hash of one event, None for a row that no log has written."""
    try:
        return leaves_of([event])[0]
    except (TypeError, struct.error):
        return None


class Seal(msgspec.Struct, frozen=True):
    """One seal. `leaves` holds the hashes of its events, one after another, where they were read as well."""

    number: int
    first: int
    last: int
    root: bytes
    previous: bytes
    signed_at: int
    key: str
    signature: bytes
    leaves: bytes = b""

    def statement(self) -> bytes:
        """What is signed."""
        return statement(self.number, self.first, self.last, self.root, self.previous, self.signed_at, self.key)

    def digest(self) -> bytes:
        """What the next seal names as the one before it."""
        return sha256(self.statement()).digest()

    def is_same(self, other: "Seal") -> bool:
        """Whether both say the same, with the same signature."""
        return self.statement() == other.statement() and self.signature == other.signature


def statement(number: int, first: int, last: int, root: bytes, previous: bytes, signed_at: int, key: str) -> bytes:
    """What a seal signs."""
    return (
        f"trivia seal 1\nnumber {number}\nfirst {first}\nlast {last}\nroot {root.hex()}\nprevious {previous.hex()}\n"
        f"signed_at {signed_at}\nkey {key}\n"
    ).encode()


def key_id(public_key: bytes) -> str:
    """The name of a public key in seals."""
    return sha256(public_key).hexdigest()


class SealKey:
    """A key that signs, made from its 32 secret bytes. Raises ValueError for another length."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._key.public_key().public_bytes_raw()
        self.id = key_id(self.public)

    def sign(self, data: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(data)

    def seal(self, previous: Seal | None, last: int, root: bytes, signed_at: int, leaves: bytes) -> Seal:
        """The seal after `previous`, over what follows it up to position `last`."""
        number = previous.number + 1 if previous else 1
        first = previous.last + 1 if previous else 1
        before = previous.digest() if previous else NO_SEAL
        signature = self.sign(statement(number, first, last, root, before, signed_at, self.id))
        return Seal(number, first, last, root, before, signed_at, self.id, signature, leaves)


class Signatures:
    """Checks signatures against public keys that are believed."""

    def __init__(self, public_keys: Sequence[bytes]) -> None:
        self._keys = {key_id(key): Ed25519PublicKey.from_public_bytes(key) for key in public_keys}

    def fault(self, seal: Seal) -> str | None:
        """What is wrong with the signature of a seal, in words; None when nothing is."""
        key = self._keys.get(seal.key)
        if key is None:
            return f"is signed with a key that is not believed: {seal.key[:64]}"
        try:
            key.verify(seal.signature, seal.statement())
        except InvalidSignature:
            return "has a signature that does not fit what it says"
        return None
