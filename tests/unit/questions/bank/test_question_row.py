"""One row of an import becomes a question, or every fault it has."""

import string
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.vocabulary.questions import QuestionAdded
from tests.support.rows import row
from trivia.questions.bank.identity import content_identity
from trivia.questions.bank.question_row import MAX_ROW_BYTES, RawRow, RowReader, find_row_faults

READER = RowReader("public", "import-1")


def read(value: Any) -> Any:
    text = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return READER.read(RawRow(7, "", text))


def faults(value: Any) -> dict[str, str]:
    outcome = read(value)
    assert isinstance(outcome, list), "it was taken"
    assert {fault.line for fault in outcome} == {7}
    return {fault.path: fault.message for fault in outcome}


def test_a_good_row_becomes_a_question_with_all_that_it_says() -> None:
    more = {"min_age": 8, "max_age": 12, "difficulty": "hard", "explanation": "Count.", "source": "a book"}
    given_row = row(3, **more)
    assert read(given_row) == QuestionAdded(
        content_identity(given_row["prompt"], given_row["options"]),
        "public",
        "What is 3 plus 3?",
        ("6", "7", "8", "none of these"),
        "6",
        "History",
        8,
        12,
        "hard",
        "Count.",
        "a book",
        "import-1",
    )


def test_white_space_around_texts_is_not_kept() -> None:
    padded = row(1, prompt=" 1 + 1? \n", options=[" 2", "3 ", "4", "5"], answer="2 ", topic=" Sums ", explanation=" \t")
    question = read(padded)
    assert (question.prompt, question.options[0], question.answer, question.topic) == ("1 + 1?", "2", "2", "Sums")
    assert question.explanation is None


@pytest.mark.parametrize(
    ("changed", "path", "message"),
    [
        ({"prompt": ""}, "prompt", "must not be empty"),
        ({"prompt": " \u00a0 "}, "prompt", "must not be blank"),
        ({"prompt": "\u200b"}, "prompt", "must not be blank"),
        ({"prompt": "x" * 1001}, "prompt", "at most 1000 characters"),
        ({"prompt": 5}, "prompt", "must be a string, not an integer"),
        ({"prompt": "a\0b"}, "prompt", "NUL"),
        ({"topic": " "}, "topic", "must not be blank"),
        ({"topic": "x" * 101}, "topic", "at most 100 characters"),
        ({"options": ["2", "3", "4"]}, "options", "at least 4 items"),
        ({"options": ["2", "3", "4", "5", "6"]}, "options", "at most 4 items"),
        ({"options": ["2", "3", "", "5"]}, "options[2]", "must not be empty"),
        ({"options": ["2", "3", " ", "5"]}, "options[2]", "must not be blank"),
        ({"options": ["2", "3", "x" * 301, "5"]}, "options[2]", "at most 300 characters"),
        ({"options": ["2", "3", "3", "5"]}, "options[2]", "the same as options[1]"),
        ({"options": ["2", "Par , is", "4", "Par,  is"]}, "options[3]", "the same as options[1]"),
        ({"options": ["2", "3", "4", "5\0"]}, "options[3]", "NUL"),
        ({"options": ["2", "\uff30aris", "4", "Par\u00adis"]}, "options[3]", "the same as options[1]"),
        ({"options": ["2", "Paris", "4", "Pa\u200bris"]}, "options[3]", "the same as options[1]"),
        ({"options": ["2", "\u2764", "4", "\u2764\ufe0f"]}, "options[3]", "the same as options[1]"),
        ({"options": ["2", "&quot;a&quot;", "4", '"a"']}, "options[3]", "the same as options[1]"),
        ({"prompt": "a\x07b"}, "prompt", "control character (U+0007)"),
        ({"prompt": "a&#8238;b"}, "prompt", "direction or layout of text (U+202E)"),
        ({"topic": "a\u2066b"}, "topic", "direction or layout"),
        ({"explanation": "a\x1bb"}, "explanation", "control character (U+001B)"),
        ({"options": ["2", "3", "4", "5\x856"]}, "options[3]", "control character"),
        ({"prompt": "&shy;&ZeroWidthSpace;"}, "prompt", "must not be blank"),
        ({"answer": "9"}, "answer", "is not one of the options"),
        ({"answer": "NONE of these"}, "answer", "did you mean 'none of these'?"),
        ({"min_age": -1}, "min_age", "must be 0 or more"),
        ({"max_age": 121}, "max_age", "must be 120 or less"),
        ({"min_age": 9, "max_age": 8}, "min_age", "greater than max_age"),
        ({"min_age": 2**70}, "min_age", ""),
        ({"difficulty": "fiendish"}, "difficulty", "must be one of: easy, medium, hard"),
        ({"explanation": "x" * 2001}, "explanation", "at most 2000 characters"),
        ({"source": "x" * 501}, "source", "at most 500 characters"),
        ({"hint": "no"}, "hint", "no such field"),
    ],
)
def test_a_row_with_one_fault_is_refused_and_the_fault_named(changed: dict[str, Any], path: str, message: str) -> None:
    found = faults(row(1, **changed))
    assert list(found) == [path]
    assert message in found[path]


