"""Projections in tables: complete, once, by one process at a time."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.accounts import OrganisationMade
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from events.vocabulary.questions import QuestionRetired
from projections.engine.projector import Projector, catch_up
from projections.engine.store import Changes, CheckpointMoved
from projections.engine.user_state import load_state, stream_of
from projections.models.pool_boot import boot_pool
from projections.models.question_pool import Filter, QuestionPool
from projections.models.questions import QUESTIONS, QuestionsProjection
from projections.models.seen_sets import SEEN_SETS, SeenSet, SeenSetsProjection
from projections.models.user_statistics import UserStatisticsProjection
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from tests.support.waiting import eventually
from trivia.platform.storage import Storage, open_storage


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        yield opened


def projector_of(storage: Storage, *projections) -> Projector:
    found = projections or (QuestionsProjection(), SeenSetsProjection(), UserStatisticsProjection())
    return Projector(storage.log, models_of(storage.database), found, leadership_of(storage.database))


async def catch_up_in(storage: Storage, projection, until: int) -> None:
    await catch_up(storage.log, models_of(storage.database), projection, until)


async def fill(storage: Storage) -> int:
    await add_questions(storage.log, [question(n) for n in range(1, 2_501)])
    for n in range(1, 40):
        user = f"user-{n % 7}"
        await storage.log.append(
            [
                StreamWrite(
                    stream_of(user),
                    ANY,
                    [
                        QuestionsAssigned(tuple(range(n * 10, n * 10 + 10))),
                        QuestionAnswered(n * 10, "x", correct=n % 2 == 0, topic="Art"),
                        *([SeenReset()] if n % 11 == 0 else []),
                    ],
                ),
                StreamWrite(f"retired-{n}", ANY, [QuestionRetired(n)]),
            ]
        )
    return (
        await storage.log.append([StreamWrite("org", ANY, [OrganisationMade("ours", "Ours", shared_bank=False)])])
    ).last


async def test_questions_are_numbered_in_the_order_of_the_log_over_batches(storage):
    head = await fill(storage)
    projection = QuestionsProjection()
    await catch_up_in(storage, projection, head)

    models = models_of(storage.database)
    rows = await models.fetch("SELECT number, prompt, retired FROM questions ORDER BY number")
    assert [row[:2] for row in rows] == [(n, f"What is {n} times {n}?") for n in range(1, 2_501)]
    assert [row[0] for row in rows if row[2]] == list(range(1, 40))
    assert await models.checkpoint(projection) == head


async def test_a_pool_booted_from_the_table_equals_one_folded_from_the_log(storage):
    head = await fill(storage)
    models = models_of(storage.database)
    await catch_up_in(storage, QuestionsProjection(), head)
    later = await add_questions(storage.log, [question(9_999)])

    booted = QuestionPool()
    assert await boot_pool(booted, models, later) == head < later
    for org in ("public", "ours", "others"):
        candidates = booted.candidates(org, Filter(age=10))
        assert len(candidates.bits) == (0 if org == "ours" else 2_461)
    assert b'"What is 77 times 77?"' in booted.bodies([77])[0]
    assert booted.explanation(77) == "77 times 77 is 5929."
    assert booted.question(2_501) is None


async def test_a_user_state_is_right_at_any_lag_of_its_projection(storage):
    models, log = models_of(storage.database), storage.log
    head = await fill(storage)
    for until in (0, 2_510, 2_550, head):
        await catch_up_in(storage, SeenSetsProjection(), until)
        for n in range(7):
            user = f"user-{n}"
            state = await load_state(log, models, SEEN_SETS, SeenSet, user)
            folded = SeenSet()
            for event in await log.read_stream(stream_of(user)):
                folded.evolve(_decode(event), event.version)
            assert state == folded


def _decode(recorded):
    from events.vocabulary.decoding import decode

    return decode(recorded).event


async def test_two_runners_that_both_believe_to_lead_apply_no_event_twice(storage):
    head = await fill(storage)
    outcomes = await asyncio.gather(
        *[catch_up_in(storage, QuestionsProjection(), head) for _ in range(4)], return_exceptions=True
    )

    assert any(isinstance(outcome, CheckpointMoved) for outcome in outcomes)
    assert all(outcome is None or isinstance(outcome, CheckpointMoved) for outcome in outcomes)
    await catch_up_in(storage, QuestionsProjection(), head)
    models = models_of(storage.database)
    assert await models.fetch("SELECT count(*), min(number), max(number) FROM questions") == [(2_500, 1, 2_500)]


async def test_a_checkpoint_that_moved_keeps_the_rows_from_being_stored(storage):
    models, projection = models_of(storage.database), QuestionsProjection()
    await add_questions(storage.log, [question(1)])
    await catch_up_in(storage, projection, 1)
    changes = Changes({})
    changes.put(QUESTIONS, (2, 2, "c", "public", "p", "[]", "a", "t", 0, 120, None, None, None, 0))

    with pytest.raises(CheckpointMoved):
        await models.store(projection, 0, 2, changes)

    assert await models.checkpoint(projection) == 1
    assert await models.load(QUESTIONS, [(2,)]) == {}


async def test_rows_can_be_deleted_and_replaced_in_one_batch(storage):
    models, projection = models_of(storage.database), QuestionsProjection()
    await add_questions(storage.log, [question(n) for n in (1, 2, 3)])
    await catch_up_in(storage, projection, 3)
    loaded = await models.load(QUESTIONS, [(1,), (2,), (99,)])
    changes = Changes({QUESTIONS.name: loaded})
    changes.delete(QUESTIONS, (1,))
    changes.put(QUESTIONS, (*loaded[(2,)][:-1], 1))
    changes.put(QUESTIONS, (*loaded[(1,)][:-1], 1))
    changes.delete(QUESTIONS, (1,))
    await models.store(projection, 3, 4, changes)

    assert await models.fetch("SELECT number, pending FROM questions ORDER BY number") == [(2, 1), (3, 0)]


async def test_only_one_process_leads_and_another_takes_over(database_url):
    async with open_storage(database_url) as one, open_storage(database_url) as other:
        first, second = leadership_of(one.database), leadership_of(other.database)
        assert await first.acquire()
        assert not await second.acquire()
        assert await first.acquire()
        await first.release()
        assert await second.acquire()
        assert not await first.acquire()
        await second.release()


class Eager(SeenSetsProjection):
    """Does not wait before it looks again."""

    interval = 0.0


async def test_a_running_projector_keeps_up_with_the_log_and_survives_a_projection_that_fails(storage, monkeypatch):
    broken = QuestionsProjection()
    monkeypatch.setattr(broken, "apply", lambda *_: 1 / 0)
    healthy = Eager()
    running = asyncio.create_task(projector_of(storage, broken, healthy).run())
    head = await fill(storage)
    models = models_of(storage.database)

    async def caught_up() -> bool:
        return await models.checkpoint(healthy) >= head

    await eventually(caught_up, timeout=20)
    assert await models.checkpoint(broken) == 0
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
