"""Where rows of an import come from: lines of NDJSON, or the list in a JSON body.

Both come in batches small enough not to hold up others.
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from trivia.http.problems import BadInput, FieldError
from trivia.http.validation import BYTE_ORDER_MARK, parse_json
from trivia.questions.bank.question_row import MAX_ROW_BYTES, RawRow

BATCH = 250
"""Rows that are read in one go: a few milliseconds."""


class _ImportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of an import in JSON; questions are decoded one by one, to name each fault."""

    questions: list[msgspec.Raw]


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same, for naming what is wrong with a body that is not that."""

    questions: list[Any]


class LineSplitter:
    """Cuts chunks of bytes into lines, without ever holding more of a line than MAX_ROW_BYTES.

    `feed` returns the lines that a chunk completes, None for each that was too long; `finish` what
    is left in the end.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._overlong = False

    def feed(self, chunk: bytes) -> list[bytes | None]:
        """Take the next chunk."""
        *lines, rest = (self._rest + chunk).split(b"\n")
        whole: list[bytes | None] = [line if len(line) <= MAX_ROW_BYTES else None for line in lines]
        if self._overlong and whole:
            whole[0] = None
            self._overlong = False
        if len(rest) > MAX_ROW_BYTES:
            self._overlong = True
        self._rest = b"" if self._overlong else rest
        return whole

    def finish(self) -> list[bytes | None]:
        """The last line, where it did not end in a line break."""
        return [None] if self._overlong else [self._rest] if self._rest else []


async def read_lines(chunks: AsyncIterable[bytes]) -> AsyncIterator[list[RawRow]]:
    """Rows of NDJSON.

    Lines with nothing on them count, but are no rows; a byte order mark at the beginning is
    dropped.
    """
    splitter = LineSplitter()
    number = 0

    def number_lines(lines: Iterable[bytes | None]) -> Iterator[RawRow]:
        nonlocal number
        for line in lines:
            number += 1
            text = line.removeprefix(BYTE_ORDER_MARK) if line and number == 1 else line
            if text is None or not (text == b"" or text.isspace()):
                yield RawRow(number, "", text)

    async for chunk in chunks:
        rows = number_lines(splitter.feed(chunk))
        while batch := list(islice(rows, BATCH)):
            yield batch
    if batch := list(number_lines(splitter.finish())):
        yield batch


async def read_body(body: bytes) -> AsyncIterator[list[RawRow]]:
    """Rows of a JSON body `{"questions": [...]}`. Raises BadInput for a body that is not that."""
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        questions = msgspec.json.decode(body, type=_ImportBody).questions
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        parse_json(body, _Shape)
        raise BadInput("The body has faults.", errors=[FieldError("", str(error))]) from None
    for start in range(0, len(questions), BATCH):
        yield [
            RawRow(None, f"questions[{index}]", bytes(raw) if len(memoryview(raw)) <= MAX_ROW_BYTES else None)
            for index, raw in enumerate(questions[start : start + BATCH], start)
        ]
