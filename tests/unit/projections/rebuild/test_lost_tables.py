"""Read models can be thrown away: tables and rows that are lost are made again, and nothing is given twice meanwhile."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned
from projections.engine.projector import Projector, catch_up
from projections.engine.retry_dead_letters import list_dead_letters
from projections.engine.user_state import load_state, stream_of
from projections.models.pool_boot import boot_pool
from projections.models.question_pool import Filter, QuestionPool
from projections.models.questions import QuestionsProjection
from projections.models.seen_sets import SEEN_SETS, SeenSet, SeenSetsProjection
from projections.models.user_statistics import UserStatisticsProjection
from projections.rebuild.rebuild import SUFFIX, rebuild
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from tests.support.waiting import eventually
from trivia.platform.storage import Storage, open_storage
from trivia.services import PROJECTIONS


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        await add_questions(opened.log, [question(n) for n in range(1, 9)])
        await assign(opened, 1, 2)
        await assign(opened, 3)
        for kind in PROJECTIONS:
            await catch_up(opened.log, models_of(opened.database), kind(), await opened.log.head())
        yield opened


async def assign(storage: Storage, *questions: int) -> None:
    await storage.log.append([StreamWrite(stream_of("ada"), ANY, [QuestionsAssigned(questions)])])


async def seen(storage: Storage) -> list[int]:
    return list((await load_state(storage.log, models_of(storage.database), SEEN_SETS, SeenSet, "ada")).seen)


async def execute(storage: Storage, sql: str) -> None:
    await models_of(storage.database).execute([(sql, [()])])


async def rows_of(storage: Storage, projection) -> dict[str, list]:
    async with models_of(storage.database).snapshot(projection) as snapshot:
        return {table.name: [row async for row in snapshot.rows(table)] for table in projection.tables}


async def indexes(storage: Storage) -> set[str]:
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'index'"
    postgres = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
    models = models_of(storage.database)
    # One that was made for a copy has a suffix after every other rebuild in SQLite.
    return {
        row[0].removesuffix(SUFFIX)
        for row in await models.fetch(sqlite if "Sqlite" in type(models).__name__ else postgres)
    }


@pytest.mark.parametrize("kind", PROJECTIONS, ids=lambda kind: kind.name)
async def test_dropped_tables_are_rebuilt_with_their_indexes(storage, kind):
    projection = kind()
    before, indexes_before = await rows_of(storage, projection), await indexes(storage)
    for table in projection.tables:
        await execute(storage, f"DROP TABLE {table.name}")

    models = models_of(storage.database)
    lock = leadership_of(storage.database, "rebuild")
    assert await rebuild(storage.log, models, projection, lock, lambda *_: None) == await storage.log.head()

    assert await rows_of(storage, projection) == before
    assert await indexes(storage) == indexes_before


async def test_a_running_projector_makes_a_dropped_table_and_fills_it(storage):
    projection = UserStatisticsProjection()
    projection.interval = 0.0
    models = models_of(storage.database)
    await execute(storage, "DROP TABLE user_statistics")
    answer = QuestionAnswered(1, "x", correct=True, topic="Art")
    await storage.log.append([StreamWrite(stream_of("ada"), ANY, [answer])])
    running = asyncio.create_task(Projector(storage.log, models, [projection], leadership_of(storage.database)).run())

    async def is_filled() -> bool:
        return await models.checkpoint(projection) == await storage.log.head()

    try:
        await eventually(is_filled, timeout=20)
        assert await models.fetch("SELECT user_id, answered FROM user_statistics") == [("ada", 1)]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM questions WHERE number = 3",
        "DELETE FROM questions WHERE number = 8",
        "DELETE FROM questions",
        "DELETE FROM question_count",
        "UPDATE question_count SET number = 7",
    ],
)
async def test_a_pool_is_booted_from_the_log_where_the_table_is_damaged(storage, damage):
    await execute(storage, damage)
    pool = QuestionPool()
    assert await boot_pool(pool, models_of(storage.database), await storage.log.head()) == 0
    assert pool.last == 0


async def test_a_lost_count_of_questions_gives_no_number_twice(storage):
    before = await rows_of(storage, QuestionsProjection())
    await execute(storage, "DELETE FROM question_count")
    head = await add_questions(storage.log, [question(77)])
    models = models_of(storage.database)
    with pytest.raises(Exception, match="trivia projections rebuild questions"):
        await catch_up(storage.log, models, QuestionsProjection(), head)
    assert (await rows_of(storage, QuestionsProjection()))["questions"] == before["questions"]


async def test_a_lost_row_of_a_seen_set_forgets_nothing(storage):
    await execute(storage, "DELETE FROM seen_sets")
    assert await seen(storage) == [1, 2, 3]

    await assign(storage, 4)
    models = models_of(storage.database)
    await catch_up(storage.log, models, SeenSetsProjection(), await storage.log.head())

    assert await seen(storage) == [1, 2, 3, 4]
    (dead_letter,) = await list_dead_letters(models, SeenSetsProjection())
    assert "trivia projections rebuild seen_sets" in (dead_letter.error or "")
    lock = leadership_of(storage.database, "rebuild")
    await rebuild(storage.log, models, SeenSetsProjection(), lock, lambda *_: None)
    assert await list_dead_letters(models, SeenSetsProjection()) == []
    assert await models.fetch("SELECT version FROM seen_sets") == [(3,)]


async def test_a_lost_checkpoint_folds_nothing_twice(storage):
    for kind in (SeenSetsProjection, UserStatisticsProjection):
        before = await rows_of(storage, kind())
        await execute(storage, f"DELETE FROM projection_checkpoints WHERE name = '{kind.name}'")
        await catch_up(storage.log, models_of(storage.database), kind(), await storage.log.head(), batch=1)
        assert await rows_of(storage, kind()) == before


async def test_candidates_are_those_of_the_table_where_it_is_whole(storage):
    pool = QuestionPool()
    head = await storage.log.head()
    assert await boot_pool(pool, models_of(storage.database), head) == head
    assert len(pool.candidates("public", Filter()).bits) == 8
