"""Projections inside the appends: never behind once they have caught up, and no event lost or doubled however they get there."""

from collections.abc import AsyncIterator

import pytest

from events.log import ANY, NO_STREAM, StreamMoved, StreamWrite
from events.vocabulary.accounts import OrganisationMade
from projections.engine.projector import catch_up
from projections.engine.retry_dead_letters import retry
from projections.engine.store import CheckpointMoved, ReadModels
from projections.engine.user_state import stream_of
from projections.rebuild.rebuild import SUFFIX, rebuild
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.answering import Inline, Lagging, answer, answers, assert_equals_a_fold_of_the_log
from trivia.platform.storage import Storage, open_storage

PROJECTION = Inline()


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    """A log with some answers, appended by a process that knows of the projection, which has caught up."""
    async with open_storage(database_url, [Inline]) as opened:
        await answer(opened.log, 1)
        await take_to_head(opened, models_of(opened.database))
        yield opened


@pytest.fixture
def models(storage: Storage) -> ReadModels:
    return models_of(storage.database)


async def take_to_head(storage: Storage, models: ReadModels) -> None:
    await catch_up(storage.log, models, PROJECTION, await storage.log.head())


async def counted(models: ReadModels) -> int:
    ((total,),) = await models.fetch("SELECT sum(answered) FROM user_statistics")
    return int(total)


async def test_once_caught_up_the_rows_move_with_each_append(storage, models):
    for seed in range(2, 12):
        head = await answer(storage.log, seed, 2)
        assert await models.checkpoint(PROJECTION) == head
        assert await counted(models) == head
    await assert_equals_a_fold_of_the_log(storage, models, PROJECTION)


async def test_appends_of_other_types_cost_nothing_and_the_next_of_its_own_goes_on_over_them(storage, models):
    before = await models.checkpoint(PROJECTION)
    made = OrganisationMade("ours", "Ours", shared_bank=False)
    await storage.log.append([StreamWrite("org-ours", ANY, [made])])
    assert await models.checkpoint(PROJECTION) == before
    assert await answer(storage.log, 2) == await models.checkpoint(PROJECTION)
    await assert_equals_a_fold_of_the_log(storage, models, PROJECTION)


async def test_an_append_that_is_refused_moves_nothing(storage, models):
    before = await models.checkpoint(PROJECTION)
    with pytest.raises(StreamMoved):
        await storage.log.append([StreamWrite(stream_of("user-1"), NO_STREAM, answers(9)[0].events)])
    assert await models.checkpoint(PROJECTION) == before == await storage.log.head()


async def test_what_a_process_appends_that_knows_nothing_is_taken_in_with_the_next_append_of_one_that_knows(
    storage, models, database_url
):
    head = await models.checkpoint(PROJECTION)
    async with open_storage(database_url) as unaware:
        await answer(unaware.log, 5)
    assert await models.checkpoint(PROJECTION) == head
    assert await answer(storage.log, 6) == await models.checkpoint(PROJECTION)
    assert await assert_equals_a_fold_of_the_log(storage, models, PROJECTION) == await storage.log.head()


@pytest.mark.parametrize("limit", ["MAX_EVENTS", "MAX_POSITIONS"])
async def test_what_would_hold_up_appends_is_left_to_the_projector(storage, models, database_url, monkeypatch, limit):
    monkeypatch.setattr(f"projections.engine.inline.{limit}", 30)
    head = await models.checkpoint(PROJECTION)
    async with open_storage(database_url) as unaware:
        await answer(unaware.log, 5, 12)
    await answer(storage.log, 6)
    assert await models.checkpoint(PROJECTION) == head

    await take_to_head(storage, models)
    assert await answer(storage.log, 7) == await models.checkpoint(PROJECTION)
    assert await assert_equals_a_fold_of_the_log(storage, models, PROJECTION) == await storage.log.head()


