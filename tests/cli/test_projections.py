"""`trivia projections`."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.support.commands import Trivia
from tests.support.databases import SQLITE_PREFIX, open_sqlite
from tests.support.rows import lines, row

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def filled(trivia: Trivia, tmp_path: Path) -> Trivia:
    (tmp_path / "some.jsonl").write_bytes(lines([row(n) for n in range(20)]))
    assert trivia("import", "some.jsonl").returncode == 0
    return trivia


def test_rebuild_brings_every_read_model_up_to_date_and_verify_says_that_it_is_right(filled: Trivia) -> None:
    before = [json.loads(line) for line in filled("projections", "list", "--json").stdout.splitlines()]
    assert {row["checkpoint"] for row in before} == {0}

    rebuilt = filled("projections", "rebuild", "--all")
    assert rebuilt.returncode == 0
    after = [json.loads(line) for line in filled("projections", "list", "--json").stdout.splitlines()]
    assert {row["lag_events"] for row in after} == {0}
    assert f"questions is rebuilt; it stands at {after[0]['head']}." in rebuilt.stdout

    verified = filled("projections", "verify")
    assert verified.returncode == 0
    assert f"questions is what the log says at {after[0]['head']}: 21 rows." in verified.stdout


def test_verify_names_what_was_tampered_with_and_exits_with_1(bare: Trivia, tmp_path: Path, sqlite_url: str) -> None:
    trivia = Trivia(tmp_path, database_url=sqlite_url)
    (tmp_path / "some.jsonl").write_bytes(lines([row(n) for n in range(3)]))
    assert trivia("import", "some.jsonl").returncode == 0
    assert trivia("projections", "rebuild", "questions").returncode == 0

    async def tamper() -> None:
        async with open_sqlite(sqlite_url.removeprefix(SQLITE_PREFIX)) as database:
            await database.write(lambda c: c.execute("UPDATE questions SET answer = 'x' WHERE number = 2"))

    asyncio.run(tamper())
    verified = trivia("projections", "verify", "questions")
    assert verified.returncode == 1
    assert verified.stdout.splitlines()[1:] == ["  questions 2: changed in answer"]
    as_json = json.loads(trivia("projections", "verify", "questions", "--json").stdout)
    assert as_json["equal"] is False
    assert as_json["verdict"]["differences"][0]["key"] == [2]


def test_wrong_names_are_wrong_usage(trivia: Trivia) -> None:
    for arguments in (["rebuild"], ["rebuild", "nothing"], ["rebuild", "questions", "--all"], ["verify", "nothing"]):
        answered = trivia("projections", *arguments)
        assert answered.returncode == 2
        assert answered.stdout == ""
    assert "no such read model: nothing; there are questions, seen_sets" in answered.stderr
