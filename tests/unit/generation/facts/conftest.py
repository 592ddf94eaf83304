"""The starter bank, made once for all tests that look at it."""

import re
from collections.abc import Callable
from fractions import Fraction

import pytest

from trivia.generation.facts import FactQuestion, starter_bank

Find = Callable[[str, str], list[tuple[FactQuestion, re.Match[str]]]]


@pytest.fixture(scope="session")
def bank() -> tuple[FactQuestion, ...]:
    return tuple(starter_bank())


@pytest.fixture(scope="session")
def find(bank: tuple[FactQuestion, ...]) -> Find:
    """The questions of a topic whose prompt matches an expression; at least three, so that no test passes for want of any."""

    def find(topic: str, expression: str) -> list[tuple[FactQuestion, re.Match[str]]]:
        found = [(q, m) for q in bank if q.topic == topic and (m := re.search(expression, q.prompt))]
        assert len(found) >= 3, f"no questions in {topic} like {expression}"
        return found

    return find


def number(text: str) -> Fraction:
    return Fraction(re.sub(r"[^\d./−-]", "", text).replace("−", "-"))


def wrong(q: FactQuestion) -> list[str]:
    return [o for o in q.options if o != q.answer]