@pytest.mark.parametrize(
    "options",
    [
        ["Pa", "pa", "PA", "hPa"],
        ["CO", "Co", "co", "C"],
        ["x2", "x\u00b2", "x\u2082", "2x"],
        ["TM", "\u2122", "a", "b"],
    ],
)
def test_options_that_differ_in_capitals_or_raised_digits_only_are_different(options: list[str]) -> None:
    question = read(row(1, options=options, answer=options[1]))
    assert (list(question.options), question.answer) == (options, options[1])


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("Who sang &quot;Hello&quot;?", 'Who sang "Hello"?'),
        ("Beyonc&eacute; &amp; Jay&#039;s &#x1F986;", "Beyonc\u00e9 & Jay's \U0001f986"),
        ("It&amp;rsquo;s", "It\u2019s"),
        ("R&D; AT&T &nosuch; & a&b", "R&D; AT&T &nosuch; & a&b"),
        ("ri\u00adver\u200b bank\ufeff", "river bank"),
        ("tag\U000e0041\U000e0042ged", "tagged"),
        ("A\ufe0fB\u200dC", "ABC"),
        ("\u2764\ufe0f 1\ufe0f\u20e3 \U0001f468\u200d\U0001f469\u200d\U0001f467", None),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", None),
        ("\u05d0\u200f (b)", None),
        ("left\u200eright", "leftright"),
        ("line one\n\tline two", None),
    ],
)
def test_entities_are_decoded_and_what_nobody_sees_is_left_out(given_text: str, stored: str | None) -> None:
    question = read(row(1, prompt=given_text, explanation=given_text))
    expected = given_text if stored is None else stored
    assert (question.prompt, question.explanation) == (expected, expected)
    assert read(row(1, prompt=expected, explanation=expected)) == question


def test_a_question_about_entities_keeps_them_however_often_they_were_encoded() -> None:
    for options in (["&lt;", "&gt;", "&amp;", "<"], ["&amp;lt;", "&amp;gt;", "&amp;amp;", "<"]):
        question = read(row(1, prompt="Which HTML entity stands for <?", options=options, answer=options[0]))
        assert question.options == ("&lt;", "&gt;", "&amp;", "<")
    decoded = read(row(1, prompt="Which tag of HTML moves text?", options=["&lt;b&gt;", "a", "c", "d"], answer="a"))
    assert decoded.options[0] == "<b>"


def test_the_identity_that_a_question_had_before_it_was_cleaned_is_known() -> None:
    reader = RowReader("public", "import-1")
    raw = row(1, prompt="Who sang &quot;Hello&quot;?")
    question = reader.read(RawRow(1, "", msgspec.json.encode(raw)))
    assert reader.former == {question.content: content_identity(raw["prompt"], raw["options"])}
    assert question.content == content_identity('Who sang "Hello"?', raw["options"])


def test_faults_are_named_only_if_they_are_wanted() -> None:
    bad = RawRow(1, "", msgspec.json.encode(row(1, answer="9")))
    assert READER.read(bad, name_faults=False) == []


