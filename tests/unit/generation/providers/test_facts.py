"""Facts as a provider: never at a loss for something new, and never in the way."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from events.vocabulary.questions import QuestionAdded
from trivia.generation.facts import topics
from trivia.generation.providers.facts import FactsProvider
from trivia.generation.providers.provider import Answer, Wanted, describe_known
from trivia.questions.bank.question_row import RawRow, RowReader


@pytest.fixture
async def facts() -> AsyncIterator[FactsProvider]:
    provider = FactsProvider()
    yield provider
    await provider.close()


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(candidate) for candidate in answer.candidates]


@pytest.mark.parametrize("topic", [None, *topics()])
async def test_every_topic_has_questions_that_an_import_takes(facts: FactsProvider, topic: str | None) -> None:
    answer = await facts.generate(Wanted(5, topic and topic.upper(), 12, 12, None, seed=3))
    assert len(answer.candidates) == 5
    for candidate, row in zip(answer.candidates, rows_of(answer), strict=True):
        assert isinstance(RowReader("public", "test").read(RawRow(None, "", candidate.encode())), QuestionAdded)
        assert row["min_age"] <= 12 <= row["max_age"]
        assert topic in {None, row["topic"]}


async def test_another_seed_gives_other_questions_and_the_same_seed_the_same(facts: FactsProvider) -> None:
    def wanted(seed: int) -> Wanted:
        return Wanted(20, "Mathematics", 8, 15, None, seed=seed)

    first, again, other = [await facts.generate(wanted(seed)) for seed in (1, 1, 2)]
    assert first == again
    assert len(set(first.candidates) & set(other.candidates)) < 10


async def test_what_is_known_is_not_given_again(facts: FactsProvider) -> None:
    wanted = Wanted(10, "Geography", 12, 12, None, seed=5)
    known = [describe_known(row["prompt"], row["answer"]) for row in rows_of(await facts.generate(wanted))]
    other = await facts.generate(Wanted(10, "Geography", 12, 12, None, tuple(known), 5))
    assert len(other.candidates) == 10
    assert not {describe_known(row["prompt"], row["answer"]) for row in rows_of(other)} & set(known)


@pytest.mark.parametrize("ages", [(0, 120), (5, 6), (8, 15), (0, 7), (16, 16), (30, 99)])
async def test_ages_of_questions_meet_those_that_are_wanted(facts: FactsProvider, ages: tuple[int, int]) -> None:
    for seed in range(3):
        rows = rows_of(await facts.generate(Wanted(5, "Mathematics", *ages, None, seed=seed)))
        assert len(rows) == 5
        assert all(row["min_age"] <= ages[1] and row["max_age"] >= ages[0] for row in rows)


async def test_a_difficulty_that_is_wanted_is_given(facts: FactsProvider) -> None:
    rows = rows_of(await facts.generate(Wanted(10, "Geography", 12, 12, "hard")))
    assert {row["difficulty"] for row in rows} == {"hard"}


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(5, "The lives of saints", 0, 120, None),
        Wanted(5, "", 0, 120, None),
        Wanted(5, "Geography", 1, 3, None),
        Wanted(5, None, 0, 4, None),
        Wanted(5, "Geography", 15, 8, None),
        Wanted(0, None, 0, 120, None),
        Wanted(-1, None, 0, 120, None),
    ],
    ids=lambda wanted: f"{wanted.count} {wanted.topic} {wanted.min_age}",
)
async def test_where_nothing_is_known_the_answer_is_empty(facts: FactsProvider, wanted: Wanted) -> None:
    assert await facts.generate(wanted) == Answer((), attempts=0, needs_check=False)


async def test_the_event_loop_goes_on_meanwhile(facts: FactsProvider) -> None:
    making = asyncio.create_task(facts.generate(Wanted(500, None, 0, 120, None)))
    turns = 0
    while not making.done():
        await asyncio.sleep(0)
        turns += 1
    assert len((await making).candidates) == 500
    assert turns > 10


async def test_facts_have_no_opinion_and_are_always_well(facts: FactsProvider) -> None:
    assert await facts.solve("What is 1 plus 1?", ("1", "2", "3", "4")) is None
    health = await facts.health()
    assert (health.provider, health.reachable, health.model) == ("facts", True, None)
