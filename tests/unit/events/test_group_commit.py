"""The queue before the writer: what shares a transaction, and what becomes of those who wait when something goes wrong."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import pytest

from events.group_commit import ENOUGH_APPENDS, MAX_APPENDS, MAX_EVENTS, MAX_POSTPONED, GroupCommit
from events.log import ANY, Appended, Command, Context, Guard, LogUnavailable, StreamMoved, StreamWrite
from events.prepare import Moved, Outcome, PreparedAppend, prepare, unmet
from events.vocabulary import REGISTRY
from tests.support.sample_events import command, write


class Writer:
    """Stands for a database: commits batches one by one, checks each against the versions before the batch, as they do."""

    def __init__(self) -> None:
        self.batches: list[list[PreparedAppend]] = []
        self.versions: defaultdict[str, int] = defaultdict(int)
        self.head = 0

    async def commit(self, batch: list[PreparedAppend]) -> list[Outcome]:
        await asyncio.sleep(0)
        self.batches.append(batch)
        before = dict(self.versions)
        outcomes: list[Outcome] = []
        for append in batch:
            conflicts = unmet(append.conditions, [before.get(stream, 0) for stream, _ in append.conditions])
            if conflicts:
                outcomes.append(Moved(conflicts))
                continue
            for row in append.rows:
                self.versions[row[0]] += 1
            outcomes.append(Appended(self.head + 1, self.head + len(append.rows)))
            self.head += len(append.rows)
        return outcomes


def prepared(
    writes: Sequence[StreamWrite], guards: Sequence[Guard] = (), used: Command | None = None
) -> PreparedAppend:
    return prepare(REGISTRY, writes, guards, used, Context())


async def append_all(group: GroupCommit, appends: Sequence[PreparedAppend]) -> list[Appended | BaseException]:
    return await asyncio.gather(*[group.append(append) for append in appends], return_exceptions=True)


@pytest.mark.parametrize(
    ("waiting", "batches"),
    [
        (ENOUGH_APPENDS, [ENOUGH_APPENDS]),
        (8 * ENOUGH_APPENDS, [4 * ENOUGH_APPENDS, 2 * ENOUGH_APPENDS, ENOUGH_APPENDS, ENOUGH_APPENDS]),
        (2 * MAX_APPENDS + 2, [MAX_APPENDS, 257, 128, 64, 32, 32, 1]),
    ],
)
async def test_appends_that_wait_together_are_committed_together(waiting: int, batches: list[int]) -> None:
    writer = Writer()
    appends = [prepared([write(f"s{n}", 0)], [Guard("session", 0)]) for n in range(waiting)]
    await append_all(GroupCommit(writer.commit), appends)
    assert [len(batch) for batch in writer.batches] == batches


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (prepared([write("a")]), prepared([write("b")]), True),
        (prepared([write("a")]), prepared([write("a")]), True),
        (prepared([write("a", 0)]), prepared([write("a", ANY)]), True),
        (prepared([write("a", 0)]), prepared([write("a", 0)]), False),
        (prepared([write("a")]), prepared([write("a", 1)]), False),
        (prepared([write("a")]), prepared([write("b")], [Guard("a", 1)]), False),
        (prepared([write("a")]), prepared([write("b")], [Guard("a", ANY)]), False),
        (prepared([write("a")], [Guard("g", 0)]), prepared([write("b")], [Guard("g", 0)]), True),
        (prepared([write("a")], [Guard("b", 0)]), prepared([write("b")]), True),
        (prepared([write("a")], (), command("c")), prepared([write("b")], (), command("c")), False),
        (prepared([write("a")], (), command("c")), prepared([write("b")], (), command("d")), True),
    ],
)
async def test_only_appends_that_cannot_decide_each_others_outcome_share_a_transaction(
    first: PreparedAppend, second: PreparedAppend, *, together: bool
) -> None:
    writer = Writer()
    await append_all(GroupCommit(writer.commit), [first, second])
    assert len(writer.batches) == (1 if together else 2)


async def test_no_append_overtakes_one_that_waits_for_its_stream() -> None:
    writer = Writer()
    outcomes = await append_all(
        GroupCommit(writer.commit),
        [
            prepared([write("a", 0)]),
            prepared([write("a", 1), write("b", 0)]),  # waits for the first
            prepared([write("b", ANY)]),  # would be free to go, but that would move b before the second
            prepared([write("c", 0)]),
        ],
    )
    assert [type(outcome) for outcome in outcomes] == [Appended] * 4
    assert [[append.conditions[0][0] for append in batch] for batch in writer.batches] == [["a", "c"], ["a", "b"]]


async def test_thousands_that_fight_over_one_stream_are_all_answered() -> None:
    writer = Writer()
    appends = [prepared([write("a", 0)]) for _ in range(MAX_POSTPONED + 500)]
    outcomes = await append_all(GroupCommit(writer.commit), [*appends, prepared([write("b", 0)])])
    assert sum(isinstance(outcome, StreamMoved) for outcome in outcomes) == len(appends) - 1
    assert isinstance(outcomes[-1], Appended)


async def test_a_batch_is_not_much_larger_than_its_limit_of_events() -> None:
    writer = Writer()
    half = MAX_EVENTS // 2 + 1
    await append_all(GroupCommit(writer.commit), [prepared([write(f"s{n}", 0, *range(half))]) for n in range(3)])
    assert [len(batch) for batch in writer.batches] == [1, 1, 1]


async def test_everyone_hears_that_the_database_is_gone_and_the_next_append_goes_on() -> None:
    writer = Writer()
    gone = [True]

    async def commit(batch: list[PreparedAppend]) -> list[Outcome]:
        if gone:
            gone.pop()
            await asyncio.sleep(0)
            raise LogUnavailable("gone")
        return await writer.commit(batch)

    group = GroupCommit(commit)
    outcomes = await append_all(group, [prepared([write(f"s{n}")]) for n in range(3)])
    assert [repr(outcome) for outcome in outcomes] == ["LogUnavailable('gone')"] * 3
    # Each caller has an exception of its own: one that is raised in several tasks collects the traces of all.
    assert len({id(outcome) for outcome in outcomes}) == 3
    assert await group.append(prepared([write("s")])) == Appended(1, 1)


async def test_an_append_that_breaks_its_batch_fails_alone() -> None:
    writer = Writer()

    async def commit(batch: list[PreparedAppend]) -> list[Outcome]:
        if any(append.conditions[0][0] == "poison" for append in batch):
            raise OverflowError("cannot be stored")
        return await writer.commit(batch)

    outcomes = await append_all(
        GroupCommit(commit), [prepared([write(name, 0)]) for name in ("a", "poison", "b", "poison", "c")]
    )
    assert outcomes[0::2] == [Appended(1, 1), Appended(2, 2), Appended(3, 3)]
    assert [repr(outcome) for outcome in outcomes[1::2]] == ["OverflowError('cannot be stored')"] * 2


async def test_nobody_waits_for_ever_when_the_worker_is_cancelled() -> None:
    async def never(batch: list[PreparedAppend]) -> list[Outcome]:
        await asyncio.Event().wait()
        return []

    group = GroupCommit(never)
    waiting = [asyncio.ensure_future(group.append(prepared([write("a", n)]))) for n in range(3)]
    await asyncio.sleep(0.01)
    [worker] = [task for task in asyncio.all_tasks() if task.get_name() == "group-commit"]
    worker.cancel()
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [repr(outcome) for outcome in outcomes] == ["LogUnavailable('the log was stopped')"] * 3


async def test_an_append_whose_caller_left_before_its_turn_is_not_made() -> None:
    writer = Writer()
    group = GroupCommit(writer.commit)
    leaving = asyncio.ensure_future(group.append(prepared([write("a")])))
    staying = asyncio.ensure_future(group.append(prepared([write("b")])))
    leaving.cancel()
    assert await staying == Appended(1, 1)
    assert writer.versions == {"b": 1}
