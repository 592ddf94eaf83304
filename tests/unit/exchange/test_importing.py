"""Imports that are overtaken: between their look at the bank and their append, someone else, or they themselves, add the same questions."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from events.log import NO_STREAM, Appended, StreamMoved, StreamWrite
from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from events.vocabulary.questions import QuestionAdded
from tests.support.rows import lines, row
from trivia.exchange.importing import ImportService, Options
from trivia.exchange.sources import read_lines
from trivia.exchange.spool import CHUNK, IN_MEMORY_BYTES, Spool
from trivia.questions.bank.identity import content_identity, question_stream


class OvertakenLog(MemoryLog):
    """As soon as someone has looked which streams there are, others begin some of them."""

    def __init__(self, overtaking: list[StreamWrite]) -> None:
        super().__init__(REGISTRY)
        self._overtaking = overtaking

    async def versions(self, streams: Sequence[str]) -> list[int]:
        seen = await super().versions(streams)
        overtaking, self._overtaking = self._overtaking, []
        if overtaking:
            await self.append(overtaking)
        return seen


class CountingBank:
    """A bank that is the log itself."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    async def wait_for(self, position: int) -> None:
        assert await self._log.head() >= position

    async def count(self, org: str) -> int:
        events = await self._log.read(types=["QuestionAdded"], limit=100_000)
        return sum(f'"org":"{org}"' in event.data for event in events)


def added(number: int, org: str) -> StreamWrite:
    question = row(number)
    content = content_identity(question["prompt"], question["options"])
    event = QuestionAdded(
        content, org, question["prompt"], tuple(question["options"]), question["answer"], question["topic"]
    )
    return StreamWrite(question_stream(org, content), NO_STREAM, [event])


async def body(rows: range) -> AsyncIterator[bytes]:
    yield lines(row(number) for number in rows)


@pytest.mark.parametrize(
    ("org", "overtaken_in", "imported"),
    [
        ("public", "public", 7),
        ("quizzers", "quizzers", 7),
        # What the shared bank has does not enter an organisation's own; another organisation's bank is nobody's business.
        ("quizzers", "public", 7),
        ("quizzers", "teachers", 10),
        ("public", "quizzers", 10),
    ],
)
async def test_what_others_add_meanwhile_is_skipped_and_the_rest_enters(
    tmp_path: Path, org: str, overtaken_in: str, imported: int
) -> None:
    log = OvertakenLog([added(number, overtaken_in) for number in (0, 5, 9)])
    result, _ = await ImportService(log, CountingBank(log), tmp_path).run(read_lines(body(range(10))), Options(org))
    assert (result.imported, result.skipped) == (imported, 10 - imported)
    own_before = 3 if org == overtaken_in else 0
    assert result.total_questions == imported + own_before


async def test_an_import_that_is_overtaken_in_all_its_questions_adds_none(tmp_path: Path) -> None:
    log = OvertakenLog([added(number, "public") for number in range(10)])
    result, _ = await ImportService(log, CountingBank(log), tmp_path).run(read_lines(body(range(10))), Options())
    assert (result.imported, result.skipped, result.total_questions) == (0, 10, 10)


class LateLog(MemoryLog):
    """Stores an append no sooner than whoever imports has looked which streams the chunk after it begins; counts what it refuses."""

    def __init__(self, chunks: int) -> None:
        super().__init__(REGISTRY)
        self._chunks = chunks
        self._looks = self._appends = self.refused = 0
        self._looked = asyncio.Condition()

    async def versions(self, streams: Sequence[str]) -> list[int]:
        seen = await super().versions(streams)
        async with self._looked:
            self._looks += 1
            self._looked.notify_all()
        return seen

    async def append(self, writes: Sequence[StreamWrite], **more: Any) -> Appended:
        self._appends += 1
        needed = min(self._appends + 1, self._chunks)
        async with self._looked:
            await self._looked.wait_for(lambda: self._looks >= needed)
        try:
            return await super().append(writes, **more)
        except StreamMoved:
            self.refused += 1
            raise


@pytest.mark.parametrize("org", ["public", "quizzers"])
async def test_what_a_chunk_on_its_way_adds_is_skipped_in_the_next(tmp_path: Path, org: str) -> None:
    rows = [*range(CHUNK), *range(CHUNK // 2, CHUNK + CHUNK // 2), *range(CHUNK, 2 * CHUNK)]
    log = LateLog(chunks=3)

    async def text() -> AsyncIterator[bytes]:
        yield lines(row(number) for number in rows)

    result, _ = await ImportService(log, CountingBank(log), tmp_path).run(read_lines(text()), Options(org))
    assert (result.imported, result.skipped, result.total_questions) == (2 * CHUNK, CHUNK, 2 * CHUNK)
    assert log.refused == 0


async def test_a_spool_gives_back_what_was_put_into_it_in_order(tmp_path: Path) -> None:
    questions = [QuestionAdded(str(n), "public", "x" * 900, ("a", "b", "c", "d"), "a", "T") for n in range(12_345)]
    assert 900 * len(questions) > IN_MEMORY_BYTES
    with Spool(tmp_path / "new") as spool:
        for start in range(0, len(questions), 77):
            await spool.add(questions[start : start + 77])
        assert spool.count == len(questions)
        assert [question async for chunk in spool.chunks() for question in chunk] == questions
    assert list((tmp_path / "new").iterdir()) == []


async def test_what_entered_the_bank_before_texts_were_cleaned_does_not_enter_again(tmp_path: Path) -> None:
    log = MemoryLog(REGISTRY)
    old = row(1, prompt="Who sang &quot;Hello&quot;?")
    content = content_identity(old["prompt"], old["options"])
    event = QuestionAdded(content, "public", old["prompt"], tuple(old["options"]), old["answer"], old["topic"])
    await log.append([StreamWrite(question_stream("public", content), NO_STREAM, [event])])

    async def sent() -> AsyncIterator[bytes]:
        yield lines([old, row(2), row(3, prompt="Who sang &quot;Goodbye&quot;?")])

    for org, added_ in (("public", 2), ("quizzers", 0)):
        result, _ = await ImportService(log, CountingBank(log), tmp_path).run(read_lines(sent()), Options(org))
        assert (result.imported, result.skipped, result.invalid) == (added_, 3 - added_, 0)
