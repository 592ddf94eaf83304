"""What the status of projections says, in every process alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned
from projections.engine.projector import Projector, catch_up
from projections.engine.run_status import Run, write_runs
from projections.engine.user_state import stream_of
from projections.models.questions import QuestionsProjection
from projections.models.seen_sets import SeenSetsProjection
from projections.models.user_statistics import UserStatisticsProjection
from projections.rebuild.background import LOCK, Rebuilds
from projections.rebuild.rebuild import RebuildRunning, rebuild
from projections.rebuild.status import Overview, ProjectionStatus, overview
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from tests.support.waiting import eventually
from trivia.platform.storage import Storage, open_storage


class Eager(SeenSetsProjection):
    interval = 0.0


class Second(UserStatisticsProjection):
    """The same read model, as the next version of the software makes it."""

    version = 2
    interval = 0.0


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr("projections.engine.projector.INTERVAL_SECONDS", 0.02)
    monkeypatch.setattr("projections.engine.run_status.WRITE_SECONDS", 0.02)


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        yield opened


async def look(storage: Storage, *projections) -> Overview:
    return await overview(storage.log, models_of(storage.database), projections)


async def one(storage: Storage, projection) -> ProjectionStatus:
    return (await look(storage, projection)).projections[0]


def rebuilds_of(storage: Storage) -> Rebuilds:
    return Rebuilds(
        storage.log,
        models_of(storage.database),
        lambda projection: leadership_of(storage.database, LOCK + projection.name),
    )


@asynccontextmanager
async def running(storage: Storage, *projections, renew=None) -> AsyncIterator[None]:
    projector = Projector(storage.log, models_of(storage.database), projections, leadership_of(storage.database), renew)
    task = asyncio.create_task(projector.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def becomes(storage: Storage, projection, state: str) -> ProjectionStatus:
    async def is_so() -> bool:
        return (await one(storage, projection)).state == state

    await eventually(is_so, timeout=20)
    return await one(storage, projection)


async def give(storage: Storage, user: str, *questions: int) -> None:
    await storage.log.append([StreamWrite(stream_of(user), ANY, [QuestionsAssigned(questions)])])


async def set_checkpoint(storage: Storage, projection, position: int, version: int | None = None) -> None:
    await models_of(storage.database).execute(
        [
            ("DELETE FROM projection_checkpoints WHERE name = $1", [(projection.name,)]),
            (
                "INSERT INTO projection_checkpoints (name, version, position) VALUES ($1, $2, $3)",
                [(projection.name, version or projection.version, position)],
            ),
        ]
    )


async def test_a_projection_is_new_then_detached_until_somebody_runs_it_and_then_active(storage):
    projection = Eager()
    await give(storage, "ada", 1)
    status = await one(storage, projection)
    assert (status.state, status.checkpoint, status.head, status.lag_events) == ("new", 0, 1, 1)
    assert status.lag_seconds >= 0
    assert (await look(storage, projection)).runner is None

    await catch_up(storage.log, models_of(storage.database), projection, 1)
    assert (await one(storage, projection)).state == "detached"

    async with running(storage, projection):
        status = await becomes(storage, projection, "active")
        assert (status.lag_events, status.lag_seconds, status.error) == (0, 0.0, None)
        runner = (await look(storage, projection)).runner
        assert runner is not None
        assert runner.alive
        assert runner.seconds_ago < 20


async def test_a_runner_that_is_not_heard_of_any_more_leaves_its_projections_detached(storage, monkeypatch):
    projection = Eager()
    async with running(storage, projection):
        await give(storage, "ada", 1)
        await becomes(storage, projection, "active")
    await give(storage, "ada", 2)
    assert (await one(storage, projection)).state == "active"

    monkeypatch.setattr("projections.rebuild.status.DEAD_SECONDS", 0)
    status = await one(storage, projection)
    assert (status.state, status.lag_events) == ("detached", 1)


async def test_a_projection_far_behind_is_booting_and_says_how_long_it_will_take(storage):
    projection, models = Eager(), models_of(storage.database)
    for number in range(1, 11):
        await give(storage, "ada", number)
    await catch_up(storage.log, models, projection, 4)
    run = Run.begun(projection)
    run.rate = 2.0
    await write_runs(models, [run], leading_since=1)

    status = await one(storage, projection)

    assert (status.state, status.lag_events, status.rate, status.seconds_left) == ("booting", 6, 2.0, 3.0)


async def test_a_projection_that_stops_is_in_error_with_the_position_and_the_others_go_on(storage, monkeypatch):
    broken, healthy = QuestionsProjection(), Eager()
    await add_questions(storage.log, [question(n) for n in range(1, 4)])
    await catch_up(storage.log, models_of(storage.database), broken, 2)
    monkeypatch.setattr(broken, "apply", lambda *_: 1 / 0)
    await give(storage, "ada", 1)

    async with running(storage, broken, healthy):
        status = await becomes(storage, broken, "error")
        assert (status.checkpoint, status.error_position) == (2, 3)
        assert "questions cannot apply event 3" in str(status.error)
        assert "ZeroDivisionError: division by zero" in str(status.error)
        await becomes(storage, healthy, "active")
        monkeypatch.undo()
        await becomes(storage, broken, "active")
    assert await models_of(storage.database).fetch("SELECT count(*) FROM questions") == [(3,)]


async def test_a_table_that_was_changed_by_hand_stops_its_projection_alone(storage):
    broken, healthy = UserStatisticsProjection(), Eager()
    await models_of(storage.database).execute([("ALTER TABLE user_statistics RENAME COLUMN answered TO changed", [()])])
    answer = QuestionAnswered(1, "x", correct=True, topic="Art")
    await storage.log.append([StreamWrite(stream_of("ada"), ANY, [QuestionsAssigned((1,)), answer])])

    async with running(storage, broken, healthy):
        status = await becomes(storage, broken, "error")
        assert "answered" in str(status.error)
        assert (await becomes(storage, healthy, "active")).checkpoint == 2


async def test_a_checkpoint_beyond_the_log_is_an_error_that_is_not_moved_and_a_rebuild_mends_it(storage):
    projection = Eager()
    models = models_of(storage.database)
    await give(storage, "ada", 1)
    await catch_up(storage.log, models, projection, 1)
    await set_checkpoint(storage, projection, 50)
    expected = (
        "it stands at 50, but the log ends at 1: this is not the log it was made from, or an older copy; rebuild it"
    )
    assert (await one(storage, projection)).state == "error"

    async with running(storage, projection):
        status = await becomes(storage, projection, "error")
        assert (status.error, status.checkpoint, status.lag_events) == (expected, 50, 0)
        assert await models.fetch("SELECT user_id FROM seen_sets") == [("ada",)]
        lock = leadership_of(storage.database, LOCK + projection.name)
        assert await rebuild(storage.log, models, projection, lock, lambda *_: None) == 1
        assert (await becomes(storage, projection, "active")).checkpoint == 1


async def test_a_rebuild_that_was_left_beyond_the_log_begins_anew(storage):
    projection, models = Eager(), models_of(storage.database)
    await give(storage, "ada", 1)
    copy = models.copy("__rebuild")
    await copy.create(projection)
    await models.execute(
        [("INSERT INTO projection_checkpoints (name, version, position) VALUES ($1, 1, 99)", [("seen_sets__rebuild",)])]
    )
    lock = leadership_of(storage.database, LOCK + projection.name)
    assert await rebuild(storage.log, models, projection, lock, lambda *_: None) == 1
    assert await models.fetch("SELECT user_id FROM seen_sets") == [("ada",)]


async def test_rows_made_by_newer_software_are_left_alone(storage):
    projection, models = Eager(), models_of(storage.database)
    await give(storage, "ada", 1)
    await set_checkpoint(storage, projection, 1, version=9)

    async with running(storage, projection):
        status = await becomes(storage, projection, "error")
        assert "of version 9, made by newer software" in str(status.error)
        assert await models.fetch("SELECT version, position FROM projection_checkpoints") == [(9, 1)]


async def test_rows_of_an_older_version_are_built_anew_by_whoever_runs_the_projections(storage):
    first, models = UserStatisticsProjection(), models_of(storage.database)
    await give(storage, "ada", 1)
    await catch_up(storage.log, models, first, 1)
    assert (await one(storage, Second())).state == "detached"
    rebuilds = rebuilds_of(storage)

    async with running(storage, Second(), renew=rebuilds.renew):
        await becomes(storage, Second(), "active")
    await rebuilds.close()

    status = await one(storage, Second())
    assert (status.checkpoint, status.lag_events) == (1, 0)
    assert status.rebuild is not None
    assert status.rebuild.state == "done"


async def test_a_paused_projection_rests_while_the_others_go_on(storage):
    paused, healthy = Eager(), Second()
    models = models_of(storage.database)
    await give(storage, "ada", 1)
    await models.execute([("INSERT INTO projection_pauses (name, paused_at) VALUES ($1, 1)", [(paused.name,)])])

    async with running(storage, paused, healthy):
        await becomes(storage, healthy, "active")
        assert (await one(storage, paused)).state == "paused"
        assert await models.checkpoint(paused) == 0
        await models.execute([("DELETE FROM projection_pauses", [()])])
        await becomes(storage, paused, "active")


async def test_parked_events_are_counted_and_are_no_error(storage, monkeypatch):
    projection, models = Eager(), models_of(storage.database)
    for user in ("ada", "bob", "ada"):
        await give(storage, user, 1)
    monkeypatch.setattr(projection, "apply", lambda *_: 1 / 0)
    await catch_up(storage.log, models, projection, 3)

    status = await one(storage, projection)

    assert (status.parked_keys, status.parked_events, status.lag_events, status.error) == (2, 3, 0, None)


async def rebuilding(storage: Storage, projection, state: str):
    async def is_so() -> bool:
        found = (await one(storage, projection)).rebuild
        return found is not None and found.state == state

    await eventually(is_so, timeout=20)
    return (await one(storage, projection)).rebuild


async def test_the_status_of_a_rebuild_says_whether_it_runs_was_interrupted_failed_or_is_done(storage, monkeypatch):
    projection, models = Eager(), models_of(storage.database)
    await give(storage, "ada", 1)
    assert (await one(storage, projection)).rebuild is None
    rebuilds, built, held = rebuilds_of(storage), asyncio.Event(), asyncio.Event()
    promote = type(models).promote

    async def promote_later(*arguments):
        built.set()
        await held.wait()
        return await promote(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(type(models), "promote", promote_later)
        await rebuilds.start(projection)
        await built.wait()
        assert (await rebuilding(storage, projection, "running")).position == 1
        with pytest.raises(RebuildRunning, match="seen_sets is being rebuilt already"):
            await rebuilds_of(storage).start(projection)
        await rebuilds.close()
        assert "the next rebuild goes on" in (await rebuilding(storage, projection, "interrupted")).error

    await give(storage, "ada", 2)
    with monkeypatch.context() as patch:
        patch.setattr(projection, "apply", lambda *_: 1 / 0)
        await rebuilds.start(projection)
        failed = await rebuilding(storage, projection, "failed")
        assert (failed.position, failed.error_position) == (1, 2)

    await rebuilds.start(projection)
    assert (await rebuilding(storage, projection, "done")).error is None
    assert await models.checkpoint(projection) == 2
    await rebuilds.close()
