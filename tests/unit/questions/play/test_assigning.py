"""Never the same question twice: whoever draws, in however many processes, however often it is asked again."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from events.log import ANY, CommandReused, StreamWrite
from events.vocabulary.assignments import QuestionsAssigned
from events.vocabulary.decoding import decode
from projections.engine.live import LiveViews
from projections.engine.user_state import stream_of
from projections.models.question_pool import Filter, QuestionPool
from projections.storage.backends import models_of
from tests.support.banks import add_questions, question
from trivia.http.access import Identity
from trivia.http.problems import BadInput, Conflicting, NotFound
from trivia.platform.storage import open_storage
from trivia.questions.play.assigning import Assigning, Draw

ANYTHING = Filter()
USER = Identity("018f0000-0000-7000-8000-000000000001", "public", "player", 2**40)
OTHER = Identity("018f0000-0000-7000-8000-000000000002", "public", "player", 2**40)


class Process:
    """What one process of the service holds: its own connections, pool and cache."""

    def __init__(self, storage, cached_users=100) -> None:
        self.log = storage.log
        self.pool = QuestionPool()
        self.live = LiveViews(self.log)
        self.live.feed("questions", QuestionPool.handles, self.pool.apply)
        self.assigning = Assigning(
            self.log, models_of(storage.database), self.pool, cached_users, show_all=self.live.catch_up
        )

    async def draw(self, limit=10, wanted=ANYTHING, key=None, identity=USER):
        return await self.assigning.draw(identity, Draw(limit, wanted), key)


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[list[Process]]:
    """Four processes on one database with a bank of 200 questions."""
    async with AsyncExitStack() as stack:
        found = [Process(await stack.enter_async_context(open_storage(database_url))) for _ in range(4)]
        await add_questions(found[0].log, [question(n) for n in range(1, 201)])
        for process in found:
            await process.live.catch_up()
        yield found


@pytest.fixture
async def process(processes: list[Process]) -> Process:
    return processes[0]


async def assigned_in_log(log, identity=USER) -> list[int]:
    events = [decode(recorded).event for recorded in await log.read_stream(stream_of(identity.user))]
    return [number for event in events if isinstance(event, QuestionsAssigned) for number in event.questions]


async def test_without_an_age_questions_for_children_alone_come_last_and_are_counted_as_stand_ins(process):
    children = [question(n, topic="Pictures", ages=(5, 8)) for n in range(1_001, 1_007)]
    others = [question(n, topic="Pictures", ages=(10, 120)) for n in range(2_001, 2_005)]
    await add_questions(process.log, [*children, *others])
    await process.live.catch_up()
    first, last = range(201, 207), range(207, 211)
    wanted = Filter("Pictures")
    drawn = await process.draw(3, wanted)
    assert set(drawn.questions) < set(last)
    assert (drawn.remaining, drawn.fitting) == (7, 3)
    drawn = await process.draw(4, wanted)
    assert (drawn.remaining, drawn.fitting, len(set(drawn.questions))) == (3, 1, 4)
    assert drawn.questions[0] in last
    assert set(drawn.questions[1:]) < set(first)
    drawn = await process.draw(10, wanted)
    assert (drawn.remaining, drawn.fitting, len(drawn.questions)) == (0, 0, 3)
    # Whoever says an age gets what is for that age.
    drawn = await process.draw(10, Filter("Pictures", age=6), identity=OTHER)
    assert set(drawn.questions) == set(first)
    assert drawn.fitting == 6
    given = await assigned_in_log(process.log)
    assert len(given) == len(set(given)) == 10


async def test_one_user_drawing_in_four_processes_at_once_drains_the_bank_and_gets_nothing_twice(processes):
    chance = random.Random(7)

    async def drain(process: Process) -> list[int]:
        got: list[int] = []
        while questions := (await process.draw(chance.randint(1, 9))).questions:
            got += questions
        return got

    got = [number for part in await asyncio.gather(*[drain(p) for p in processes * 2]) for number in part]

    assert sorted(got) == list(range(1, 201))
    assert sorted(await assigned_in_log(processes[0].log)) == sorted(got)


async def test_many_users_at_once_each_get_questions_of_their_own(process):
    users = [Identity(f"user-{n}", "public", "player", 2**40) for n in range(60)]
    drawn = await asyncio.gather(*[process.draw(20, identity=user) for user in users for _ in range(5)])

    by_user = Counter()
    for user, result in zip([user for user in users for _ in range(5)], drawn, strict=True):
        assert len(result.questions) == 20
        by_user.update((user.user, number) for number in result.questions)
    assert set(by_user.values()) == {1}


async def test_a_user_whose_state_left_the_cache_still_gets_nothing_twice(database_url):
    async with open_storage(database_url) as storage:
        process = Process(storage, cached_users=1)
        await add_questions(process.log, [question(n) for n in range(1, 51)])
        await process.live.catch_up()
        got = []
        for _ in range(5):
            got += (await process.draw(10)).questions
            await process.draw(10, identity=OTHER)
    assert sorted(got) == list(range(1, 51))


async def test_a_draw_says_how_many_are_left_and_where_it_was_stored(process):
    first = await process.draw(30)
    second = await process.draw(170)
    nothing = await process.draw(1)

    assert (first.remaining, second.remaining, nothing.remaining) == (170, 0, 0)
    assert second.position == first.position + 1 == await process.log.head()
    assert nothing.position == 0


async def test_a_filter_holds_and_what_one_filter_gave_no_other_gives(process):
    art = await process.draw(100, Filter(topic="ART"))
    rest = await process.draw(100)
    rest_of_rest = await process.draw(100)

    assert {process.pool.question(n).topic for n in art.questions} == {"Art"}
    assert sorted([*art.questions, *rest.questions, *rest_of_rest.questions]) == list(range(1, 201))


async def test_a_repeated_key_gives_the_same_questions_in_any_process_and_assigns_nothing_more(processes):
    first = await processes[0].draw(10, key="one")
    again = [await process.draw(10, key="one") for process in processes]
    at_once = await asyncio.gather(*[process.draw(10, key="two") for process in processes * 3])

    assert [list(drawn.questions) for drawn in again] == [list(first.questions)] * 4
    assert len({tuple(drawn.questions) for drawn in at_once}) == 1
    assert not set(at_once[0].questions) & set(first.questions)
    assert len(await assigned_in_log(processes[0].log)) == 20
    assert {drawn.remaining for drawn in [await processes[2].draw(10, key="two")]} == {180}


async def test_a_key_that_found_nothing_goes_on_finding_nothing(process):
    await process.draw(100)
    await process.draw(100)
    assert list((await process.draw(5, key="late")).questions) == []
    await add_questions(process.log, [question(999)])
    await process.live.catch_up()

    assert list((await process.draw(5, key="late")).questions) == []
    assert list((await process.draw(5)).questions) == [201]


async def test_a_key_is_refused_for_another_request_and_is_the_users_own(process):
    await process.draw(10, key="one")

    with pytest.raises(CommandReused):
        await process.draw(9, key="one")
    other = await process.draw(9, key="one", identity=OTHER)
    assert len(other.questions) == 9


async def test_after_a_reset_questions_come_again_and_the_history_stays(processes):
    first, second = processes[:2]
    before = [(await first.draw(100)).questions, (await second.draw(100)).questions]
    assert (await second.draw(1)).questions == ()
    await first.assigning.reset(USER)

    after = [*(await second.draw(100)).questions, *(await first.draw(100)).questions]

    assert sorted(after) == sorted([*before[0], *before[1]]) == list(range(1, 201))
    assert len(await assigned_in_log(first.log)) == 400


async def test_an_answer_is_judged_once_wherever_it_arrives(processes):
    number = (await processes[0].draw(1)).questions[0]
    right = processes[0].pool.question(number).answer
    outcomes = await asyncio.gather(
        *[process.assigning.answer(USER, number, right) for process in processes * 2], return_exceptions=True
    )

    judged = [outcome for outcome in outcomes if isinstance(outcome, tuple)]
    assert len(judged) == 1
    assert judged[0][0].correct
    assert judged[0][0].explanation
    assert all(isinstance(outcome, Conflicting) for outcome in outcomes if not isinstance(outcome, tuple))


async def test_an_answer_needs_a_question_that_was_given_and_one_of_its_options(process):
    number = (await process.draw(1)).questions[0]
    never_given = next(n for n in range(1, 201) if n != number)

    with pytest.raises(NotFound):
        await process.assigning.answer(USER, never_given, "1")
    with pytest.raises(NotFound):
        await process.assigning.answer(USER, 10**20, "1")
    with pytest.raises(NotFound):
        await process.assigning.answer(OTHER, number, "1")
    with pytest.raises(BadInput):
        await process.assigning.answer(USER, number, "something else")
    wrong, _ = await process.assigning.answer(USER, number, "none of these")
    assert not wrong.correct


async def test_a_question_given_again_after_a_reset_may_be_answered_again(process):
    number = (await process.draw(200)).questions[0]
    await process.assigning.answer(USER, number, "none of these")
    await process.assigning.reset(USER)
    with pytest.raises(Conflicting):
        await process.assigning.answer(USER, number, "none of these")

    await process.draw(100)
    await process.draw(100)
    await process.assigning.answer(USER, number, "none of these")


async def test_a_draw_that_was_cancelled_half_way_leaves_a_state_that_is_right(process):
    for _ in range(10):
        task = asyncio.create_task(process.draw(10))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    got = []
    while questions := (await process.draw(7)).questions:
        got += questions

    assigned = await assigned_in_log(process.log)
    assert sorted(assigned) == list(range(1, 201))
    assert set(got) <= set(assigned)


async def test_questions_that_a_slower_process_has_not_heard_of_do_no_harm_there(processes):
    fast, slow = processes[:2]
    await add_questions(fast.log, [question(n) for n in range(300, 400)])
    await fast.live.catch_up()
    got = [*(await fast.draw(100)).questions, *(await fast.draw(100)).questions]
    while questions := (await slow.draw(20)).questions:
        got += questions
    await slow.live.catch_up()
    while questions := (await slow.draw(20)).questions:
        got += questions

    assert sorted(got) == list(range(1, 301))


async def test_events_that_only_others_wrote_are_read_before_the_next_choice(process):
    await process.draw(1)
    given = await assigned_in_log(process.log)
    rest = tuple(n for n in range(1, 201) if n not in given)
    await process.log.append([StreamWrite(stream_of(USER.user), ANY, [QuestionsAssigned(rest)])])

    assert (await process.draw(5)).questions == ()
