"""Seals in a file outside the database, so that whoever has the database alone cannot roll the log back together with its seals.

One seal a line, as JSON; hashes and signature in hexadecimal. The file is only ever appended to.
"""

import fcntl
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Annotated, Final

import msgspec
from msgspec import Meta

from events.tamper_evidence.seal import Seal

_TAIL_BYTES: Final = 65_536
_Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class SealDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seal as JSON, in the file and in proofs."""

    number: _Count
    first: _Count
    last: _Count
    root: _Hash
    previous: _Hash
    signed_at: _Count
    key: _Hash
    signature: Annotated[str, Meta(pattern=r"^[0-9a-f]{128}\Z")]

    @classmethod
    def of(cls, seal: Seal) -> "SealDocument":
        """A seal as JSON has it."""
        return cls(
            seal.number,
            seal.first,
            seal.last,
            seal.root.hex(),
            seal.previous.hex(),
            seal.signed_at,
            seal.key,
            seal.signature.hex(),
        )

    def seal(self) -> Seal:
        """The seal that it describes, without leaves."""
        return Seal(
            self.number,
            self.first,
            self.last,
            bytes.fromhex(self.root),
            bytes.fromhex(self.previous),
            self.signed_at,
            self.key,
            bytes.fromhex(self.signature),
        )


class SealFile:
    """The file at a path, made when first written to. Everything blocks and raises OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def newest(self) -> int:
        """The number of the newest seal in the file, 0 for none."""
        try:
            with self.path.open("rb") as file:
                return _newest(_tail(file))
        except FileNotFoundError:
            return 0

    def append(self, seals: Sequence[Seal]) -> None:
        """Add, durably, those of the seals that are newer than all in the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            # Two that seal at once must not both write what is missing.
            fcntl.flock(file, fcntl.LOCK_EX)
            tail = _tail(file)
            newest = _newest(tail)
            lines = [msgspec.json.encode(SealDocument.of(seal)) + b"\n" for seal in seals if seal.number > newest]
            # What a crash has left of a line is ended, so that it does not spoil the next.
            whole = (b"\n" if tail and not tail.endswith(b"\n") else b"") + b"".join(lines)
            while whole:
                whole = whole[file.write(whole) :]
            os.fsync(file.fileno())

    def read(self) -> tuple[list[Seal], list[int]]:
        """All seals, in the order of the file, and the numbers of the lines that are none."""
        return _parse(self.path.read_bytes().split(b"\n"))


def _tail(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    return file.read()


def _newest(tail: bytes) -> int:
    seals, _ = _parse(tail.split(b"\n"))
    return max((seal.number for seal in seals), default=0)


def _parse(lines: Iterable[bytes]) -> tuple[list[Seal], list[int]]:
    seals, unreadable = [], []
    decoder = msgspec.json.Decoder(SealDocument)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            seals.append(decoder.decode(line).seal())
        except (msgspec.DecodeError, UnicodeDecodeError):
            unreadable.append(number)
    return seals, unreadable
