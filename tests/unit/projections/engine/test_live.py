"""Live views go on past events that they cannot apply, and say so where the status finds it."""

from collections.abc import AsyncIterator

import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.assignments import QuestionsAssigned, SeenReset
from events.vocabulary.decoding import Decoded
from events.vocabulary.questions import QuestionAdded
from projections.engine.live import LiveViews
from projections.models.question_pool import Filter, QuestionPool
from projections.rebuild.status import overview
from projections.storage.backends import models_of
from tests.support.banks import add_questions, question
from trivia.platform.storage import Storage, open_storage

DEAD_LETTERS = "SELECT projection, position, stream, type, error FROM parked_events ORDER BY projection, position"


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        yield opened


async def add_unreadable(storage: Storage, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A question as software of tomorrow writes it."""
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(QuestionAdded, "schema", 99)
        await add_questions(storage.log, [question(number)])


def live_of(storage: Storage) -> tuple[LiveViews, QuestionPool]:
    live, pool = LiveViews(storage.log, models_of(storage.database)), QuestionPool()
    live.feed("questions", QuestionPool.handles, pool.apply, pool.skip)
    return live, pool


async def test_a_question_that_cannot_be_read_keeps_its_number_and_is_not_given_out(storage, monkeypatch):
    await add_questions(storage.log, [question(1)])
    await add_unreadable(storage, monkeypatch, 2)
    head = await add_questions(storage.log, [question(3)])
    live, pool = live_of(storage)

    await live.catch_up()

    assert live.position == head
    assert list(pool.candidates("public", Filter()).bits) == [1, 3]
    assert pool.question(2) is None
    assert pool.question(3).prompt == "What is 3 times 3?"
    ((view, position, _, kind, error),) = await models_of(storage.database).fetch(DEAD_LETTERS)
    assert (view, position, kind) == ("live:questions", head - 1, "QuestionAdded")
    assert "99" in error


async def test_a_question_that_the_pool_fails_on_keeps_its_number(storage, monkeypatch):
    await add_questions(storage.log, [question(n) for n in (1, 2, 3)])
    live, pool = live_of(storage)
    add = pool.add

    def fail(number: int, added: QuestionAdded) -> None:
        if number == 2:
            raise ValueError("bad")
        add(number, added)

    monkeypatch.setattr(pool, "add", fail)
    await live.catch_up()
    assert list(pool.candidates("public", Filter()).bits) == [1, 3]


async def test_one_view_that_fails_keeps_no_other_from_its_events(storage):
    live, heard = LiveViews(storage.log, models_of(storage.database)), []

    def fail(_: Decoded) -> None:
        raise RuntimeError("no")

    live.feed("failing", [SeenReset, QuestionsAssigned], fail)
    live.feed("hearing", [SeenReset], lambda decoded: heard.append(decoded.recorded.position))
    await storage.log.append([StreamWrite("assignments-ada", ANY, [SeenReset(), QuestionsAssigned((1,)), SeenReset()])])
    await live.catch_up()

    assert heard == [1, 3]
    found = await models_of(storage.database).fetch(DEAD_LETTERS)
    assert [(row[0], row[1], row[4]) for row in found] == [("live:failing", n, "RuntimeError: no") for n in (1, 2, 3)]


async def test_what_newer_software_can_read_is_no_dead_letter_any_more(storage, monkeypatch):
    await add_unreadable(storage, monkeypatch, 1)
    await live_of(storage)[0].catch_up()
    monkeypatch.setattr(QuestionAdded, "schema", 99)
    monkeypatch.setattr("projections.engine.live.decode", lambda recorded: Decoded(recorded, question(1)))

    live, pool = live_of(storage)
    await live.catch_up()

    assert pool.last == 1
    assert await models_of(storage.database).fetch(DEAD_LETTERS) == []


async def test_the_status_names_what_a_view_could_not_apply(storage, monkeypatch):
    await add_unreadable(storage, monkeypatch, 1)
    await add_unreadable(storage, monkeypatch, 2)
    await live_of(storage)[0].catch_up()
    (status,) = (await overview(storage.log, models_of(storage.database), [])).live_views
    assert (status.name, status.dead_letters, status.error_position) == ("questions", 2, 1)
    assert "schema 99" in status.error
