"""The pool gives each organisation what it may draw, and nothing else."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from events.log import RecordedEvent
from events.registry import Event
from events.vocabulary.accounts import OrganisationMade
from events.vocabulary.decoding import Decoded
from events.vocabulary.questions import QuestionApproved, QuestionRetired
from projections.models.question_pool import Filter, QuestionPool
from tests.support.banks import question

EVERYTHING = Filter()


def pool_of(*events: Event) -> QuestionPool:
    pool = QuestionPool()
    for position, event in enumerate(events, 1):
        recorded = RecordedEvent(position, "s", 1, type(event).__name__, 1, "", "", 0)
        pool.apply(Decoded(recorded, event))
    return pool


def drawn(pool: QuestionPool, org: str, wanted: Filter = EVERYTHING) -> list[int]:
    return list(pool.candidates(org, wanted).numbers)


ages = st.tuples(st.integers(0, 120), st.integers(0, 120)).map(sorted).map(tuple)
bank = st.lists(st.tuples(ages, st.sampled_from(["Science", "ART", "straße"])), max_size=30)


@given(bank, st.none() | st.integers(0, 120), st.none() | st.sampled_from(["science", "Art", "STRASSE", "none"]))
def test_candidates_are_exactly_the_questions_that_fit_the_filter(bank, age, topic):
    questions = [question(n, topic=topic_, ages=ages_) for n, (ages_, topic_) in enumerate(bank, 1)]
    for difficulty in (None, "easy", "medium", "hard"):
        wanted = Filter(topic, difficulty, age)
        assert drawn(pool_of(*questions), "public", wanted) == [
            n
            for n, q in enumerate(questions, 1)
            if (age is None or q.min_age <= age <= q.max_age)
            and (topic is None or q.topic.casefold() == topic.casefold())
            and difficulty in (None, q.difficulty)
        ]


def test_a_retired_question_is_no_candidate_but_can_still_be_looked_up():
    pool = pool_of(question(1), question(2), QuestionRetired(1))

    assert drawn(pool, "public") == [2]
    assert pool.question(1).prompt == "What is 1 times 1?"
    assert pool.count("public") == 1


def test_a_pending_question_is_no_candidate_and_counts_for_nothing_until_it_is_approved():
    waiting = msgspec.structs.replace(question(1), pending=True)
    pool = pool_of(waiting, question(2))
    assert drawn(pool, "public") == [2]
    assert (pool.count("public"), list(pool.pending("public"))) == (1, [1])
    assert [name for name, _ in pool.topics("public")] == [question(2).topic]

    approved = pool_of(waiting, question(2), QuestionApproved(1))
    assert drawn(approved, "public") == [1, 2]
    assert (approved.count("public"), list(approved.pending("public"))) == (2, [])


def test_a_question_that_was_retired_while_it_waited_stays_away_whatever_comes_later():
    waiting = msgspec.structs.replace(question(1), pending=True)
    pool = pool_of(waiting, QuestionRetired(1), QuestionApproved(1))

    assert (drawn(pool, "public"), list(pool.pending("public"))) == ([], [])


def test_an_organisation_draws_from_its_own_bank_and_the_shared_one_and_sees_no_other():
    pool = pool_of(question(1), question(2, org="ours"), question(3, org="theirs"))

    assert drawn(pool, "ours") == [1, 2]
    assert drawn(pool, "theirs") == [1, 3]
    assert drawn(pool, "public") == [1]


def test_an_organisation_may_turn_the_shared_bank_off():
    pool = pool_of(question(1), question(2, org="ours"), OrganisationMade("ours", "Ours", shared_bank=False))

    assert drawn(pool, "ours") == [2]
    assert [name for name, _ in pool.topics("ours")] == [question(2).topic]


def test_a_question_that_the_shared_bank_got_after_an_organisation_comes_to_that_organisation_only_once():
    pool = pool_of(question(7, org="ours"), question(7), question(8))

    assert drawn(pool, "ours") == [1, 3]
    assert drawn(pool, "public") == [2, 3]
    assert drawn(pool, "others") == [2, 3]


def test_candidates_follow_what_happens_to_the_bank():
    pool = pool_of(question(1))
    before = pool.candidates("public", EVERYTHING)
    pool.apply(Decoded(RecordedEvent(2, "s", 1, "QuestionAdded", 1, "", "", 0), question(2)))

    assert list(before.numbers) == [1]
    assert drawn(pool, "public") == [1, 2]


def test_what_is_sent_is_the_question_with_its_number():
    body = pool_of(question(5)).bodies([1])[0]

    assert body == (
        b'{"id":1,"prompt":"What is 5 times 5?","options":["25","26","27","none of these"],"answer":"25",'
        b'"topic":"Geography","min_age":0,"max_age":120,"difficulty":"hard"}'
    )


def test_there_is_no_question_with_a_number_that_was_not_given():
    pool = pool_of(question(1))

    assert [pool.question(number) for number in (-1, 0, 2, 10**30)] == [None] * 4
