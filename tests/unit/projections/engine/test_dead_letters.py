"""An event that a projection cannot apply stays aside with its key; all others go on, and it can be taken up again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.log import ANY, StreamWrite
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from events.vocabulary.decoding import decode
from projections.engine.dead_letters import ProjectionFailed
from projections.engine.projection import Table
from projections.engine.projector import catch_up
from projections.engine.retry_dead_letters import MayNotDrop, dead_letter_keys, drop, list_dead_letters, retry
from projections.engine.store import Changes, CheckpointMoved
from projections.engine.user_state import load_state, stream_of
from projections.models.questions import QuestionsProjection
from projections.models.seen_sets import SEEN_SETS, SeenSet, SeenSetsProjection
from projections.models.user_statistics import UserStatisticsProjection
from projections.rebuild.rebuild import rebuild
from projections.rebuild.verify import verify
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from trivia.platform.storage import Storage, open_storage

POISON = 666


class Fussy(SeenSetsProjection):
    """Fails on what gives a user question 666, after it has spoilt the row."""

    def __init__(self) -> None:
        self.poison = {POISON}

    def apply(self, decoded, rows) -> None:
        super().apply(decoded, rows)
        if isinstance(decoded.event, QuestionsAssigned) and self.poison & set(decoded.event.questions):
            raise ValueError("cannot stomach\nthis")


class Forgetful(Fussy):
    may_drop = True
    # Its rows may lack events.
    is_whole_stream = False


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        yield opened


async def give(storage: Storage, user: str, *questions: int) -> int:
    write = StreamWrite(stream_of(user), ANY, [QuestionsAssigned(questions)])
    return (await storage.log.append([write])).last


async def fold_all(storage: Storage, projection) -> None:
    await catch_up(storage.log, models_of(storage.database), projection, await storage.log.head())


async def rows_of(storage: Storage):
    return await models_of(storage.database).fetch("SELECT * FROM seen_sets ORDER BY user_id")


async def parked_of(storage: Storage, projection):
    return [(p.position, p.key, p.error) for p in await list_dead_letters(models_of(storage.database), projection)]


async def fill(storage: Storage) -> list[int]:
    """Two users; the second event of ada is poison. Positions 1 to 5."""
    return [
        await give(storage, "ada", 1),
        await give(storage, "bob", 2),
        await give(storage, "ada", POISON),
        await give(storage, "ada", 3),
        await give(storage, "bob", 4),
    ]


async def test_a_poison_event_parks_its_key_and_no_other(storage):
    fussy, models = Fussy(), models_of(storage.database)
    await fill(storage)
    await fold_all(storage, fussy)

    assert await models.checkpoint(fussy) == 5
    assert [row[:2] for row in await rows_of(storage)] == [("ada", 1), ("bob", 2)]
    assert await parked_of(storage, fussy) == [
        (3, stream_of("ada"), "ValueError: cannot stomach this"),
        (4, stream_of("ada"), None),
    ]

    await give(storage, "ada", 5)
    await give(storage, "bob", 6)
    await fold_all(storage, fussy)
    assert [row[:2] for row in await rows_of(storage)] == [("ada", 1), ("bob", 3)]
    assert [parked[0] for parked in await parked_of(storage, fussy)] == [3, 4, 6]


async def test_what_is_completed_from_the_tail_is_right_although_its_key_is_parked(storage):
    fussy, models = Fussy(), models_of(storage.database)
    await fill(storage)
    await fold_all(storage, fussy)

    state = await load_state(storage.log, models, SEEN_SETS, SeenSet, "ada")

    assert set(state.seen) == {1, POISON, 3}
    assert state.version == 3


async def test_a_retry_takes_in_all_of_the_key_in_order(storage):
    fussy, models = Fussy(), models_of(storage.database)
    await fill(storage)
    await fold_all(storage, fussy)
    assert await dead_letter_keys(models, fussy) == [stream_of("ada")]

    still = await retry(storage.log, models, fussy, stream_of("ada"))
    assert (still.done, still.left, still.error) == (0, 2, "ValueError: cannot stomach this")
    assert [row[:2] for row in await rows_of(storage)] == [("ada", 1), ("bob", 2)]

    fussy.poison = set()
    assert (await retry(storage.log, models, fussy, stream_of("ada"))).done == 2
    assert await parked_of(storage, fussy) == []
    lock = leadership_of(storage.database, "rebuild-seen_sets")
    assert (await verify(storage.log, models, SeenSetsProjection(), lock, lambda *_: None)).equal


async def test_a_retry_gets_as_far_as_it_can(storage):
    fussy, models = Fussy(), models_of(storage.database)
    for number in (POISON, 1, 667, 2):
        await give(storage, "ada", number)
    await fold_all(storage, fussy)
    fussy.poison = {667}

    got = await retry(storage.log, models, fussy, stream_of("ada"))

    assert (got.done, got.left, got.error) == (2, 2, "ValueError: cannot stomach this")
    assert [row[:2] for row in await rows_of(storage)] == [("ada", 2)]
    assert [(position, error is None) for position, _, error in await parked_of(storage, fussy)] == [
        (3, False),
        (4, True),
    ]


async def test_a_runner_that_has_read_rows_before_a_retry_changed_them_stores_nothing(storage, monkeypatch):
    fussy, models = Fussy(), models_of(storage.database)
    await fill(storage)
    await fold_all(storage, fussy)
    await give(storage, "ada", 7)
    store, retried = models.store, []

    async def store_after_a_retry(*arguments):
        if not retried:
            retried.append(
                await retry(storage.log, models_of(storage.database), SeenSetsProjection(), stream_of("ada"))
            )
        await store(*arguments)

    monkeypatch.setattr(models, "store", store_after_a_retry)
    with pytest.raises(CheckpointMoved):
        await catch_up(storage.log, models, fussy, await storage.log.head())

    assert await parked_of(storage, fussy) == []
    fussy.poison = set()
    await fold_all(storage, fussy)
    assert [row[:2] for row in await rows_of(storage)] == [("ada", 4), ("bob", 2)]


async def test_a_retry_and_a_runner_at_the_same_time_lose_and_double_nothing(storage):
    fussy, models = Fussy(), models_of(storage.database)
    await fill(storage)
    await fold_all(storage, fussy)
    fussy.poison = set()

    async def run() -> None:
        for number in range(10, 40):
            await give(storage, "ada", number)
            try:
                await fold_all(storage, fussy)
            except CheckpointMoved:
                await fold_all(storage, fussy)

    await asyncio.gather(run(), retry(storage.log, models, fussy, stream_of("ada")))
    await retry(storage.log, models, fussy, stream_of("ada"))
    await fold_all(storage, fussy)
    lock = leadership_of(storage.database, "rebuild-seen_sets")
    assert (await verify(storage.log, models, SeenSetsProjection(), lock, lambda *_: None)).equal


async def test_dropped_dead_letters_are_not_missed_by_a_projection_that_may_drop_them(storage):
    fussy, models = Forgetful(), models_of(storage.database)
    await fill(storage)
    await fold_all(storage, fussy)

    assert (await drop(models, fussy, stream_of("ada"))).done == 2
    assert await parked_of(storage, fussy) == []
    await give(storage, "ada", 9)
    await fold_all(storage, fussy)
    assert [row[:2] for row in await rows_of(storage)] == [("ada", 4), ("bob", 2)]


@pytest.mark.parametrize("projection", [SeenSetsProjection(), UserStatisticsProjection()], ids=lambda p: p.name)
async def test_states_at_a_version_may_not_forget_what_they_are_taken_to_hold(storage, projection):
    with pytest.raises(MayNotDrop, match="retry them, or rebuild"):
        await drop(models_of(storage.database), projection, stream_of("ada"))


async def test_a_rebuild_is_strict_and_one_that_succeeds_clears_what_was_parked(storage):
    fussy, models = Fussy(), models_of(storage.database)
    await fill(storage)
    await fold_all(storage, fussy)
    before = await rows_of(storage)
    lock = leadership_of(storage.database, "rebuild-seen_sets")

    with pytest.raises(
        ProjectionFailed, match=r"seen_sets cannot apply event 3 \(QuestionsAssigned in assignments-ada"
    ):
        await rebuild(storage.log, models, fussy, lock, lambda *_: None)
    assert await rows_of(storage) == before
    assert len(await parked_of(storage, fussy)) == 2

    fussy.poison = set()
    await rebuild(storage.log, models, fussy, lock, lambda *_: None)
    assert await parked_of(storage, fussy) == []
    assert [row[:2] for row in await rows_of(storage)] == [("ada", 3), ("bob", 2)]


async def test_a_copy_parks_nothing(storage):
    fussy, copy = Fussy(), models_of(storage.database).copy("__copy")
    await fill(storage)
    await copy.create(fussy)

    with pytest.raises(ProjectionFailed, match="event 3 "):
        await catch_up(storage.log, copy, fussy, 5)

    assert await parked_of(storage, fussy) == []
    await copy.discard(fussy)


async def test_verify_leaves_out_what_is_parked_and_says_so(storage):
    fussy, models = Fussy(), models_of(storage.database)
    await fill(storage)
    await fold_all(storage, fussy)

    lock = leadership_of(storage.database, "rebuild-seen_sets")
    verdict = await verify(storage.log, models, fussy, lock, lambda *_: None)

    assert (verdict.equal, verdict.parked, verdict.position) == (True, 2, 5)


async def test_the_bank_stops_at_what_it_cannot_take_in_rather_than_number_questions_anew(storage, monkeypatch):
    projection, models = QuestionsProjection(), models_of(storage.database)
    await add_questions(storage.log, [question(n) for n in range(1, 10)])
    apply = QuestionsProjection.apply

    def choke(self, decoded, rows) -> None:
        if decoded.recorded.position == 6:
            raise KeyError("six")
        apply(self, decoded, rows)

    monkeypatch.setattr(QuestionsProjection, "apply", choke)
    for _ in range(2):
        with pytest.raises(ProjectionFailed, match=r"event 6 .*KeyError: 'six'"):
            await fold_all(storage, projection)
        assert await models.checkpoint(projection) == 5
        assert await models.fetch("SELECT max(number) FROM questions") == [(5,)]
    assert await parked_of(storage, projection) == []

    monkeypatch.undo()
    await fold_all(storage, projection)
    assert await models.fetch("SELECT max(number) FROM questions") == [(9,)]


async def test_a_projection_that_fails_on_everything_stops_instead_of_parking_the_log(storage, monkeypatch):
    monkeypatch.setattr("projections.engine.dead_letters.MAX_DEAD_LETTERS", 10)
    fussy, models = Fussy(), models_of(storage.database)
    for number in range(25):
        await give(storage, f"user-{number}", POISON)

    with pytest.raises(ProjectionFailed, match="10 dead letters are there already"):
        await fold_all(storage, fussy)

    assert await models.checkpoint(fussy) == 10
    assert len(await parked_of(storage, fussy)) == 10


async def test_an_event_of_a_newer_schema_is_parked_and_one_of_a_type_not_handled_is_passed_over(storage, monkeypatch):
    projection, models = SeenSetsProjection(), models_of(storage.database)
    await give(storage, "ada", 1)
    monkeypatch.setattr(QuestionsAssigned, "schema", 7)
    await give(storage, "ada", 2)
    monkeypatch.undo()
    await give(storage, "bob", 3)
    await add_questions(storage.log, [question(1)])

    await fold_all(storage, projection)

    message = "UnknownEvent: QuestionsAssigned has schema 7; this version knows 1 to 1"
    assert await parked_of(storage, projection) == [(2, stream_of("ada"), message)]
    assert [row[:2] for row in await rows_of(storage)] == [("ada", 1), ("bob", 1)]
    assert await models.checkpoint(projection) == 4


PLAIN = Table("plain", {"key": "text", "value": "bigint"})
steps = st.tuples(st.sampled_from(["put", "delete", "grow"]), st.sampled_from("abc"), st.integers(0, 9))


class Counted:
    """A row that grows."""

    def __init__(self, row) -> None:
        self.value = row[1] if row else 0

    def to_row(self, key):
        return (key, self.value)


def change(changes: Changes, step: tuple[str, str, int]) -> None:
    what, key, value = step
    if what == "put":
        changes.put(PLAIN, (key, value))
    elif what == "delete":
        changes.delete(PLAIN, (key,))
    else:
        # What was put before is only seen by a living row that is made after it.
        changes.put(PLAIN, changes.state(PLAIN, (key,), Counted).to_row(key))
        changes.state(PLAIN, (key,), Counted).value += value


@given(attempts=st.lists(st.tuples(st.lists(steps, max_size=4), st.booleans()), max_size=8))
def test_what_failed_has_changed_nothing(attempts) -> None:
    loaded = {PLAIN.name: {("a",): ("a", 100)}}
    changes, without = Changes(loaded), Changes(loaded)
    for taken, fails in attempts:
        with contextlib.suppress(ZeroDivisionError), changes.attempt():
            for step in taken:
                change(changes, step)
            if fails:
                raise ZeroDivisionError
        if not fails:
            with without.attempt():
                for step in taken:
                    change(without, step)
    assert [sorted(part) for part in changes.of(PLAIN)] == [sorted(part) for part in without.of(PLAIN)]


events = st.one_of(
    st.builds(lambda n: QuestionsAssigned((n,)), st.integers(1, 9)),
    st.builds(lambda n: QuestionAnswered(n, "x", correct=True, topic="Art"), st.integers(1, 9)),
    st.just(SeenReset()),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.tuples(st.sampled_from("abc"), events), min_size=1, max_size=16), batch=st.integers(1, 8))
async def test_whatever_is_parked_each_state_with_its_tail_is_the_fold_of_its_stream(sqlite_url, history, batch):
    async with open_storage(sqlite_url) as storage:
        models, log = models_of(storage.database), storage.log
        fussy = Fussy()
        fussy.poison = {6, 7}
        start = await log.head()
        run = f"run-{start}"
        for user, event in history:
            await log.append([StreamWrite(stream_of(f"{run}-{user}"), ANY, [event])])
        await catch_up(log, models, fussy, await log.head(), batch=batch)
        assert await models.checkpoint(fussy) == await log.head()
        for user in "abc":
            stream = stream_of(f"{run}-{user}")
            folded = SeenSet()
            for recorded in await log.read_stream(stream):
                folded.evolve(decode(recorded).event, recorded.version)
            state = await load_state(log, models, SEEN_SETS, SeenSet, f"{run}-{user}")
            assert state.to_row(user) == folded.to_row(user)
        fussy.poison = set()
        for key in await dead_letter_keys(models, fussy):
            await retry(log, models, fussy, key)
        assert {row[0]: row[1] for row in await rows_of(storage) if row[0].startswith(run)} == {
            stream.removeprefix("assignments-"): version
            for stream in {stream_of(f"{run}-{user}") for user, _ in history}
            for version in await log.versions([stream])
        }
