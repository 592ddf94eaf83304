"""Which options stay last or where they are, and in which order a user sees the others."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.models.option_order import MOST, fixed_options
from projections.models.question_pool import Question, QuestionPool
from tests.support.banks import question

USERS = [f"user-{number}" for number in range(400)]


def pool_of(*options: str, number: int = 1) -> QuestionPool:
    pool = QuestionPool()
    for earlier in range(1, number):
        pool.add(earlier, question(earlier))
    pool.add(number, msgspec.structs.replace(question(number), options=options, answer=options[0]))
    return pool


def shown(pool: QuestionPool, number: int, user: str) -> Question:
    return msgspec.json.decode(pool.bodies([number], user)[0], type=Question)


@pytest.mark.parametrize(
    ("options", "fixed"),
    [
        (("1", "2", "3", "4"), ()),
        (("1", "2", "3", "none of these"), (3,)),
        (("All of the above", "x", "y", "z"), (0,)),
        (("a", "Neither of these.", "c", "Other"), (1, 3)),
        (("Dogs", "Cats", "Both", "Neither"), (2, 3)),
        (("x", "y", "Two of the above", "All of these answers are correct"), (2, 3)),
        (("Keine der genannten", "b", "c", "d"), (0,)),
        (("b", "Toutes ces réponses", "c", "d"), (1,)),
        (("b", "Ninguna de las anteriores", "c", "d"), (1,)),
        (("I don\u2019t know", "b", "c", "d"), (0,)),
    ],
)
def test_an_option_that_speaks_of_all_others_stays_last(options, fixed):
    assert fixed_options(options) == fixed


@pytest.mark.parametrize(
    "options",
    [
        ("Paris", "London", "Both A and B", "None of the above"),
        ("Paris", "London", "Rome", "A & C"),
        ("Paris", "London", "A or B", "A, B and C"),
        ("2", "3", "The first two", "5"),
        ("2", "3", "The first and the second", "5"),
        ("Mercury", "Venus", "both of the above", "Mars"),
    ],
)
def test_where_an_option_names_others_by_their_place_none_changes_its_place(options):
    assert fixed_options(options) == (0, 1, 2, 3)
    pool = pool_of(*options)
    assert {shown(pool, 1, user).options for user in USERS} == {options}


@pytest.mark.parametrize(
    "options",
    [
        ("A and B", "A and C", "B and C", "B and D"),
        ("A", "B", "AB", "O"),
        ("1 and 2", "3 and 4", "5", "6"),
        ("The first", "The second", "The third", "The last"),
        ("All the President's Men", "None but the Brave", "Both Sides Now", "Other People's Money"),
        ("One", "Two", "Three", "Some"),
        ("Above", "Below", "These", "Option"),
        ("all", "none", "both", "neither"),
    ],
)
def test_options_that_only_look_as_if_they_spoke_of_others_move_like_any(options):
    assert fixed_options(options) == ()


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_every_option_is_about_as_often_in_every_place(count):
    pool = pool_of(*[f"option {n}" for n in range(count)])
    places = Counter(shown(pool, 1, user).options.index("option 0") for user in USERS)
    assert all(len(USERS) / count * 0.6 < places[place] < len(USERS) / count * 1.5 for place in range(count))


def test_the_right_option_of_one_user_is_about_as_often_in_every_place():
    pool = QuestionPool()
    for number in range(1, 601):
        options = ("right", "wrong", "false", "not so")
        pool.add(number, msgspec.structs.replace(question(number), options=options, answer="right"))
    for user in USERS[:20]:
        places = Counter(shown(pool, number, user).options.index("right") for number in range(1, 601))
        assert all(100 < places[place] < 200 for place in range(4)), user


# Written down once: another process, version or machine may not see another order.
def test_the_order_of_a_user_and_question_never_changes():
    pool = pool_of("Paris", "London", "Rome", "Madrid", number=17)
    assert [shown(pool, 17, user).options for user in ("user-1", "user-2", "01890a5d-ac96-774b-bcce-b302099a8057")] == [
        ("Paris", "London", "Madrid", "Rome"),
        ("London", "Rome", "Madrid", "Paris"),
        ("Paris", "London", "Madrid", "Rome"),
    ]


texts = st.text(min_size=1, max_size=20) | st.sampled_from(['","', '"options":[]', "\0", "\\", "None", "A and B"])


@given(st.lists(texts, min_size=1, max_size=MOST + 2, unique=True), texts, st.text(max_size=10))
def test_a_user_is_shown_the_question_as_it_is_stored_but_for_the_order_of_its_options(options, prompt, user):
    added = msgspec.structs.replace(question(1), prompt=prompt, options=tuple(options), answer=options[0])
    pool = QuestionPool()
    pool.add(1, added)

    stored = pool.question(1)
    assert (stored.prompt, stored.options, stored.answer) == (prompt, tuple(options), options[0])
    seen = shown(pool, 1, user)
    assert msgspec.structs.replace(seen, options=()) == msgspec.structs.replace(stored, options=())
    assert Counter(seen.options) == Counter(options)
    assert shown(pool, 1, user) == seen
