"""Building several projections in one pass over the log: the same rows as one by one, wherever it is interrupted."""

from collections.abc import AsyncIterator

import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from events.vocabulary.questions import QuestionRetired
from projections.engine.dead_letters import ProjectionFailed
from projections.engine.projector import catch_up
from projections.models.questions import QuestionsProjection
from projections.rebuild.rebuild import RebuildRunning, rebuild_all
from projections.rebuild.verify import verify
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from trivia.platform.storage import Storage, open_storage
from trivia.services import PROJECTIONS


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        for round_ in range(4):
            await add_questions(opened.log, [question(n) for n in range(40 * round_, 40 * round_ + 40)])
            await opened.log.append(
                [
                    StreamWrite(f"assignments-user-{n}", ANY, [
                        QuestionsAssigned(tuple(range(n + 1, n + 6))),
                        QuestionAnswered(n + 2, "x", correct=n % 3 > 0, topic=f"Topic {n % 4}"),
                        *([SeenReset()] if (n + round_) % 5 == 0 else []),
                    ])
                    for n in range(30)
                ]
            )  # fmt: skip
            await opened.log.append([StreamWrite(f"retiring-{round_}", ANY, [QuestionRetired(3 + round_)])])
        yield opened


def projections_of():
    return [kind() for kind in PROJECTIONS]


def locked(storage: Storage, projections):
    return [(each, leadership_of(storage.database, f"rebuild-{each.name}")) for each in projections]


async def rows_of(storage: Storage, projections) -> dict[str, list]:
    found = {}
    for projection in projections:
        async with models_of(storage.database).snapshot(projection) as snapshot:
            for table in projection.tables:
                found[table.name] = [row async for row in snapshot.rows(table)]
    return found


async def one_by_one(storage: Storage, projections) -> dict[str, list]:
    """The rows as the runner makes them, a batch of a few events at a time."""
    head = await storage.log.head()
    for projection in projections:
        await catch_up(storage.log, models_of(storage.database), projection, head, batch=17)
    return await rows_of(storage, projections)


async def test_all_read_models_are_rebuilt_in_one_pass_and_are_what_they_were(storage: Storage) -> None:
    projections = projections_of()
    before = await one_by_one(storage, projections)
    assert before["questions"]
    assert before["seen_sets"]
    assert before["usage_counters"]
    told: list[tuple[int, int]] = []

    reached = await rebuild_all(
        storage.log, models_of(storage.database), locked(storage, projections), lambda *to: told.append(to)
    )

    head = await storage.log.head()
    assert reached == {projection.name: head for projection in projections}
    assert told[-1] == (head, head)
    assert await rows_of(storage, projections) == before
    for projection, lock in locked(storage, projections):
        verdict = await verify(storage.log, models_of(storage.database), projection, lock, lambda *_: None)
        assert verdict.equal


@pytest.mark.parametrize(("rows", "batch"), [(10, 1_000_000), (0, 60), (1_000_000, 25)])
async def test_rows_that_found_no_room_are_loaded_again(storage: Storage, monkeypatch, rows: int, batch: int) -> None:
    monkeypatch.setattr("projections.rebuild.multi_fold.ROWS", rows)
    monkeypatch.setattr("projections.rebuild.multi_fold.PAGE", 20)
    monkeypatch.setattr("projections.rebuild.rebuild.BATCH", batch)
    projections = projections_of()
    before = await one_by_one(storage, projections)

    await rebuild_all(storage.log, models_of(storage.database), locked(storage, projections), lambda *_: None)

    assert await rows_of(storage, projections) == before


class Killed(Exception):
    """Stands for whatever ends a rebuild in the middle."""


async def test_copies_that_an_interruption_left_at_different_places_all_go_on_from_there(
    storage: Storage, monkeypatch
) -> None:
    monkeypatch.setattr("projections.rebuild.multi_fold.PAGE", 20)
    monkeypatch.setattr("projections.rebuild.rebuild.BATCH", 45)
    projections, models = projections_of(), models_of(storage.database)
    before = await one_by_one(storage, projections)

    def stop(position: int, _: int) -> None:
        if position > 250:
            raise Killed

    with pytest.raises(Killed):
        await rebuild_all(storage.log, models, locked(storage, projections), stop)
    assert await rows_of(storage, projections) == before
    left = [await models.copy("__rebuild").checkpoint(projection) for projection in projections]
    assert 0 < max(left) <= 270
    assert len(set(left)) > 2

    told: list[int] = []
    await rebuild_all(storage.log, models, locked(storage, projections), lambda position, _: told.append(position))
    assert told[0] > min(left)
    assert await rows_of(storage, projections) == before


async def test_when_one_is_being_rebuilt_already_none_is_begun(storage: Storage) -> None:
    projections, models = projections_of(), models_of(storage.database)
    taken = locked(storage, projections)[2]
    assert await taken[1].acquire()

    with pytest.raises(RebuildRunning, match=taken[0].name):
        await rebuild_all(storage.log, models, locked(storage, projections), lambda *_: None)

    assert [await models.copy("__rebuild").checkpoint(projection) for projection in projections] == [0] * len(
        projections
    )
    await taken[1].release()
    await rebuild_all(storage.log, models, locked(storage, projections), lambda *_: None)


async def test_the_event_that_one_projection_fails_on_is_named_and_nothing_is_switched_to(storage: Storage) -> None:
    projections, models = projections_of(), models_of(storage.database)
    before = await one_by_one(storage, projections)
    (questions,) = [projection for projection in projections if projection.name == "questions"]
    apply = questions.apply

    def fail_on_retiring(decoded, rows) -> None:
        if isinstance(decoded.event, QuestionRetired):
            raise ZeroDivisionError
        apply(decoded, rows)

    questions.apply = fail_on_retiring
    (first,) = await storage.log.read(types=["QuestionRetired"], limit=1)
    with pytest.raises(ProjectionFailed, match=f"questions cannot apply event {first.position} ") as failure:
        await rebuild_all(storage.log, models, locked(storage, projections), lambda *_: None)
    assert failure.value.event.position == first.position
    assert await rows_of(storage, projections) == before


async def test_an_event_that_cannot_be_read_is_named_and_who_would_have_taken_it_in(
    storage: Storage, monkeypatch
) -> None:
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(QuestionsAssigned, "schema", 7)
        appended = await storage.log.append([StreamWrite("assignments-user-1", ANY, [QuestionsAssigned((1, 2))])])
    models = models_of(storage.database)
    before = await one_by_one(storage, [QuestionsProjection()])

    expected = rf"^seen_sets and usage cannot apply event {appended.last} \(QuestionsAssigned .* has schema 7"
    with pytest.raises(ProjectionFailed, match=expected):
        await rebuild_all(storage.log, models, locked(storage, projections_of()), lambda *_: None)

    assert await rows_of(storage, [QuestionsProjection()]) == before
