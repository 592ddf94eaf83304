"""Candidates and what they become, for tests of the pipeline."""

from typing import Any

import msgspec

from events.vocabulary.questions import QuestionAdded
from trivia.generation.providers.provider import Wanted
from trivia.questions.bank.question_row import RawRow, RowReader

WANTED = Wanted(5, None, 0, 120, None)

GOOD = {
    "prompt": "Which river runs through Lisbon?",
    "options": ["Tagus", "Douro", "Ebro", "Minho"],
    "answer": "Tagus",
    "topic": "Geography",
    "min_age": 10,
}


def candidate(**changed: Any) -> str:
    """A good candidate; `changed` replaces fields."""
    return msgspec.json.encode({**GOOD, **changed}).decode()


def question(**changed: Any) -> QuestionAdded:
    """The same, read."""
    read = RowReader("public", "test").read(RawRow(None, "", candidate(**changed).encode()))
    assert isinstance(read, QuestionAdded), read
    return read
