"""Imports questions: all rows of a file or, if asked, its valid ones; each question once.

Every row is validated and spooled first (`spool`); only then are questions added, in chunks, each
of them one append. A question is the first event of a stream named after its content, so concurrent
imports cannot add it twice. An interrupted import is repeated; questions that exist are skipped.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterable, Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from events.ids import uuid7
from events.log import NO_STREAM, Context, EventLog, Guard, StreamMoved, StreamWrite
from events.retry import retry_on_conflict
from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.questions import ImportCompleted, QuestionAdded
from trivia.exchange.spool import Spool
from trivia.http.problems import Conflicting, FieldError, Unprocessable
from trivia.questions.bank.identity import question_stream
from trivia.questions.bank.near_duplicates.finder import NearDuplicates
from trivia.questions.bank.near_duplicates.screening import Mode, Screening
from trivia.questions.bank.question_row import RawRow, RowReader
from trivia.questions.bank.stored_bank import Bank

MAX_ERRORS: Final = 1000
"""More are counted, not listed."""

IN_FLIGHT: Final = 1
"""Chunks that wait to be stored while the next one is made ready."""

OnError = Literal["abort", "skip"]
Progress = Callable[[Literal["read", "added"], int], None]
"""Called now and then with how many rows have been read, or have been added or skipped, so far."""


class Options(NamedTuple):
    """How to import, and for whom.

    `source` is what the log says the questions came from; `origin` is made where there is none.
    Near duplicates are looked for unless `near_duplicates` is off or, where it does not say, that
    would take long.
    """

    org: str = PUBLIC_ORG
    source: str = "import"
    on_error: OnError = "abort"
    dry_run: bool = False
    context: Context = Context()
    origin: str | None = None
    progress: Progress | None = None
    near_duplicates: Mode | None = None


class ImportResult(msgspec.Struct, frozen=True):
    """The result by row: imported, skipped (in the bank, or as an earlier row) or invalid.

    `near_duplicates` counts those that ask for the same fact as another question in other words:
    they are among the imported or, where they were to be left out, the skipped; None where they
    were not looked for. Those that only may ask for the same fact are imported and not counted;
    where near duplicates are left out they are pending, which `total_questions` does not count.
    `total_questions` counts the organisation's own bank afterwards. After a
    dry run nothing was added, and the counts say what would have been.
    """

    imported: int
    skipped: int
    near_duplicates: int | None
    invalid: int
    total_questions: int
    errors: list[FieldError]


class Imported(NamedTuple):
    """What an import came to, and the position of its last event, 0 where it stored nothing."""

    result: ImportResult
    position: int


class ImportRefused(Unprocessable):
    """Some rows have faults, so none was imported.

    `invalid` counts the rows; `errors` lists MAX_ERRORS faults at most.
    """

    def __init__(self, invalid: int, rows: int, errors: Sequence[FieldError]) -> None:
        noun, verb = "row" if rows == 1 else "rows", "has" if invalid == 1 else "have"
        super().__init__(f"{invalid} of {rows} {noun} {verb} faults, so nothing was imported.", errors=errors)
        self.invalid = invalid


class ImportService:
    """Imports into the log.

    `directory` is for what does not fit into memory; without `near` nobody looks for near
    duplicates.
    """

    def __init__(self, log: EventLog, bank: Bank, directory: Path, near: NearDuplicates | None = None) -> None:
        self._log = log
        self._near = near
        self._bank = bank
        self._directory = directory
        self._importing: set[str] = set()

    @contextmanager
    def alone(self, org: str) -> Iterator[None]:
        """Let no other import of the organisation run in this process meanwhile.

        Raises Conflicting while another is running.
        """
        if org in self._importing:
            raise Conflicting("Another import of your organisation is running. Try again when it is done.")
        self._importing.add(org)
        try:
            yield
        finally:
            self._importing.discard(org)

    async def run(self, batches: AsyncIterable[list[RawRow]], options: Options) -> Imported:
        """Import rows.

        Raises ImportRefused, LogUnavailable, and OSError where there is no room to keep them aside.
        """
        origin = options.origin or f"import-{uuid7()}"
        with Spool(self._directory) as spool, Screening(self._near, options.near_duplicates) as screening:
            invalid, known, errors = await self._read(batches, RowReader(options.org, origin), spool, options)
            if invalid and options.on_error == "abort":
                raise ImportRefused(invalid, invalid + known + spool.count, errors)
            if options.dry_run:
                imported = await self._count_new(spool, options, screening)
                screening.undo()
            else:
                imported = await self._add_all(spool, options, screening)
            skipped = known + spool.count - imported
        position = 0
        if not options.dry_run:
            completed = ImportCompleted(options.org, options.source, imported, skipped, invalid)
            # A stream of its own for each run, independent of its questions' origin.
            writes = [StreamWrite(origin if options.origin is None else f"import-{uuid7()}", NO_STREAM, [completed])]
            appended = await self._log.append(writes, context=options.context)
            position = appended.last
            await self._bank.wait_for(position)
        total = await self._bank.count(options.org)
        return Imported(ImportResult(imported, skipped, screening.found, invalid, total, errors), position)

    async def _read(
        self, batches: AsyncIterable[list[RawRow]], reader: RowReader, spool: Spool, options: Options
    ) -> tuple[int, int, list[FieldError]]:
        """Put the valid rows into the spool.

        Returns how many rows are invalid, how many are in the bank already with their texts not
        cleaned, and the first MAX_ERRORS faults.
        """
        invalid = known = 0
        errors: list[FieldError] = []
        async for batch in batches:
            good = []
            for raw in batch:
                # Naming faults takes many times as long as finding that there are some.
                outcome = reader.read(raw, name_faults=len(errors) < MAX_ERRORS)
                if isinstance(outcome, QuestionAdded):
                    good.append(outcome)
                else:
                    invalid += 1
                    errors += outcome[: MAX_ERRORS - len(errors)]
            if reader.former:
                new = await self._without_uncleaned(good, reader, options.org)
                known += len(good) - len(new)
                good = new
            await spool.add(good)
            if options.progress:
                options.progress("read", spool.count + invalid + known)
            # Others have their turn between batches.
            await asyncio.sleep(0)
        return invalid, known, errors

    async def _without_uncleaned(
        self, questions: Sequence[QuestionAdded], reader: RowReader, org: str
    ) -> list[QuestionAdded]:
        """Without what entered the bank when texts were not yet cleaned, spelt as it came."""
        contents, formers = list(reader.former), list(reader.former.values())
        reader.former.clear()
        known: set[str] = set()
        for bank in {org, PUBLIC_ORG}:
            versions = await self._log.versions([question_stream(bank, former) for former in formers])
            known.update([content for content, version in zip(contents, versions, strict=True) if version])
        return [question for question in questions if question.content not in known]

    async def _add_all(self, spool: Spool, options: Options, screening: Screening) -> int:
        """Add what the bank has not; how many questions that were.

        While one chunk is being stored, the next is made ready.
        """
        added = done = 0
        if options.progress:
            options.progress("added", 0)
        waiting: deque[tuple[int, dict[str, QuestionAdded], asyncio.Task[int]]] = deque()

        async def wait_for_all_but(left: int) -> None:
            nonlocal added, done
            while len(waiting) > left:
                size, _, task = waiting[0]
                added += await task
                done += size
                waiting.popleft()
                if options.progress:
                    options.progress("added", done)

        try:
            async for chunk in spool.chunks():
                # Looking is awaited here, so that chunks are appended in the order of the file.
                new = await self._not_in_bank(chunk)
                # What is on its way may not have been there to be seen; it would be refused, and its chunk sent once more.
                for _, on_their_way, _ in waiting:
                    new = _without(new, on_their_way.keys())
                new = await screening.screen(new)
                waiting.append((len(chunk), new, asyncio.create_task(self._add(new, options.context))))
                await wait_for_all_but(IN_FLIGHT)
            await wait_for_all_but(0)
        finally:
            tasks = [task for _, _, task in waiting]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return added

    async def _add(self, new: dict[str, QuestionAdded], context: Context) -> int:
        """Add questions except those that are added concurrently; how many were added."""

        async def attempt() -> int:
            nonlocal new
            if not new:
                return 0
            guards = [Guard(stream, NO_STREAM) for question in new.values() for stream in _shared_stream(question)]
            writes = [StreamWrite(stream, NO_STREAM, [question]) for stream, question in new.items()]
            try:
                await self._log.append(writes, guards=guards, context=context)
            except StreamMoved as moved:
                # Someone else added these since the bank was read; the rest is still to be added.
                new = _without(new, {conflict.stream for conflict in moved.conflicts})
                raise
            return len(new)

        return await retry_on_conflict(attempt)

    async def _not_in_bank(self, questions: Sequence[QuestionAdded]) -> dict[str, QuestionAdded]:
        """By the stream it will begin, each question that is not there yet, once."""
        new: dict[str, QuestionAdded] = {}
        for question in questions:
            new.setdefault(question_stream(question.org, question.content), question)
        streams = [*new, *[stream for question in new.values() for stream in _shared_stream(question)]]
        versions = await self._log.versions(streams)
        return _without(new, {stream for stream, version in zip(streams, versions, strict=True) if version})

    async def _count_new(self, spool: Spool, options: Options, screening: Screening) -> int:
        """How many of the questions would enter the bank."""
        new = done = 0
        # A database of SQLite's own, empty name: in memory while it is small, in a temporary file beyond that.
        with closing(sqlite3.connect("", isolation_level=None)) as seen:
            seen.execute("CREATE TABLE seen (content TEXT PRIMARY KEY) WITHOUT ROWID")
            async for chunk in spool.chunks():
                entering = await screening.screen(await self._not_in_bank(chunk))
                contents = [(question.content,) for question in entering.values()]
                new += seen.executemany("INSERT OR IGNORE INTO seen VALUES (?)", contents).rowcount
                done += len(chunk)
                if options.progress:
                    options.progress("added", done)
        return new


def _shared_stream(question: QuestionAdded) -> tuple[str, ...]:
    """The stream of the same question in the shared bank, for a question of another bank.

    A question of the shared bank is not added to another bank.
    """
    return () if question.org == PUBLIC_ORG else (question_stream(PUBLIC_ORG, question.content),)


def _without(new: dict[str, QuestionAdded], taken: AbstractSet[str]) -> dict[str, QuestionAdded]:
    if not taken:
        return new
    return {
        stream: question
        for stream, question in new.items()
        if stream not in taken and taken.isdisjoint(_shared_stream(question))
    }
