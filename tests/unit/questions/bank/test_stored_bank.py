"""The bank as the database has it is the same wherever the read model stands."""

import msgspec
import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.questions import QuestionApproved, QuestionRetired
from projections.engine.projector import catch_up
from projections.models.questions import QuestionsProjection
from projections.storage.backends import models_of
from tests.support.banks import add_questions, question
from trivia.platform.storage import open_storage
from trivia.questions.bank.stored_bank import StoredBank


@pytest.fixture
async def storage(database_url: str):
    async with open_storage(database_url) as opened:
        yield opened


async def test_what_waits_or_is_retired_is_left_out_however_far_the_read_model_is(storage):
    questions = [msgspec.structs.replace(question(n), pending=n % 2 == 0) for n in range(1, 9)]
    questions[6] = question(7, org="ours")
    await add_questions(storage.log, questions)
    changes = [QuestionApproved(2), QuestionRetired(1), QuestionApproved(4), QuestionRetired(4), QuestionRetired(6)]
    await storage.log.append([StreamWrite("changes", ANY, changes)])
    models = models_of(storage.database)
    bank = StoredBank(storage.log, models)
    head = await storage.log.head()

    for position in range(1, head + 1):
        await catch_up(storage.log, models, QuestionsProjection(), position)
        rows = [row.prompt async for page in bank.rows("public") for row in page]
        assert rows == [question(n).prompt for n in (2, 3, 5)]
        assert (await bank.count("public"), await bank.count("ours")) == (3, 1)
        assert [await bank.locate(n) for n in (1, 7, 9)] == [
            ("public", question(1).content),
            ("ours", question(7).content),
            None,
        ]
