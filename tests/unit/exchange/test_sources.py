"""Rows come out of NDJSON and of JSON bodies, however the bytes come in."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import lines, row
from trivia.exchange.sources import BATCH, LineSplitter, read_body, read_lines
from trivia.http.problems import BadInput
from trivia.questions.bank.question_row import MAX_ROW_BYTES, RawRow


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def gathered(batches: AsyncIterator[list[RawRow]]) -> list[RawRow]:
    return [row async for batch in batches for row in batch]


@given(st.binary(), st.lists(st.integers(0, 40)))
def test_lines_are_the_same_wherever_the_chunks_end(body: bytes, cuts: list[int]) -> None:
    splitter = LineSplitter()
    found, start = [], 0
    for cut in sorted(cuts):
        found += splitter.feed(body[start:cut])
        start = max(start, cut)
    found += splitter.feed(body[start:]) + splitter.finish()
    expected = body.split(b"\n")
    assert found == (expected if expected[-1] else expected[:-1])


async def test_rows_carry_the_number_of_their_line_and_blank_lines_are_none() -> None:
    found = await gathered(read_lines(stream(b'\xef\xbb\xbf{"a":1}\r\n\n  \n{"b"', b":2}\n{}")))
    assert [(raw.line, raw.text) for raw in found] == [(1, b'{"a":1}\r'), (4, b'{"b":2}'), (5, b"{}")]


@pytest.mark.parametrize("size", [1000, MAX_ROW_BYTES, 3 * MAX_ROW_BYTES])
async def test_a_line_that_is_too_long_is_told_and_the_next_ones_are_read(size: int) -> None:
    body = b"{}\n" + b"x" * (MAX_ROW_BYTES + 1) + b"\n{}\n" + b"y" * MAX_ROW_BYTES + b"\n" + b"z" * 5 * MAX_ROW_BYTES
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    found = await gathered(read_lines(stream(*chunks)))
    assert [(raw.line, raw.text and raw.text[:1]) for raw in found] == [
        (1, b"{"),
        (2, None),
        (3, b"{"),
        (4, b"y"),
        (5, None),
    ]


def test_no_more_of_a_line_is_kept_than_a_row_may_have() -> None:
    splitter = LineSplitter()
    for _ in range(100):
        assert splitter.feed(b"x" * 10_000) == []
        assert len(splitter._rest) <= MAX_ROW_BYTES


async def test_rows_come_in_small_batches() -> None:
    body = lines(row(number) for number in range(3 * BATCH))
    assert max([len(batch) async for batch in read_lines(stream(body))]) == BATCH


async def test_a_body_gives_its_questions_with_their_place() -> None:
    found = await gathered(read_body(b'{"questions": [{"a": 1}, 2, "' + b"x" * MAX_ROW_BYTES + b'"]}'))
    assert found == [
        RawRow(None, "questions[0]", b'{"a": 1}'),
        RawRow(None, "questions[1]", b"2"),
        RawRow(None, "questions[2]", None),
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", ""),
        (b"[]", ""),
        (b"[1", ""),
        (b'{"questions": [', ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
        (b"{}", "questions"),
        (b'{"questions": 5}', "questions"),
        (b'{"questions": [], "more": 1}', "more"),
    ],
)
async def test_a_body_that_is_no_import_is_refused(body: bytes, path: str) -> None:
    with pytest.raises(BadInput) as refused:
        await gathered(read_body(body))
    assert [fault.path for fault in refused.value.errors] == [path]
