"""The spool of an import: questions in memory while they are few, on disk beyond that."""

import asyncio
import contextlib
import struct
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from events.vocabulary.questions import QuestionAdded

CHUNK = 1000
"""Questions in one chunk, which is also what is appended at a time."""
IN_MEMORY_BYTES = 4_194_304

_LENGTH = struct.Struct("<Q")


class Spool:
    """A first-in, first-out store of questions.

    A context manager, which leaves nothing behind. Raises OSError where the disk is full.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._waiting: list[QuestionAdded] = []
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[QuestionAdded])
        self.count = 0

    def __enter__(self) -> Self:
        with contextlib.suppress(OSError):  # a few questions need no disk; more will say what is wrong with it
            self._directory.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=str(self._directory))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    async def add(self, questions: Sequence[QuestionAdded]) -> None:
        """Keep some more."""
        self._waiting += questions
        self.count += len(questions)
        while len(self._waiting) >= CHUNK:
            chunk, self._waiting = self._waiting[:CHUNK], self._waiting[CHUNK:]
            # In a thread, since a disk may stall.
            await asyncio.to_thread(self._store, chunk)

    async def chunks(self) -> AsyncIterator[list[QuestionAdded]]:
        """All that was kept, in order, in chunks of CHUNK and a last one of what is left.

        Call it once all has been added.
        """
        if self._waiting:
            await asyncio.to_thread(self._store, self._waiting)
            self._waiting = []
        self._file.seek(0)
        while chunk := await asyncio.to_thread(self._load):
            yield chunk
        self._file.seek(0, 2)

    def _store(self, chunk: list[QuestionAdded]) -> None:
        encoded = self._encoder.encode(chunk)
        self._file.write(_LENGTH.pack(len(encoded)) + encoded)

    def _load(self) -> list[QuestionAdded]:
        prefix = self._file.read(_LENGTH.size)
        return self._decoder.decode(self._file.read(_LENGTH.unpack(prefix)[0])) if prefix else []
