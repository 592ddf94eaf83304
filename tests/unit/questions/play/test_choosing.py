"""Choosing among the unseen: nothing seen, nothing twice, uniformly."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from projections.models.question_pool import Candidates
from trivia.questions.play.choosing import Chooser

numbers = st.sets(st.integers(1, 300), max_size=200)


@given(numbers, numbers, st.integers(1, 100), st.integers(0, 5))
def test_what_is_chosen_was_a_candidate_unseen_and_is_chosen_once(candidates, seen, limit, dice):
    chosen, unseen = Chooser().choose(Candidates(BitMap(candidates)), BitMap(seen), limit, random.Random(dice))

    assert unseen == len(candidates - seen)
    assert len(chosen) == len(set(chosen)) == min(limit, unseen)
    assert set(chosen) <= candidates - seen


@given(
    st.sets(st.integers(1, 400), min_size=1), st.lists(st.integers(1, 30), min_size=1, max_size=60), st.integers(0, 5)
)
def test_drawing_on_and_on_gives_every_candidate_exactly_once_and_then_nothing(candidates, limits, dice):
    chooser, seen, chance = Chooser(), BitMap(), random.Random(dice)
    pool = Candidates(BitMap(candidates))
    given_out: list[int] = []
    for limit in [*limits, *[30] * 20]:
        chosen, unseen = chooser.choose(pool, seen, limit, chance)
        assert unseen == len(candidates) - len(given_out)
        seen.update(chosen)
        chooser.take(chosen)
        given_out += chosen

    assert sorted(given_out) == sorted(candidates)


def test_a_chooser_notices_that_the_candidates_are_others_now():
    chooser, seen = Chooser(), BitMap(range(1, 91))
    chooser.choose(Candidates(BitMap(range(1, 101))), seen, 1, random.Random(1))

    chosen, unseen = chooser.choose(Candidates(BitMap(range(200, 203))), seen, 10, random.Random(1))

    assert (sorted(chosen), unseen) == ([200, 201, 202], 3)


def test_a_chooser_that_is_told_to_forget_looks_at_the_seen_set_again():
    chooser, candidates = Chooser(), Candidates(BitMap(range(1, 101)))
    chooser.choose(candidates, BitMap(range(1, 91)), 1, random.Random(1))
    chooser.forget()

    chosen, unseen = chooser.choose(candidates, BitMap(range(1, 100)), 10, random.Random(1))

    assert (chosen, unseen) == ([100], 1)


@pytest.mark.parametrize(
    ("seen", "what"),
    [
        (range(0), "nothing is seen"),
        (range(1, 60), "much is unseen"),
        (range(1, 90), "little is left"),
        (range(1, 96), "less than asked"),
    ],
)
def test_every_unseen_question_is_equally_likely_at_every_place(seen, what):
    candidates, chance, rounds, limit = Candidates(BitMap(range(1, 101))), random.Random(20), 6_000, 5
    at_place: Counter[tuple[int, int]] = Counter()
    for _ in range(rounds):
        chosen, _ = Chooser().choose(candidates, BitMap(seen), limit, chance)
        at_place.update(enumerate(chosen))

    left = 100 - len(seen)
    expected = rounds / left
    chi_squared = sum(
        (at_place[place, number] - expected) ** 2 / expected
        for place in range(limit)
        for number in set(candidates.bits) - set(seen)
    )
    degrees = limit * (left - 1)
    # Five standard deviations above the mean of the distribution: chance alone gets there once in a million.
    assert chi_squared < degrees + 5 * (2 * degrees) ** 0.5, what