@pytest.mark.parametrize(
    "reason",
    [
        "INSERT INTO projection_pauses (name, paused_at) VALUES ('user_statistics', 1)",
        "INSERT INTO parked_events SELECT name, 1, 'k', 's', 't', 'why', 1 FROM projection_checkpoints",
        "UPDATE projection_checkpoints SET version = 2 WHERE name = 'user_statistics'",
        "DELETE FROM projection_checkpoints WHERE name = 'user_statistics'",
    ],
    ids=["paused", "parked events", "another version", "new"],
)
async def test_appends_leave_alone_what_is_not_theirs_to_move(storage, models, reason):
    await models.execute([(reason, [()])])
    before = await models.fetch("SELECT * FROM projection_checkpoints")
    total = await counted(models)
    await answer(storage.log, 2)
    assert await models.fetch("SELECT * FROM projection_checkpoints") == before
    assert await counted(models) == total


async def test_a_projection_that_fails_keeps_nobody_from_appending_and_comes_back_once_it_can(
    storage, models, monkeypatch
):
    async def append_both() -> int:
        await storage.log.append([StreamWrite(stream_of("user-9"), ANY, answers(7)[0].events)])
        return await answer(storage.log, 8)

    before = await models.checkpoint(PROJECTION)
    with monkeypatch.context() as broken:
        broken.setattr(Inline, "apply", fail_for_user_9)
        head = await append_both()
        assert await models.checkpoint(PROJECTION) == before
        await catch_up(storage.log, models, PROJECTION, head)
        later = await append_both()
        await catch_up(storage.log, models, PROJECTION, later)
        assert await models.checkpoint(PROJECTION) == later == await storage.log.head()

    # Mended or not: an event of the parked key must wait behind the one that failed, which an append would not know.
    assert await models.checkpoint(PROJECTION) < await append_both()
    await retry(storage.log, models, PROJECTION, stream_of("user-9"))
    await take_to_head(storage, models)
    assert await append_both() == await models.checkpoint(PROJECTION)
    assert await assert_equals_a_fold_of_the_log(storage, models, PROJECTION) == await storage.log.head()


def fail_for_user_9(projection, decoded, rows):
    if decoded.recorded.stream == stream_of("user-9"):
        raise ZeroDivisionError
    super(Inline, projection).apply(decoded, rows)


def put_nulls(projection, _, rows):
    rows.put(projection.table, ("user-1", *[None] * 6))


async def test_rows_that_the_database_does_not_take_keep_nobody_from_appending(storage, models, monkeypatch):
    before = await models.checkpoint(PROJECTION)
    monkeypatch.setattr(Inline, "apply", put_nulls)
    head = await answer(storage.log, 2)
    assert head == await storage.log.head()
    assert await models.checkpoint(PROJECTION) == before


async def test_a_table_that_is_missing_keeps_nobody_from_appending(storage, models):
    await models.execute([("ALTER TABLE user_statistics RENAME TO taken_away", [()])])
    head = await answer(storage.log, 2)
    await models.execute([("ALTER TABLE taken_away RENAME TO user_statistics", [()])])
    await take_to_head(storage, models)
    assert await assert_equals_a_fold_of_the_log(storage, models, PROJECTION) == head


async def test_a_rebuild_takes_the_place_of_rows_that_move_with_appends(storage, models):
    await models.execute([("UPDATE user_statistics SET answered = 1000", [()])])
    lock = leadership_of(storage.database, "rebuild-user_statistics")
    await rebuild(storage.log, models, PROJECTION, lock, lambda *_: None)
    assert await answer(storage.log, 2) == await models.checkpoint(PROJECTION)
    assert await assert_equals_a_fold_of_the_log(storage, models, PROJECTION) == await storage.log.head()


@pytest.mark.parametrize("projection", [Inline(), Lagging()], ids=["inline", "catching up"])
async def test_rows_loaded_before_a_rebuild_was_put_in_place_are_not_stored_after_it(
    storage, models, monkeypatch, database_url, projection
):
    await models.execute([("UPDATE user_statistics SET answered = 1000", [()])])
    copy = models.copy(SUFFIX)
    await copy.create(projection)
    await catch_up(storage.log, copy, projection, await storage.log.head())
    async with open_storage(database_url) as unaware:
        head = await answer(unaware.log, 2)
    load = models.load

    async def load_and_be_overtaken(*arguments):
        rows = await load(*arguments)
        assert await copy.promote(projection)
        return rows

    monkeypatch.setattr(models, "load", load_and_be_overtaken)
    with pytest.raises(CheckpointMoved):
        await catch_up(storage.log, models, projection, head)
    monkeypatch.undo()
    assert await assert_equals_a_fold_of_the_log(storage, models, projection) == head
