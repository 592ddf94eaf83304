"""`trivia projections`."""

import asyncio
import json
from pathlib import Path

import pytest

from events.log import ANY, StreamWrite
from events.registry import Event
from events.vocabulary.accounts import RoleChanged
from events.vocabulary.assignments import QuestionsAssigned
from projections.engine.projection import Projection
from projections.engine.projector import catch_up
from projections.engine.user_state import stream_of
from projections.models.accounts import Accounts
from projections.models.seen_sets import SeenSetsProjection
from projections.models.user_statistics import UserStatisticsProjection
from projections.storage.backends import models_of
from tests.support.commands import Trivia
from tests.support.databases import SQLITE_PREFIX, open_sqlite
from tests.support.rows import lines, row
from tests.support.waiting import eventually_sync
from trivia.platform.storage import open_storage

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
    assert f"questions is what the log says at {after[0]['head']}: 41 rows." in verified.stdout


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


def fold(url: str, projection: Projection, *writes: StreamWrite) -> None:
    """Append as another version of the software might, and run a projection."""

    async def work() -> None:
        async with open_storage(url) as storage:
            for write in writes:
                await storage.log.append([write])
            await catch_up(storage.log, models_of(storage.database), projection, await storage.log.head())

    asyncio.run(work())


def of_tomorrow(monkeypatch: pytest.MonkeyPatch, url: str, kind: type[Event], write: StreamWrite) -> None:
    """Append an event of a schema that is not known today."""
    with monkeypatch.context() as patch:
        patch.setattr(kind, "schema", 7)
        fold(url, UserStatisticsProjection(), write)


def test_what_newer_software_wrote_is_parked_shown_and_kept_until_it_can_be_read(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trivia = Trivia(tmp_path, database_url=sqlite_url)
    assert trivia("projections", "park", "list").stdout == "Nothing is parked.\n"
    given = StreamWrite(stream_of("ada"), ANY, [QuestionsAssigned((1,))])
    of_tomorrow(monkeypatch, sqlite_url, QuestionsAssigned, given)
    fold(sqlite_url, SeenSetsProjection(), given)

    listed = trivia("projections", "park", "list", "seen_sets")
    why = "UnknownEvent: QuestionsAssigned has schema 7; this version knows 1 to 1"
    assert listed.stdout.splitlines() == [
        f"seen_sets 1 QuestionsAssigned assignments-ada: {why}",
        "seen_sets 2 QuestionsAssigned assignments-ada: waits behind an earlier one",
    ]
    as_json = [json.loads(line) for line in trivia("projections", "park", "list", "--json").stdout.splitlines()]
    assert [(each["position"], each["error"]) for each in as_json] == [(1, why), (2, None)]

    retried = trivia("projections", "park", "retry", "--json")
    assert retried.returncode == 1
    assert json.loads(retried.stdout) == {
        "projection": "seen_sets",
        "key": "assignments-ada",
        "done": 0,
        "left": 2,
        "error": why,
    }
    dropped = trivia("projections", "park", "drop", "seen_sets", "--all", "--yes")
    assert dropped.returncode == 1
    assert dropped.stderr == "Error: what seen_sets keeps would be wrong without these events; retry them, or rebuild\n"
    rebuilt = trivia("projections", "rebuild", "seen_sets")
    assert rebuilt.returncode == 1
    assert rebuilt.stderr.startswith("Error: seen_sets cannot apply event 1 (QuestionsAssigned in assignments-ada")
    assert "2 events of 1 keys are parked" in trivia("projections", "status", "seen_sets").stdout


def test_parked_events_are_dropped_only_after_asking(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trivia = Trivia(tmp_path, database_url=sqlite_url)
    role = StreamWrite("user-ada", ANY, [RoleChanged("host")])
    of_tomorrow(monkeypatch, sqlite_url, RoleChanged, role)
    fold(sqlite_url, Accounts(), role)
    drop = ("projections", "park", "drop", "accounts", "--key", "user-ada")

    refused = trivia(*drop, said="n\n")
    assert refused.returncode == 1
    assert "accounts will stay without the parked events of the key user-ada. Drop them?" in refused.stderr
    assert len(trivia("projections", "park", "list").stdout.splitlines()) == 2

    assert trivia(*drop, said="y\n").stdout == "accounts user-ada: 2 events dropped\n"
    assert trivia("projections", "park", "list").stdout == "Nothing is parked.\n"
    assert trivia("projections", "park", "drop", "accounts").returncode == 2


def test_status_says_who_runs_what_how_it_fares_and_exits_with_1_where_something_stopped(
    tmp_path: Path, sqlite_url: str
) -> None:
    trivia = Trivia(tmp_path, database_url=sqlite_url)
    first = json.loads(trivia("projections", "status", "--json").stdout)
    assert first["runner"] is None
    assert {each["state"] for each in first["projections"]} == {"new"}

    with trivia.serving(starter_bank=False) as server:
        server.wait_until_ready()

        def all_active() -> bool:
            found = json.loads(trivia("projections", "status", "--json").stdout)
            return {each["state"] for each in found["projections"]} == {"active"}

        eventually_sync(all_active, timeout=60)
        assert trivia("projections", "pause", "questions").stdout == "questions rests.\n"
        status = trivia("projections", "status", "questions")
        assert status.returncode == 0
        assert "Run by " in status.stdout.splitlines()[0]
        assert status.stdout.splitlines()[1] == "questions: paused"
        assert trivia("projections", "resume", "questions").stdout == "questions goes on.\n"

    async def tamper() -> None:
        async with open_sqlite(sqlite_url.removeprefix(SQLITE_PREFIX)) as database:
            await database.write(
                lambda c: c.execute("UPDATE projection_checkpoints SET position = 9000 WHERE name = 'usage'")
            )

    asyncio.run(tamper())
    stopped = trivia("projections", "status", "usage")
    assert stopped.returncode == 1
    assert "it stands at 9000, but the log ends at" in stopped.stdout
    line = next(line for line in trivia("projections", "list").stdout.splitlines() if line.startswith("usage"))
    assert line.split()[1] == "error"


def test_a_log_with_events_that_cannot_be_read_is_restored_and_its_read_models_left_to_the_service(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = StreamWrite(stream_of("ada"), ANY, [QuestionsAssigned((1,))])
    of_tomorrow(monkeypatch, sqlite_url, QuestionsAssigned, given)
    trivia = Trivia(tmp_path, database_url=sqlite_url)
    assert trivia("events", "export", "log.jsonl", "--with-keys").returncode == 0

    restored = Trivia(tmp_path, database_url=f"{SQLITE_PREFIX}{tmp_path}/other.db")
    done = restored("restore", "log.jsonl")
    assert done.returncode == 0, done.stderr
    assert "are left to the service that starts: seen_sets and usage cannot apply event 1 " in done.stderr
    assert json.loads(restored("events", "tail", "--json").stdout.splitlines()[0])["type"] == "QuestionsAssigned"
