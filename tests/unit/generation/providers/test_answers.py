"""Whatever a model writes is read without an accident."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.model_endpoint import question, questions
from trivia.generation.llm.answers import MAX_CANDIDATE, candidates_of, solution_of
from trivia.generation.providers.provider import ProviderError, Wanted
from trivia.questions.bank.question_row import RawRow, RowReader

WANTED = Wanted(5, "Science", 8, 15, "hard")
ANY_TOPIC = Wanted(5, None, 8, 15, None)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["questions", "prompt", "answer", "options", "x"]), inner)
    ),
    max_leaves=20,
)
texts = st.text() | json_values.map(json.dumps) | st.text(alphabet='{}[]",: \\uD8"answerpomt', max_size=80)


@settings(max_examples=60)
@given(texts, texts)
def test_any_text_gives_candidates_that_can_be_judged_or_is_of_no_use(before: str, after: str) -> None:
    for text in (before, before + questions([question(1)]) + after):
        try:
            candidates = candidates_of(text, WANTED)
        except ProviderError as error:
            assert error.fault == "unusable"  # noqa: PT017 - most texts raise nothing
            continue
        assert len(candidates) <= WANTED.count
        for candidate in candidates:
            assert isinstance(json.loads(candidate.encode()), dict)
            RowReader("public", "test").read(RawRow(None, "", candidate.encode()))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5, unique=True), st.data())
def test_wherever_an_answer_is_cut_every_row_that_is_whole_before_that_is_kept(numbers: list[int], data: Any) -> None:
    rows = [json.dumps(question(number)) for number in numbers]
    text = '{"questions": [' + ", ".join(rows) + "]}"
    cut = data.draw(st.integers(len(rows[0]) + 15, len(text)))
    ends = [text.index(row) + len(row) for row in rows]
    prompts = [json.loads(candidate)["prompt"] for candidate in candidates_of(text[:cut], WANTED)]
    assert prompts == [question(number)["prompt"] for number, end in zip(numbers, ends, strict=True) if end <= cut]


def read(raw: dict[str, Any], wanted: Wanted = WANTED) -> dict[str, Any]:
    (candidate,) = candidates_of(json.dumps({"questions": [raw]}), wanted)
    row: dict[str, Any] = json.loads(candidate)
    return row


BARE = {"prompt": "Which?", "options": ["Oslo", "Rome", "Bern", "Kyiv"]}


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        ({**BARE, "answer": "Rome"}, "Rome"),
        ({**BARE, "answer": "B"}, "Rome"),
        ({**BARE, "answer": "b)"}, "Rome"),
        ({**BARE, "answer": "B. Rome"}, "Rome"),
        ({**BARE, "answer": " ROME "}, "Rome"),
        ({**BARE, "correct_index": 3}, "Kyiv"),
        ({**BARE, "correct_answer": "Paris"}, "Paris"),
        ({**BARE, "options": ["A) Oslo", "B) Rome", "C) Bern", "D) Kyiv"], "answer": "B) Rome"}, "Rome"),
        ({**BARE, "options": [{"text": name} for name in BARE["options"]], "answer": {"text": "Rome"}}, "Rome"),
        ({**BARE, "options": dict(zip("abcd", BARE["options"], strict=True)), "answer": "b"}, "Rome"),
        ({**BARE, "options": ["C", "B", "A", "D"], "answer": "B"}, "B"),
        ({"question": "Which?", "choices": [1912, 1914, 1916, 1918], "answer": 1914}, "1914"),
    ],
    ids=lambda _: "",
)  # fmt: skip
def test_the_answer_is_understood_in_the_ways_that_models_give_it(raw: dict[str, Any], answer: str) -> None:
    row = read(raw)
    assert row["answer"] == answer
    assert len(row["options"]) == 4
    assert not any(option.startswith("A)") for option in row["options"])


def test_topic_and_difficulty_are_the_models_only_where_none_were_wanted() -> None:
    raw = question(1, topic="History", difficulty="Easy")
    assert (read(raw)["topic"], read(raw)["difficulty"]) == ("Science", "hard")
    assert (read(raw, ANY_TOPIC)["topic"], read(raw, ANY_TOPIC)["difficulty"]) == ("History", "easy")
    assert "difficulty" not in read({**raw, "difficulty": "brutal"}, ANY_TOPIC)


def test_a_question_as_long_as_a_book_is_left_out() -> None:
    text = questions([question(1, explanation="x" * MAX_CANDIDATE), question(2)])
    assert [json.loads(candidate)["prompt"] for candidate in candidates_of(text, WANTED)] == [question(2)["prompt"]]


@settings(max_examples=60)
@given(texts)
def test_a_solution_is_one_of_the_options_or_none(text: str) -> None:
    options = ("one", "two", "three", "four")
    assert solution_of(text, options) in {*options, None}
