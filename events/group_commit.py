"""Many waiting appends, one transaction.

Each process has one queue. While one batch is being committed, appends gather; the next batch takes all of them that are
independent of each other, so that the backend can check and insert the whole batch with set-based statements and every
append still succeeds or fails alone, as if they had come one after another.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from events.log import ANY, Appended, CommandReused, LogUnavailable, StreamMoved
from events.prepare import Moved, Outcome, PreparedAppend, Reused

MAX_APPENDS = 512
ENOUGH_APPENDS = 32
"""A batch takes so many appends and of more that wait the half. If it took all, large and small batches would alternate: whoever sends
appends would stand idle during the large ones, and the database during the work that follows."""
MAX_EVENTS = 5_000
MAX_POSTPONED = 256
"""How far beyond appends that must wait for others to look: thousands that fight over one stream are not gone through each time."""

Commit = Callable[[list[PreparedAppend]], Awaitable[list[Outcome]]]
"""Store a batch in one transaction; one outcome for each append, in order. What it raises is true of the batch as a whole."""

Waiting = tuple[PreparedAppend, asyncio.Future[Appended]]


class GroupCommit:
    """The queue before one writer connection."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._waiting: deque[Waiting] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    def append(self, append: PreparedAppend) -> "asyncio.Future[Appended]":
        """Queue an append; what is returned can be awaited until it is durable.

        A caller that is cancelled while it waits does not undo its append: it may be stored all the same.
        """
        if self._closed:
            raise LogUnavailable("the log is closed")
        future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._drain(), name="group-commit")
        return future

    async def close(self) -> None:
        """Commit what waits, then refuse."""
        self._closed = True
        if self._worker is not None:
            await self._worker

    async def _drain(self) -> None:
        batch: list[Waiting] = []
        try:
            while self._waiting:
                batch = self._take_independent()
                if batch:
                    await self._settle_batch(batch)
        except BaseException as error:
            # The loop is being torn down. Nobody is left to commit for those who wait, so they must not wait for ever.
            for _, future in [*batch, *self._waiting]:
                _fail(future, LogUnavailable("the log was stopped"), error)
            self._waiting.clear()
            raise

    async def _settle_batch(self, batch: list[Waiting]) -> None:
        try:
            outcomes = await self._commit([append for append, _ in batch])
        except LogUnavailable as error:
            for _, future in batch:
                _fail(future, LogUnavailable(*error.args), error)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, those who wait must hear of it
            if len(batch) == 1:
                _fail(batch[0][1], error, error.__cause__)
            # Something in the batch cannot be stored, and nothing of it was. Each on its own, only that one is refused.
            else:
                for item in batch:
                    await self._settle_batch([item])
        else:
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if not future.done():
                    _settle(future, outcome)

    def _take_independent(self) -> list[Waiting]:
        """From the front of the queue, every append whose outcome cannot depend on another of the same batch.

        An append that names a stream written by an earlier one waits for the next batch, unless it writes there whatever the
        version is. So does one that follows such a one on any of its streams, to keep the order in which they came.
        """
        batch: list[Waiting] = []
        postponed: list[Waiting] = []
        written: set[str] = set()
        postponed_streams: set[str] = set()
        commands: set[str] = set()
        events = 0
        limit = min(MAX_APPENDS, max(ENOUGH_APPENDS, len(self._waiting) // 2))
        while self._waiting and len(batch) < limit and len(postponed) < MAX_POSTPONED:
            append, future = item = self._waiting[0]
            if batch and events + len(append.rows) > MAX_EVENTS:
                break
            self._waiting.popleft()
            if future.cancelled():
                continue
            command = append.command
            for stream, expect in append.conditions:
                if stream in postponed_streams or (
                    stream in written and not (expect == ANY and stream in append.written)
                ):
                    held = True
                    break
            else:
                held = command is not None and command.id in commands
            if held:
                postponed.append(item)
                postponed_streams.update([stream for stream, _ in append.conditions])
            else:
                batch.append(item)
                written |= append.written
                events += len(append.rows)
            if command:
                commands.add(command.id)
        self._waiting.extendleft(reversed(postponed))
        return batch


def _fail(future: asyncio.Future[Appended], error: Exception, cause: BaseException | None) -> None:
    if not future.done():
        error.__cause__ = cause
        future.set_exception(error)


def _settle(future: asyncio.Future[Appended], outcome: Outcome) -> None:
    match outcome:
        case Appended():
            future.set_result(outcome)
        case Moved(conflicts):
            future.set_exception(StreamMoved(conflicts))
        case Reused(command_id):
            future.set_exception(CommandReused(command_id))
