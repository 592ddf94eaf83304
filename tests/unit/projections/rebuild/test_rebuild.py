"""A projection thrown away and built anew is the same again; what was tampered with is found and named."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from events.vocabulary.questions import QuestionRetired
from projections.engine.dead_letters import ProjectionFailed
from projections.engine.projector import catch_up
from projections.engine.store import Changes, CheckpointMoved
from projections.engine.user_state import stream_of
from projections.models.accounts import Accounts as AccountsProjection
from projections.models.questions import QuestionsProjection
from projections.models.seen_sets import SeenSetsProjection
from projections.models.user_statistics import UserStatisticsProjection
from projections.rebuild.rebuild import RebuildRunning, rebuild
from projections.rebuild.verify import PositionPassed, verify
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from trivia.platform.storage import Storage, open_storage

PROJECTIONS = (QuestionsProjection(), SeenSetsProjection(), UserStatisticsProjection())


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        await add_questions(opened.log, [question(n) for n in range(1, 301)])
        await play(opened, 1)
        head = await opened.log.head()
        for projection in PROJECTIONS:
            await catch_up(opened.log, models_of(opened.database), projection, head)
        yield opened


async def play(storage: Storage, seed: int) -> None:
    for n in range(seed, seed + 60):
        events = [
            QuestionsAssigned(tuple(range(n % 50 * 5 + 1, n % 50 * 5 + 6))),
            QuestionAnswered(n, "x", correct=n % 3 > 0, topic=f"Topic {n % 4}"),
            *([SeenReset()] if n % 13 == 0 else []),
        ]
        await storage.log.append([StreamWrite(stream_of(f"user-{n % 9}"), ANY, events)])
    await storage.log.append([StreamWrite(f"retiring-{seed}", ANY, [QuestionRetired(seed)])])


async def build(storage, projection, progress=lambda *_: None, **options):
    lock = leadership_of(storage.database, f"rebuild-{projection.name}")
    return await rebuild(storage.log, models_of(storage.database), projection, lock, progress, **options)


async def check(storage, projection, **options):
    lock = leadership_of(storage.database, f"rebuild-{projection.name}")
    models = models_of(storage.database)
    return await verify(storage.log, models, projection, lock, lambda *_: None, **options)


async def rows_of(storage, projection):
    models = models_of(storage.database)
    return [await models.fetch(f"SELECT * FROM {table.name} ORDER BY 1") for table in projection.tables]


async def change(storage, sql: str) -> None:
    if hasattr(storage.database, "session"):
        session = storage.database.session()
        await session.fetchval(sql)
        await session.close()
    else:
        await storage.database.write(lambda connection: connection.execute(sql))


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
async def test_a_rebuild_gives_the_same_rows_and_goes_on_from_the_head(storage, projection):
    before = await rows_of(storage, projection)
    assert all(before[:1])

    reached = await build(storage, projection)

    assert await rows_of(storage, projection) == before
    assert reached == await storage.log.head() == await models_of(storage.database).checkpoint(projection)
    await play(storage, 100)
    await catch_up(storage.log, models_of(storage.database), projection, await storage.log.head())
    assert (await check(storage, projection)).equal


async def test_a_rebuild_repairs_what_was_damaged_and_takes_away_what_no_event_brought(storage):
    projection = SeenSetsProjection()
    before = await rows_of(storage, projection)
    await change(storage, "UPDATE seen_sets SET version = 999 WHERE user_id = 'user-1'")
    await change(storage, "DELETE FROM seen_sets WHERE user_id = 'user-2'")
    await change(
        storage, "INSERT INTO seen_sets (user_id, version, seen) SELECT 'ghost', 1, seen FROM seen_sets LIMIT 1"
    )
    assert await rows_of(storage, projection) != before

    await build(storage, projection)

    assert await rows_of(storage, projection) == before


async def test_verify_finds_a_changed_a_missing_and_an_extra_row_and_names_them(storage):
    projection = QuestionsProjection()
    assert (await check(storage, projection)).equal
    await change(storage, "UPDATE questions SET answer = 'wrong', topic = 'Wrong' WHERE number = 7")
    await change(storage, "DELETE FROM questions WHERE number IN (1, 300)")
    await change(storage, "INSERT INTO banks (org, shared) VALUES ('ghost', 1)")

    verdict = await check(storage, projection)

    assert not verdict.equal
    assert [(d.table, d.key, d.fault, d.columns) for d in verdict.differences] == [
        ("questions", [1], "missing", []),
        ("questions", [7], "changed", ["answer", "topic"]),
        ("questions", [300], "missing", []),
        ("banks", ["ghost"], "extra", []),
    ]
    questions = verdict.tables[0]
    assert (questions.rows, questions.expected_rows, questions.differing) == (298, 300, 3)
    assert questions.digest != questions.expected_digest


async def test_verify_leaves_nothing_behind_and_touches_nothing(storage):
    projection = UserStatisticsProjection()
    before = await rows_of(storage, projection)
    await check(storage, projection)

    models = models_of(storage.database)
    assert await rows_of(storage, projection) == before
    assert await models.fetch("SELECT name FROM projection_checkpoints ORDER BY name") == [
        ("questions",),
        ("seen_sets",),
        ("user_statistics",),
    ]


async def test_verify_at_a_position_takes_the_projection_there_or_says_that_it_has_passed(storage):
    projection = SeenSetsProjection()
    await play(storage, 200)
    head = await storage.log.head()
    verdict = await check(storage, projection, at=head - 5)
    assert (verdict.position, verdict.equal) == (head - 5, True)

    with pytest.raises(PositionPassed, match=f"stands at {head - 5}, beyond 3"):
        await check(storage, projection, at=3)


class Killed(Exception):
    """Stands for whatever ends a rebuild in the middle."""


async def test_a_rebuild_that_was_interrupted_leaves_the_live_rows_alone_and_goes_on_where_it_was(storage, monkeypatch):
    monkeypatch.setattr("projections.rebuild.rebuild.BATCH", 50)
    projection = QuestionsProjection()
    before = await rows_of(storage, projection)
    seen: list[int] = []

    def stop_half_way(position: int, head: int) -> None:
        seen.append(position)
        if position > 150:
            raise Killed

    with pytest.raises(Killed):
        await build(storage, projection, stop_half_way)
    assert await rows_of(storage, projection) == before
    assert seen == [50, 100, 150, 200]

    again: list[int] = []
    await build(storage, projection, lambda position, _: again.append(position))
    assert again[0] == 250
    assert await rows_of(storage, projection) == before

    with pytest.raises(Killed):
        await build(storage, projection, stop_half_way)
    fresh: list[int] = []
    await build(storage, projection, lambda position, _: fresh.append(position), fresh=True)
    assert fresh[0] == 50


async def test_a_copy_that_was_thrown_away_takes_nothing_from_whoever_still_folds_it(storage):
    projection, copy = QuestionsProjection(), models_of(storage.database).copy("__rebuild")
    await copy.create(projection)
    await copy.store(projection, 0, 10, Changes({}))
    await copy.discard(projection)
    await copy.create(projection)

    with pytest.raises(CheckpointMoved):
        await copy.store(projection, 10, 20, Changes({}))

    assert await copy.checkpoint(projection) == 0
    await build(storage, projection)
    assert (await check(storage, projection)).equal


async def test_only_one_process_rebuilds_a_projection_at_a_time(storage):
    projection = QuestionsProjection()
    lock = leadership_of(storage.database, f"rebuild-{projection.name}")
    assert await lock.acquire()

    with pytest.raises(RebuildRunning):
        await build(storage, projection)

    await lock.release()
    await build(storage, projection)


async def test_readers_see_no_gap_and_no_step_back_while_writers_and_the_live_projection_go_on(storage):
    projection = SeenSetsProjection()
    models = models_of(storage.database)
    finished = asyncio.Event()
    counts: list[int] = []
    checkpoints: list[int] = []

    async def write() -> None:
        seed = 300
        while not finished.is_set():
            await play(storage, seed)
            seed += 100

    async def run_live() -> None:
        while not finished.is_set():
            with contextlib.suppress(CheckpointMoved):
                await catch_up(storage.log, models, projection, await storage.log.head())
            await asyncio.sleep(0)

    async def look() -> None:
        while not finished.is_set():
            counts.append((await models.fetch("SELECT count(*) FROM seen_sets"))[0][0])
            checkpoints.append(await models.checkpoint(projection))

    others = [asyncio.create_task(work()) for work in (write, run_live, look)]
    for _ in range(3):
        await build(storage, projection)
    finished.set()
    await asyncio.gather(*others)

    assert set(counts) == {9}
    assert checkpoints == sorted(checkpoints)
    assert (await check(storage, projection)).equal


async def test_a_projection_that_fails_on_an_event_ends_the_rebuild_and_the_old_rows_serve_on(storage, monkeypatch):
    projection = QuestionsProjection()
    before = await rows_of(storage, projection)
    broken = QuestionsProjection()
    monkeypatch.setattr(broken, "apply", lambda *_: 1 / 0)

    with pytest.raises(ProjectionFailed, match=r"event 1 \(.*ZeroDivisionError: division by zero"):
        await build(storage, broken)

    assert await rows_of(storage, projection) == before
    await build(storage, projection)


async def test_a_reader_that_holds_its_transaction_delays_the_switch_and_does_not_break_it(storage):
    projection = QuestionsProjection()
    before = await rows_of(storage, projection)

    @asynccontextmanager
    async def held():
        async with models_of(storage.database).snapshot(projection) as snapshot:
            assert [row async for row in snapshot.rows(projection.tables[0])]
            yield

    async with held():
        building = asyncio.create_task(build(storage, projection))
        await asyncio.sleep(0)
    await building

    assert await rows_of(storage, projection) == before


async def test_a_rebuild_keeps_every_index_however_often_and_a_comparison_leaves_none_behind(storage, database_url):
    async def indexes() -> list[tuple[str, str]]:
        models = models_of(storage.database)
        if database_url.startswith("sqlite"):
            rows = await models.fetch(
                "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            )
        else:
            rows = await models.fetch("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        return sorted((table, sql.partition("(")[2]) for table, sql in rows)

    before = await indexes()
    assert {"accounts"} <= {table for table, _ in before}
    for _ in range(3):
        for projection in (AccountsProjection(), QuestionsProjection()):
            await build(storage, projection)
            assert (await check(storage, projection)).equal
        assert await indexes() == before
