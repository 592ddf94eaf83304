"""Whoever folds the events, and however often that changes hands: each is applied once."""

import asyncio
import contextlib

import pytest

from projections.engine.projector import catch_up
from projections.engine.store import CheckpointMoved
from projections.rebuild.rebuild import rebuild
from projections.rebuild.verify import verify
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.answering import Inline, Lagging, answer, assert_equals_a_fold_of_the_log
from tests.support.programs import Program, running
from tests.support.waiting import eventually
from trivia.platform.storage import open_storage

ANSWERING = "tests.crash.programs.answering"
PROJECTING = "tests.crash.programs.projecting"
REBUILDS = 4
KILLED = -9


@pytest.mark.timeout(120)
async def test_appends_the_projector_and_rebuilds_take_over_from_each_other_without_a_loss(database_url: str) -> None:
    projection = Inline()
    async with open_storage(database_url, [Inline]) as storage:
        log, models = storage.log, models_of(storage.database)
        await answer(log, 0, 200)
        finished = asyncio.Event()

        async def keep_catching_up() -> None:
            while not finished.is_set():
                with contextlib.suppress(CheckpointMoved):
                    await catch_up(log, models, projection, await log.head())
                await asyncio.sleep(0)

        lock = leadership_of(storage.database, "rebuild-user_statistics")
        with (
            running(ANSWERING, database_url, "knowing", "1000") as first,
            running(ANSWERING, database_url, "knowing", "2000") as second,
            running(ANSWERING, database_url, "unknowing", "3000") as unknowing,
        ):
            writers = (first, second, unknowing)
            await eventually(lambda: all(writer.lines for writer in writers), 30)
            catching_up = asyncio.create_task(keep_catching_up())
            for _ in range(REBUILDS):
                await rebuild(log, models, projection, lock, lambda *_: None)
                # The next rebuild would mend what goes wrong after this one, so it has to be looked for before.
                enough = {writer: len(writer.lines) + 15 for writer in writers}
                await eventually(lambda enough=enough: all(len(each.lines) > n for each, n in enough.items()), 30)
                verdict = await verify(log, models, projection, lock, lambda *_: None)
                assert verdict.differences == []
            # Both have happened: appends that moved the checkpoint, and appends that found it behind.
            await eventually(lambda: {True, False} <= {moved_it(line) for line in first.lines + second.lines}, 30)
            for writer in writers:
                writer.send("enough")
            await eventually(lambda: all(writer.ended for writer in writers), 30)
            assert [(writer.wait(), writer.errors) for writer in writers] == [(0, "")] * 3
            finished.set()
            await catching_up

        assert await assert_equals_a_fold_of_the_log(storage, models, projection) == await log.head()
        assert await answer(log, 1) == await models.checkpoint(projection)


def moved_it(line: str) -> bool:
    head, checkpoint = map(int, line.split())
    return head <= checkpoint


@pytest.mark.timeout(120)
async def test_when_the_process_that_leads_is_killed_another_goes_on_where_it_was(database_url: str) -> None:
    projection = Lagging()
    async with open_storage(database_url) as storage:
        log, models = storage.log, models_of(storage.database)
        for seed in range(20):
            await answer(log, seed, 150)
        head = await log.head()
        with (
            running(PROJECTING, database_url) as one,
            running(PROJECTING, database_url) as another,
            running(PROJECTING, database_url) as third,
        ):
            processes = {one, another, third}
            reached = 0
            while len(processes) > 1:
                leader = await eventually(lambda: leading(processes), 30)
                assert [process for process in processes if "leads" in process.lines] == [leader]

                async def has_got_on(position: int = reached) -> int:
                    found = await models.checkpoint(projection)
                    return found if found > position else 0

                reached = await eventually(has_got_on, 30)
                leader.kill()
                assert leader.wait() == KILLED
                processes.remove(leader)
                head = await answer(log, 100, 150)
            last = await eventually(lambda: leading(processes), 30)

            async def is_at_the_head() -> bool:
                return await models.checkpoint(projection) == head

            await eventually(is_at_the_head, 30)
            assert last.errors == ""
        assert await assert_equals_a_fold_of_the_log(storage, models, projection) == head


def leading(processes: set[Program]) -> Program | None:
    return next((process for process in processes if "leads" in process.lines), None)
