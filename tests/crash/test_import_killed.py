"""An import that is killed leaves whole chunks behind it, and is finished by running it again."""

import json
from pathlib import Path

import pytest

from tests.support.commands import Trivia, wait_for_first_event
from tests.support.holding import none_beyond_1500
from tests.support.postgres import PostgresServer
from tests.support.rows import lines, row

MANY = 5_000


@pytest.mark.timeout(150)
def test_a_killed_import_is_finished_by_the_next_with_each_question_once(
    database_url: str, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    trivia = Trivia(tmp_path, database_url=database_url)
    (tmp_path / "many.jsonl").write_bytes(lines(row(number) for number in range(MANY)))

    def added() -> int:
        return int(json.loads(trivia("events", "stats", "--json").stdout)["types"].get("QuestionAdded", 0))

    with none_beyond_1500(database_url, postgres_server), trivia.start("import", "many.jsonl") as process:
        wait_for_first_event(database_url, process)
        process.kill()
        process.communicate()
    before = added()
    assert 0 < before < MANY
    assert before % 1000 == 0
    done = json.loads(trivia("import", "many.jsonl", "--json").stdout)
    assert (done["imported"], done["skipped"], done["total_questions"]) == (MANY - before, before, MANY)
    prompts = [json.loads(line)["prompt"] for line in trivia("export").stdout.splitlines()]
    assert prompts == [row(number)["prompt"] for number in range(MANY)]
    left = {path.name for path in (tmp_path / "data").iterdir()} - {"secret_key", "seal_key", "seals.ndjson"}
    assert left == set(), "nothing of the killed import lies about"
