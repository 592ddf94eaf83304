"""A database from before questions were reviewed and searched comes to what a new one would hold."""

import pytest

from migrations import runner
from migrations.runner import available
from projections.engine.projector import catch_up
from projections.models.question_pool import Filter
from projections.models.question_search import Wanted
from projections.models.questions import QuestionsProjection
from projections.rebuild.verify import verify
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from trivia.platform.storage import migrate, open_storage

OLD = """INSERT INTO questions (number, position, content, org, prompt, options, answer, topic, min_age, max_age, retired)
VALUES (1, 1, 'c', 'public', 'p', '[]', 'a', 't', 0, 120, 0)"""


@pytest.fixture(params=["sqlite", "postgres"])
async def old_url(request, tmp_path, monkeypatch) -> str:
    """A database with the first five migrations only, in which a question is folded."""
    url = (
        f"sqlite:///{tmp_path / 'old.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("empty_postgres_url")
    )
    with monkeypatch.context() as patched:
        patched.setattr(runner, "available", lambda database: available(database)[:5])
        await migrate(url)
    async with open_storage(url) as storage:
        for sql in (
            OLD,
            "INSERT INTO question_count (name, number) VALUES ('questions', 1)",
            "INSERT INTO projection_checkpoints (name, version, position) VALUES ('questions', 1, 1)",
            "INSERT INTO projection_checkpoints (name, version, position) VALUES ('questions__rebuild', 1, 1)",
            "INSERT INTO projection_checkpoints (name, version, position) VALUES ('seen_sets', 1, 1)",
        ):
            await storage.database.write(lambda connection, sql=sql: connection.execute(sql))
    return url


async def test_the_read_model_of_questions_begins_again_and_the_others_stay(old_url):
    applied = await migrate(old_url)
    assert applied[0] == "0006_question_review"

    projection = QuestionsProjection()
    async with open_storage(old_url) as storage:
        models = models_of(storage.database)
        assert await models.fetch("SELECT number FROM questions") == []
        assert await models.fetch("SELECT name FROM projection_checkpoints") == [("seen_sets",)]
        await add_questions(storage.log, [question(n) for n in range(1, 4)])
        await catch_up(storage.log, models, projection, await storage.log.head())

        lock = leadership_of(storage.database, "rebuild-questions")
        assert (await verify(storage.log, models, projection, lock, lambda *_: None)).equal
        found = await storage.database.question_search().find(Wanted(["times", "9"], "public", True, Filter(), 10))
        assert [number for _, number in found] == [3]
