import msgspec
import pytest

from tests.unit.questions.bank.near_duplicates.asking import ask, pool_of
from trivia.questions.bank.near_duplicates import finder, screening
from trivia.questions.bank.near_duplicates.finder import NearDuplicates
from trivia.questions.bank.near_duplicates.screening import Screening

FIRST = ask("What is the capital of Portugal?")
REWORDED = ask("Name the capital of Portugal.")
OTHER = ask("Which town has two towers?", "Rome")
UNSURE = ask("Which cities were capitals of Portugal?", "Lisbon and Coimbra")


async def test_what_repeats_the_bank_or_an_earlier_row_is_counted_and_kept() -> None:
    with Screening(NearDuplicates(pool_of(FIRST)), None) as look:
        assert await look.screen({"a": REWORDED, "b": OTHER}) == {"a": REWORDED, "b": OTHER}
        assert await look.screen({"c": ask("Name the town with two towers.", "Rome")}) != {}
        assert look.found == 2


async def test_what_repeats_is_left_out_where_that_is_asked_for() -> None:
    with Screening(NearDuplicates(pool_of(FIRST)), "skip") as look:
        assert await look.screen({"a": REWORDED, "b": OTHER}) == {"b": OTHER}
        assert look.found == 1


async def test_what_may_repeat_is_left_to_a_reviewer_where_what_repeats_is_left_out() -> None:
    with Screening(NearDuplicates(pool_of(FIRST)), "skip") as look:
        entering = await look.screen({"a": UNSURE})
    reason = "may be the same as question 1: What is the capital of Portugal?"
    assert entering == {"a": msgspec.structs.replace(UNSURE, pending=True, review_reason=reason)}
    assert look.found == 0


async def test_what_may_repeat_is_taken_as_it_is_where_what_repeats_is_taken_too() -> None:
    with Screening(NearDuplicates(pool_of(FIRST)), "count") as look:
        assert await look.screen({"a": UNSURE}) == {"a": UNSURE}
    assert look.found == 0


@pytest.mark.parametrize("mode", ["off", None])
async def test_nobody_looks_where_it_is_not_asked_for_and_would_take_long(
    mode: screening.Mode | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening, "UNASKED_BACKLOG", 0)
    near = NearDuplicates(pool_of(FIRST))
    with Screening(near, mode) as look:
        assert await look.screen({"a": REWORDED}) == {"a": REWORDED}
    assert look.found is None
    assert near.backlog == 1


async def test_what_is_asked_for_is_done_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "UNASKED_BACKLOG", 0)
    with Screening(NearDuplicates(pool_of(FIRST)), "count") as look:
        await look.screen({"a": REWORDED})
    assert look.found == 1


async def test_an_import_that_is_cut_short_leaves_nothing_to_be_compared_with() -> None:
    near = NearDuplicates(pool_of())

    async def cut_short() -> None:
        with Screening(near, "count") as look:
            await look.screen({"a": FIRST})
            assert await near.find(REWORDED)
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await cut_short()
    assert await near.find(REWORDED) is None


async def test_only_so_many_questions_on_their_way_are_kept_the_oldest_go_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finder, "MAX_EXPECTED", 2)
    near = NearDuplicates(pool_of())
    for question in (FIRST, OTHER, ask("Where is Porto?", "Rome")):
        near.expect(question)
    assert await near.find(REWORDED) is None
    assert await near.find(ask("Name the town with two towers.", "Rome"))
