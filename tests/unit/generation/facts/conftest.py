"""The starter bank, and more than it takes of every template, each made once for all tests that look at them."""

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from random import Random

import pytest

from trivia.generation.facts import FactQuestion, starter_bank, subjects
from trivia.generation.facts.core import finish

Find = Callable[[str, str], list[tuple[FactQuestion, re.Match[str]]]]


@pytest.fixture(scope="session")
def bank() -> tuple[FactQuestion, ...]:
    return tuple(starter_bank())


DRAFTS = 300
"""So many drafts of each template are looked at: what the bank leaves out is made on demand, and must be right as well."""


@pytest.fixture(scope="session")
def made() -> tuple[FactQuestion, ...]:
    """What every template makes, in the bank or not."""
    return tuple(
        [
            question
            for subject in subjects()
            for template in subject.templates
            for draft in islice(template.make(Random(f"test/{template.make.__name__}")), DRAFTS)
            if (question := finish(subject.topic, draft)) is not None
        ]
    )


@pytest.fixture(scope="session")
def find(made: tuple[FactQuestion, ...]) -> Find:
    """What is made for a topic with a prompt that matches; at least three, so that no test passes for want of any."""

    def find(topic: str, expression: str) -> list[tuple[FactQuestion, re.Match[str]]]:
        found = [(q, m) for q in made if q.topic == topic and (m := re.search(expression, q.prompt))]
        assert len(found) >= 3, f"no questions in {topic} like {expression}"
        return found

    return find


def number(text: str) -> Fraction:
    return Fraction(re.sub(r"[^\d./−-]", "", text).replace("−", "-"))


def wrong(q: FactQuestion) -> list[str]:
    return [o for o in q.options if o != q.answer]
