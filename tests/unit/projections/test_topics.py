"""Spellings of one topic are one topic, wherever it is named."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.vocabulary.questions import QuestionAdded
from projections.models.question_pool import Filter, QuestionPool
from projections.models.topics import clean_topic, topic_key
from tests.support.banks import question
from tests.support.generation import asked_for
from trivia.generation.replenishing import request_for
from trivia.generation.streams import slot_of
from trivia.http.access import Identity
from trivia.questions.bank.question_row import RawRow, RowReader
from trivia.questions.play.draw import parse_draw

SPELLINGS = [
    "World History", " World History ", "World History\u00a0", "\u2003World\u00a0 History", "WORLD history", "World\u00ad History",
    "World History\ufeff", "\u200bWorld History\t",
]  # fmt: skip


@given(st.text())
def test_cleaning_and_the_key_come_to_rest_at_once(text: str) -> None:
    assert clean_topic(clean_topic(text)) == clean_topic(text)
    assert topic_key(topic_key(text)) == topic_key(text) == topic_key(clean_topic(text))
    assert clean_topic(text) == clean_topic(f" \u00a0{text}\u00a0 ")


def test_letters_that_can_be_written_in_two_ways_are_one_topic() -> None:
    assert topic_key("Poke\u0301mon") == topic_key("Pok\u00e9mon")
    assert topic_key("Straße") == topic_key("STRASSE")


@pytest.mark.parametrize("spelling", SPELLINGS, ids=ascii)
def test_a_topic_is_found_imported_and_asked_for_in_any_spelling(spelling: str) -> None:
    row = {"prompt": "Which?", "options": ["a", "b", "c", "d"], "answer": "a", "topic": spelling}
    read = RowReader("public", "test").read(RawRow(None, "", msgspec.json.encode(row)))
    assert isinstance(read, QuestionAdded)
    assert topic_key(read.topic) == "world history"
    assert read.topic == clean_topic(spelling)

    pool = QuestionPool()
    # As an early log may have it.
    pool.add(1, msgspec.structs.replace(question(1), topic=SPELLINGS[2]))
    query = parse_draw(b"topic=" + b"".join([b"%%%02X" % byte for byte in spelling.encode()]))
    assert query.wanted.topic == clean_topic(spelling)
    for wanted in (query.wanted, Filter(spelling)):
        assert list(pool.candidates("public", wanted).numbers) == [1]

    asked = request_for(Identity("ada", "public", "player", 2**40), query.wanted, 5)
    assert asked is not None
    assert asked.topic == clean_topic(spelling)
    assert slot_of(asked_for(topic=spelling)) == slot_of(asked_for(topic="world history"))


def test_what_has_nothing_to_read_is_no_topic() -> None:
    for blank in (" ", "\u00a0", "\u200b\u2060", "\u00ad"):
        assert clean_topic(blank) == ""
        row = {"prompt": "Which?", "options": ["a", "b", "c", "d"], "answer": "a", "topic": blank}
        assert isinstance(RowReader("public", "test").read(RawRow(None, "", msgspec.json.encode(row))), list)
        assert request_for(Identity("ada", "public", "player", 2**40), Filter(blank), 5) is None
