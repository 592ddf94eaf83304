"""Twelve users, four processes, one bank, and processes that are killed meanwhile."""

import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.assignments import QuestionsAssigned
from tests.crash.drain import Draw, Records, check, drain
from tests.support.banks import add_questions, question
from tests.support.databases import open_log


@pytest.mark.timeout(180)
async def test_a_bank_drained_over_four_processes_that_are_killed_gives_nobody_a_question_twice(database_url, tmp_path):
    async with open_log(database_url) as log:
        await add_questions(log, [question(n) for n in range(1, 2_001)])
    environment = {
        "TRIVIA_DATABASE_URL": database_url,
        "TRIVIA_DATA_DIR": str(tmp_path),
        "TRIVIA_STARTER_BANK": "false",
        "TRIVIA_AUTO_GENERATION": "false",
    }

    records = await drain(environment, kills=3)

    found = await check(database_url, records)
    assert found.startswith("12 users were each given all 2000 questions once")
    assert records.kills == 3


@pytest.mark.parametrize(
    ("events", "draws", "complaint"),
    [
        ([(1, 2), (2, 3)], [], "more than once"),
        ([(1, 2)], [], "given 2 of 3"),
        ([(1, 2), (3,)], [Draw("u", 4, (1, 3))], "not what the log says"),
        ([(1, 2), (3,)], [Draw("u", 4, (1, 2))], "no request went unanswered"),
    ],
)
async def test_the_checker_finds_what_is_wrong(sqlite_url, events, draws, complaint):
    async with open_log(sqlite_url) as log:
        await add_questions(log, [question(n) for n in range(1, 4)])
        for questions in events:
            await log.append([StreamWrite("assignments-u", ANY, [QuestionsAssigned(questions)])])
    records = Records()
    records.draws = [*draws, Draw("u", 0, ())]

    with pytest.raises(AssertionError, match=complaint):
        await check(sqlite_url, records)
