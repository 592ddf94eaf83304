from typing import Any, ClassVar

import msgspec
import pytest

from events.log import NO_STREAM, StreamWrite
from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from events.vocabulary.questions import QuestionAdded
from projections.models.question_pool import QuestionPool
from tests.unit.generation.pipeline.asking import WANTED, candidate, question
from trivia.generation.pipeline.pipeline import Pipeline
from trivia.generation.pipeline.verdict import Accepted, Rejected, Verdict
from trivia.generation.providers.provider import Answer, Provider, ProviderError, Wanted
from trivia.questions.bank.identity import question_stream
from trivia.questions.bank.near_duplicates.finder import NearDuplicates


class Solver(Provider):
    """Knows one answer, or fails; keeps what it was asked."""

    name: ClassVar[str] = "solver"

    def __init__(self, answer: str | ProviderError | None) -> None:
        self.answer = answer
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    async def generate(self, wanted: Wanted) -> Answer:
        raise AssertionError(wanted)

    async def solve(self, prompt: str, options: tuple[str, ...]) -> str | None:
        self.asked.append((prompt, options))
        if isinstance(self.answer, ProviderError):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        """Nothing is open."""


class Bank:
    """A log, its pool and the pipeline before them."""

    def __init__(self) -> None:
        self.log = MemoryLog(REGISTRY)
        self.pool = QuestionPool()
        self.pipeline = Pipeline(self.log, NearDuplicates(self.pool))

    async def judge(
        self, text: str, wanted: Wanted = WANTED, *, org: str = "public", solver: Provider | None = None
    ) -> Verdict:
        return await self.pipeline.judge(text, wanted, org=org, origin="generation-1", solver=solver)

    async def add(self, added: QuestionAdded) -> None:
        await self.log.append([StreamWrite(question_stream(added.org, added.content), NO_STREAM, [added])])
        self.pool.add(self.pool.last + 1, added)


def reason(verdict: Verdict) -> str:
    assert isinstance(verdict, Rejected), verdict
    assert verdict.detail
    return verdict.reason


def accepted(verdict: Verdict) -> QuestionAdded:
    assert isinstance(verdict, Accepted), verdict
    return verdict.question


async def test_a_good_candidate_is_accepted_as_the_event_that_adds_it() -> None:
    added = accepted(await Bank().judge(candidate(), org="us"))
    assert (added.org, added.origin, added.prompt) == ("us", "generation-1", "Which river runs through Lisbon?")
    assert added.content == question().content
    assert sorted(added.options) == sorted(question().options)


async def test_the_same_candidate_gets_the_same_order_whoever_judges_it_and_however_it_came() -> None:
    orders = {
        accepted(await Bank().judge(candidate(options=options))).options
        for options in (["Tagus", "Douro", "Ebro", "Minho"], ["Minho", "Ebro", "Tagus", "Douro"])
    }
    assert len(orders) == 1


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "not JSON"),
        ("[]", "candidate: "),
        ("\ud800", "not JSON"),
        (candidate(answer="Po"), "answer: "),
        (candidate(options=["Tagus", "Douro"]), "options: "),
        (candidate(extra=1), "extra: "),
        (candidate(min_age=50, max_age=10), "min_age: "),
    ],
)
async def test_what_is_no_row_of_an_import_is_rejected_and_every_fault_named(text: str, detail: str) -> None:
    verdict = await Bank().judge(text)
    assert reason(verdict) == "schema"
    assert isinstance(verdict, Rejected)
    assert detail in verdict.detail


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(1, "Music", 0, 120, None),
        Wanted(1, None, 5, 9, None),
        Wanted(1, None, 0, 120, "hard"),
    ],
)
async def test_what_was_not_asked_for_is_rejected(wanted: Wanted) -> None:
    assert reason(await Bank().judge(candidate(), wanted)) == "schema"


async def test_what_was_asked_for_may_be_spelt_otherwise_and_serve_some_of_the_ages() -> None:
    assert accepted(await Bank().judge(candidate(difficulty="easy"), Wanted(1, "GEOGRAPHY", 8, 15, "easy")))


async def test_a_bad_question_is_rejected_with_all_that_is_wrong() -> None:
    verdict = await Bank().judge(candidate(options=["Tagus", "Douro", "All of the above", "www.example.org"]))
    assert reason(verdict) == "lint"
    assert isinstance(verdict, Rejected)
    assert "catch_all_option" in verdict.detail
    assert "address" in verdict.detail


@pytest.mark.parametrize(("bank", "org"), [("public", "public"), ("public", "us"), ("us", "us")])
async def test_what_the_bank_has_is_a_duplicate(bank: str, org: str) -> None:
    there = Bank()
    await there.add(msgspec.structs.replace(question(), org=bank))
    assert reason(await there.judge(candidate(prompt="which river  runs through lisbon?"), org=org)) == "duplicate"


async def test_what_another_organisation_has_is_none() -> None:
    there = Bank()
    await there.add(msgspec.structs.replace(question(), org="them"))
    assert accepted(await there.judge(candidate(), org="us"))


async def test_the_same_fact_in_other_words_is_a_near_duplicate_and_named() -> None:
    there = Bank()
    await there.add(question())
    verdict = await there.judge(candidate(prompt="Name the river that runs through the city of Lisbon."))
    assert verdict == Rejected("near_duplicate", "the bank has question 1: Which river runs through Lisbon?")


async def test_what_may_be_the_same_fact_is_accepted_for_a_reviewer_who_is_told_so() -> None:
    there = Bank()
    await there.add(question())
    options = ["Tagus and Trancão", "Douro", "Ebro", "Minho"]
    added = accepted(
        await there.judge(candidate(prompt="Which rivers run through Lisbon?", options=options, answer=options[0]))
    )
    assert added.pending
    assert added.review_reason == "may be the same as question 1: Which river runs through Lisbon?"


async def test_two_candidates_in_a_row_may_not_ask_for_the_same_but_one_may_be_judged_again() -> None:
    there = Bank()
    first = await there.judge(candidate())
    assert reason(await there.judge(candidate(prompt="Name the river that runs through Lisbon."))) == "near_duplicate"
    assert await there.judge(candidate()) == first


async def test_a_solver_that_chooses_another_option_objects() -> None:
    verdict = await Bank().judge(candidate(), solver=Solver("Douro"))
    assert reason(verdict) == "blind_check"


@pytest.mark.parametrize("answer", ["Tagus", None, "the river Po", ProviderError("timeout", "too late")])
async def test_a_solver_that_agrees_or_has_nothing_to_say_does_not(answer: Any) -> None:
    assert accepted(await Bank().judge(candidate(), solver=Solver(answer)))


async def test_a_solver_sees_the_options_in_an_order_of_their_own_and_only_what_passed_so_far() -> None:
    solver = Solver(None)
    there = Bank()
    prompts = [f"Which river runs through {number} towns?" for number in range(20)]
    stored = [accepted(await there.judge(candidate(prompt=prompt), solver=solver)).options for prompt in prompts]
    assert [prompt for prompt, _ in solver.asked] == prompts
    assert any(shown != order for (_, shown), order in zip(solver.asked, stored, strict=True))
    await there.judge(candidate(answer="Po"), solver=solver)
    assert len(solver.asked) == len(prompts)
