from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from trivia.generation.pipeline.ordering import order_options
from trivia.questions.bank.identity import content_identity

OPTIONS = ("Paris", "London", "Rome", "Madrid")


@given(st.permutations(OPTIONS), st.text("0123456789abcdef", min_size=64, max_size=64))
def test_the_order_is_that_of_the_content_whatever_order_the_options_came_in(
    given_order: list[str], content: str
) -> None:
    assert order_options(given_order, content) == order_options(OPTIONS, content)
    assert sorted(order_options(given_order, content)) == sorted(OPTIONS)


def test_over_many_questions_the_key_comes_equally_often_at_each_place() -> None:
    places = Counter(
        order_options(OPTIONS, content_identity(f"What is the capital of country {number}?", OPTIONS)).index("Paris")
        for number in range(4000)
    )
    assert set(places) == {0, 1, 2, 3}
    assert all(900 < count < 1100 for count in places.values())


def test_another_purpose_has_another_order() -> None:
    contents = [content_identity(str(number), OPTIONS) for number in range(200)]
    same = sum(order_options(OPTIONS, content) == order_options(OPTIONS, content, "other") for content in contents)
    assert same < 30