def test_every_field_at_fault_is_named() -> None:
    bad = row(1, prompt=" ", options=["2", "2", "4", ""], topic=3, min_age=-1, difficulty="x", hint="?", source=1)
    assert set(faults(bad)) == {"prompt", "options[3]", "topic", "min_age", "difficulty", "hint", "source"}


def test_every_option_at_fault_is_named() -> None:
    assert set(faults(row(1, options=["2", "2", " ", "2"], answer="2"))) == {"options[1]", "options[2]", "options[3]"}


@pytest.mark.parametrize("missing", ["prompt", "options", "answer", "topic"])
def test_a_missing_field_is_named(missing: str) -> None:
    bad = row(1)
    del bad[missing]
    assert faults(bad) == {missing: "missing"}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"prompt": "a',
        b"nonsense",
        b'{"prompt": "\xff"}',
        b'{"prompt": "\\ud800"}',
        b"{} {}",
        b"[" * 60_000,
    ],
)
def test_what_is_not_json_is_refused(text: bytes) -> None:
    assert list(faults(text)) == [""]


def test_what_is_nested_too_deeply_is_refused() -> None:
    assert faults(b'{"more":' + b"[" * 600 + b"]" * 600 + b"}")
    assert faults(b'{"more":' + b"[" * 30_000 + b"]" * 30_000 + b"}") == {"": "nested too deeply"}


@pytest.mark.parametrize("value", [None, 1, "text", [], [row(1)]])
def test_what_is_not_an_object_is_refused(value: Any) -> None:
    assert "must be an object" in faults(value)[""]


def test_a_backslash_before_u0000_is_no_nul() -> None:
    text = msgspec.json.encode(row(1, prompt="What does \\u0000 stand for?"))
    assert b"\\\\u0000" in text
    assert read(text).prompt == "What does \\u0000 stand for?"


def test_a_row_that_was_too_long_to_keep_is_refused() -> None:
    (fault,) = READER.read(RawRow(3, "", None))
    assert (fault.line, fault.message) == (3, f"longer than {MAX_ROW_BYTES} bytes")


def test_a_fault_in_a_body_is_named_by_its_path_there() -> None:
    (fault,) = READER.read(RawRow(None, "questions[3]", msgspec.json.encode(row(1, answer="9"))))
    assert (fault.line, fault.path) == (None, "questions[3].answer")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=8,
)
TEXTS = st.text(string.printable + "é日\u200b\u200d\u00ad\ufe0f❤\0", max_size=3)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "prompt": TEXTS | ANYTHING,
        "options": st.lists(TEXTS, min_size=3, max_size=5) | ANYTHING,
        "answer": TEXTS | ANYTHING,
        "topic": TEXTS | ANYTHING,
        "min_age": st.integers(-1, 121) | ANYTHING,
        "max_age": st.integers(-1, 121) | ANYTHING,
        "difficulty": st.sampled_from(["easy", "hard", "x"]) | ANYTHING,
        "explanation": TEXTS | ANYTHING,
        "source": TEXTS | ANYTHING,
        "other": ANYTHING,
    },
)


@given(ROWS)
def test_a_row_is_taken_exactly_when_nothing_is_wrong_with_it(value: dict[str, Any]) -> None:
    outcome = read(value)
    found = find_row_faults(value)
    assert isinstance(outcome, QuestionAdded) == (not found)
    if found:
        assert [(fault.path, fault.message) for fault in outcome] == [(fault.path, fault.message) for fault in found]


@given(st.lists(TEXTS, min_size=6, max_size=6), st.integers(0, 3))
def test_what_is_taken_can_be_exported_and_taken_again_as_the_same_question(texts: list[str], right: int) -> None:
    outcome = read({"prompt": texts[0], "topic": texts[1], "options": texts[2:], "answer": texts[2 + right]})
    if isinstance(outcome, QuestionAdded):
        again = read(
            {"prompt": outcome.prompt, "topic": outcome.topic, "options": outcome.options, "answer": outcome.answer}
        )
        assert again == outcome
        assert outcome.content == content_identity(outcome.prompt, outcome.options)
