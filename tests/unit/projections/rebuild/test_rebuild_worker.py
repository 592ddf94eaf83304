"""A rebuild by two processes: the same rows as by one, and either may be lost."""

import os
import subprocess
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from events.log import ANY, StreamWrite
from events.vocabulary.accounts import RoleChanged
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from projections.engine.dead_letters import ProjectionFailed
from projections.engine.projector import catch_up
from projections.rebuild.rebuild import Apart, rebuild_all
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from tests.support.waiting import eventually_sync
from trivia.cli import main
from trivia.operations.rebuild_worker import ApartEnded, second_process
from trivia.platform.storage import Storage, open_storage
from trivia.services import PROJECTIONS

END_SECONDS = 20.0


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        await add_questions(opened.log, [question(n) for n in range(40)])
        for n in range(20):
            events = [
                QuestionsAssigned(tuple(range(n + 1, n + 6))),
                QuestionAnswered(n + 2, "x", correct=n % 3 > 0, topic=f"Topic {n % 4}"),
                *([SeenReset()] if n % 5 == 0 else []),
            ]
            await opened.log.append([StreamWrite(f"assignments-user-{n % 7}", ANY, events)])
        yield opened


async def rows_of(storage: Storage) -> dict[str, list]:
    found = {}
    for kind in PROJECTIONS:
        async with models_of(storage.database).snapshot(kind()) as snapshot:
            for table in kind.tables:
                found[table.name] = [row async for row in snapshot.rows(table)]
    return found


async def folded(storage: Storage) -> dict[str, list]:
    """The rows as the runner makes them."""
    for kind in PROJECTIONS:
        await catch_up(storage.log, models_of(storage.database), kind(), await storage.log.head(), batch=17)
    return await rows_of(storage)


async def build(storage: Storage, apart: Apart | None, told: list[tuple[int, int]] | None = None) -> dict[str, int]:
    locked = [(kind(), leadership_of(storage.database, f"rebuild-{kind.name}")) for kind in PROJECTIONS]

    def tell(position: int, head: int) -> None:
        if told is not None:
            told.append((position, head))

    return await rebuild_all(storage.log, models_of(storage.database), locked, tell, apart=apart)


def process_of(apart: Apart) -> "subprocess.Popen[bytes]":
    assert isinstance(apart, partial)
    process: subprocess.Popen[bytes] = apart.args[0]
    return process


async def test_two_processes_build_what_one_does(storage: Storage, database_url: str) -> None:
    before = await folded(storage)
    told: list[tuple[int, int]] = []

    async with second_process(database_url) as apart:
        reached = await build(storage, apart, told)
        assert process_of(apart).wait(END_SECONDS) == 0

    head = await storage.log.head()
    assert reached == {kind.name: head for kind in PROJECTIONS}
    assert await rows_of(storage) == before
    assert told[-1] == (head, head)
    assert [position for position, _ in told] == sorted([position for position, _ in told])


async def test_one_that_is_killed_is_named_and_a_second_start_goes_on(storage: Storage, database_url: str) -> None:
    before = await folded(storage)

    async with second_process(database_url) as apart:
        process_of(apart).kill()
        with pytest.raises(
            ApartEnded, match=r"process that folds questions, user_statistics, .* ended \(exit code -9\)"
        ):
            await build(storage, apart)

    assert await rows_of(storage) == before
    async with second_process(database_url) as apart:
        await build(storage, apart)
    assert await rows_of(storage) == before


async def test_what_it_cannot_take_in_is_told(storage: Storage, database_url: str, monkeypatch) -> None:
    before = await folded(storage)
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(RoleChanged, "schema", 7)
        appended = await storage.log.append([StreamWrite("user-ada", ANY, [RoleChanged("admin")])])

    expected = rf"^accounts cannot take in event {appended.last} \(RoleChanged in user-ada, schema 7\)"
    async with second_process(database_url) as apart:
        with pytest.raises(ProjectionFailed, match=expected) as failure:
            await build(storage, apart)

    assert failure.value.event.position == appended.last
    assert await rows_of(storage) == before


async def test_it_ends_when_the_first_one_fails(storage: Storage, database_url: str, monkeypatch) -> None:
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(SeenReset, "schema", 7)
        await storage.log.append([StreamWrite("assignments-user-1", ANY, [SeenReset()])])

    async with second_process(database_url) as apart:
        process = process_of(apart)
        with pytest.raises(ProjectionFailed, match=r"^seen_sets and usage cannot take in"):
            await build(storage, apart)
    assert process.returncode is not None


async def test_it_outlives_no_first_process_however_that_ends(storage: Storage, database_url: str) -> None:
    async with second_process(database_url) as apart:
        process = process_of(apart)
        # So far that it would be at it for hours.
        working = apart([PROJECTIONS[0]()], 10**12, lambda _: process.stdin and process.stdin.close())
        with pytest.raises(ApartEnded, match="exit code 1"):
            await working


async def test_it_gives_way_but_for_the_threads_of_its_database(database_url: str) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, 0)

    def priorities(process: "subprocess.Popen[bytes]") -> dict[int, int]:
        tasks = [int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()]
        return {task: os.getpriority(os.PRIO_PROCESS, task) for task in tasks}

    async with second_process(database_url, gives_way=True) as apart:
        process = process_of(apart)
        found = eventually_sync(lambda: (p := priorities(process))[process.pid] > usual and p, END_SECONDS)
    del found[process.pid]
    assert set(found.values()) <= {usual}


def test_the_command_rebuilds_with_a_second_process_where_that_is_worth_it(sqlite_url: str, monkeypatch) -> None:
    monkeypatch.setenv("TRIVIA_DATABASE_URL", sqlite_url)
    monkeypatch.setattr("trivia.operations.rebuild_worker.LEAST_EVENTS", 0)
    for name in ("tune_runtime", "lower_priority"):
        monkeypatch.setattr(f"trivia.platform.process.{name}", lambda: None)
    monkeypatch.setattr("trivia.platform.process.SESSION", Path(os.devnull) / "none")
    monkeypatch.setattr("trivia.operations.rebuild_worker.LEAST_IDLE_CORES", 0.0)
    began: list[object] = []
    popen = subprocess.Popen

    def note(*arguments, **options):
        began.append(arguments[0])
        return popen(*arguments, **options)

    monkeypatch.setattr("subprocess.Popen", note)
    result = CliRunner().invoke(main, ["projections", "rebuild", "--all"])
    assert result.exit_code == 0, result.output
    assert result.output.count(" is rebuilt; it stands at 0.") == len(PROJECTIONS)
    assert [command[1:] for command in began] == [["-m", "trivia.operations.rebuild_worker"]]
    assert CliRunner().invoke(main, ["projections", "rebuild", "usage"]).exit_code == 0
    monkeypatch.setattr("trivia.operations.rebuild_worker.LEAST_IDLE_CORES", 1000.0)
    assert CliRunner().invoke(main, ["projections", "rebuild", "--all"]).exit_code == 0
    assert len(began) == 1
