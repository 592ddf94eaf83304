import asyncio

from tests.unit.questions.bank.near_duplicates.asking import ask, find, pool_of
from trivia.questions.bank.near_duplicates.finder import NearDuplicates, Same

FIRST = ask("What is the capital of Portugal?")
REWORDED = ask("Name the capital of Portugal.")


async def test_the_question_that_is_repeated_is_named() -> None:
    assert await find(REWORDED, ask("Where is Porto?", "Rome"), FIRST) == Same(2, FIRST.prompt)


async def test_a_question_that_may_be_the_same_is_named_unless_another_surely_is() -> None:
    listed = ask("Which cities were capitals of Portugal?", "Lisbon and Coimbra")
    found = await find(REWORDED, listed)
    assert found == Same(1, listed.prompt, certain=False)
    assert found.review_reason == f"may be the same as question 1: {listed.prompt}"
    assert await find(REWORDED, listed, FIRST) == Same(2, FIRST.prompt)


async def test_what_comes_into_the_pool_later_is_found_too() -> None:
    pool = pool_of()
    near = NearDuplicates(pool)
    assert await near.find(REWORDED) is None
    pool.add(1, FIRST)
    assert near.backlog == 1
    assert await near.find(REWORDED) == Same(1, FIRST.prompt)
    assert near.backlog == 0


async def test_a_retired_question_may_be_asked_anew() -> None:
    pool = pool_of(FIRST, ask("Where is Porto?", "Rome"))
    near = NearDuplicates(pool)
    assert await near.find(REWORDED)
    pool.retire(1)
    assert await near.find(REWORDED) is None
    assert await NearDuplicates(pool).find(REWORDED) is None


async def test_an_organisation_has_its_own_bank_and_the_shared_one_to_repeat() -> None:
    ours, theirs = ask(FIRST.prompt, org="us"), ask(FIRST.prompt, org="them")
    reworded = ask(REWORDED.prompt, org="us")
    assert await find(reworded, ours)
    assert await find(reworded, FIRST)
    assert await find(reworded, theirs) is None
    assert await find(REWORDED, ours) is None


async def test_a_question_on_its_way_in_counts_and_becomes_the_one_in_the_pool() -> None:
    pool = pool_of()
    near = NearDuplicates(pool)
    near.expect(FIRST)
    assert await near.find(REWORDED) == Same(None, FIRST.prompt)
    assert await near.find(FIRST) is None
    pool.add(1, ask("Where is Porto?", "Rome"))
    pool.add(2, FIRST)
    assert await near.find(REWORDED) == Same(2, FIRST.prompt)


async def test_a_question_that_does_not_come_in_after_all_is_forgotten() -> None:
    near = NearDuplicates(pool_of())
    near.expect(FIRST)
    near.give_up(FIRST.org, FIRST.content)
    near.give_up(FIRST.org, FIRST.content)
    assert await near.find(REWORDED) is None


async def test_an_index_that_is_asked_by_several_at_once_takes_in_each_question_once() -> None:
    pool = pool_of(*[ask(f"Which town has {number} towers?") for number in range(350)], FIRST)
    near = NearDuplicates(pool)
    found = await asyncio.gather(*[near.find(REWORDED) for _ in range(5)])
    assert found == [Same(351, FIRST.prompt)] * 5
    assert near.backlog == 0
