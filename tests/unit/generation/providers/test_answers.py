"""Whatever a model writes is read without an accident."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.model_endpoint import question, questions
from trivia.generation.llm import answers, completions, drafts
from trivia.generation.llm.answers import MAX_CANDIDATE, MAX_TRIES, candidates_of, solution_of
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
def test_a_solution_is_one_of_the_options_or_that_there_is_none_or_nothing(text: str) -> None:
    options = ("one", "two", "three", "four")
    assert solution_of(text, options) in {*options, "", None}


@pytest.mark.parametrize(
    ("wrong", "options"),
    [
        (["Oslo", "Bern"], ["Rome", "Oslo", "Bern"]),
        (["Oslo", "Bern", "Kyiv", "Riga"], ["Rome", "Oslo", "Bern", "Kyiv"]),
        (["Oslo", "Rome", "Bern", "Kyiv"], ["Rome", "Oslo", "Bern", "Kyiv"]),
        (["rome ", "Oslo", "Oslo", "Bern", " ", None, "Kyiv"], ["Rome", "Oslo", "Bern", "Kyiv"]),
        (["Oslo", "Bern", "Kyiv"] * 1_000, ["Rome", "Oslo", "Bern", "Kyiv"]),
    ],
    ids=["two", "four", "the key among them", "doubles", "thousands"],
)
def test_a_question_with_too_many_wrong_options_or_doubles_keeps_what_can_be_used(
    wrong: list[str], options: list[str]
) -> None:
    row = read({"prompt": "Which?", "answer": "Rome", "wrong_options": wrong})
    assert (row["options"], row["answer"]) == (options, "Rome")


@pytest.mark.parametrize("answer", ["Rome", "E", "rome"])
def test_of_more_options_than_four_the_right_one_stays_wherever_it_stands(answer: str) -> None:
    row = read({"prompt": "Which?", "options": ["Oslo", "Bern", "Kyiv", "Riga", "Rome", "oslo"], "answer": answer})
    assert (row["options"], row["answer"]) == (["Oslo", "Bern", "Kyiv", "Rome"], "Rome")


def test_true_is_no_place_among_the_options() -> None:
    assert "answer" not in read({**BARE, "correct_index": True})


DRAFT = questions([question(99)])
FINAL = questions([question(1)])


@pytest.mark.parametrize(
    "text",
    [
        f"<think>{DRAFT}</think>{FINAL}",
        f"<thinking>\n{DRAFT}\n</thinking>\n\n{FINAL}",
        f"<THINKING>{DRAFT}</THINKING>{FINAL}<thinking>{DRAFT}",
        f"<antThinking budget='7'>{DRAFT}</antThinking>{FINAL}",
        f"<seed:think>{DRAFT}</seed:think>{FINAL}",
        f"<reasoning>{DRAFT}</reasoning>{FINAL}",
        f"<analysis>{DRAFT}</analysis>{FINAL}",
        f"<scratchpad>{DRAFT}</scratchpad>{FINAL}",
        f"[THINK]{DRAFT}[/THINK]{FINAL}",
        f"◁think▷{DRAFT}◁/think▷{FINAL}",
        f"<|begin_of_thought|>{DRAFT}<|end_of_thought|>{FINAL}",
        f"<|START_THINKING|>{DRAFT}<|END_THINKING|>{FINAL}",
        f"The template began it: {DRAFT}</think>{FINAL}",
        f"<think>a <think> in a thought</think> {DRAFT}</think>{FINAL}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{FINAL}<|return|>",
        f"{DRAFT}<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>{FINAL}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|channel|>commentary to=functions.a <|constrain|>json<|message|>{FINAL}<|call|>",
        f"analysisWe need a question. {DRAFT}assistantfinal{FINAL}",
        json.dumps({"analysis": json.loads(DRAFT), "questions": [question(1)]}),
        json.dumps({"Drafts": [question(99)], "result": {"questions": [question(1)]}}),
    ],
    ids=lambda text: text[:24],
)
def test_what_a_model_drafts_while_it_thinks_is_no_candidate(text: str) -> None:
    assert [json.loads(row)["prompt"] for row in candidates_of(text, WANTED)] == [question(1)["prompt"]]


@pytest.mark.parametrize(
    "text",
    [
        f"<thinking>{DRAFT}",
        f"[THINK] {DRAFT}",
        f"<|channel|>analysis<|message|>{DRAFT}",
        f"analysisWe need a question. {DRAFT}",
        json.dumps({"analysis": json.loads(DRAFT)}),
    ],
)
def test_an_answer_that_was_cut_while_the_model_thought_has_no_candidates(text: str) -> None:
    with pytest.raises(ProviderError, match=r"no question|was empty"):
        candidates_of(text, WANTED)


def test_a_thought_is_no_solution() -> None:
    options = ("Oslo", "Rome")
    assert solution_of('<thinking>{"answer": "Oslo"}</thinking>{"answer": "Rome"}', options) == "Rome"
    assert solution_of('<thinking>Perhaps {"answer": "Oslo"}', options) is None


@pytest.mark.parametrize(
    ("said", "solution"),
    [("null", ""), ('["Oslo", "Rome"]', ""), ('"Oslo or Rome"', ""), ('""', ""), ('"Oslo"', "Oslo")],
)
def test_no_option_and_several_are_an_objection(said: str, solution: str) -> None:
    assert solution_of(f'{{"answer": {said}}}', ("Oslo", "Rome")) == solution


class Counting:
    """A pattern that counts the characters that it goes past."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.characters = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.pattern, name)

        def counted(text: str, start: int = 0, end: int | None = None) -> Any:
            end = len(text) if end is None else end
            found = method(text, start, end)
            if isinstance(found, re.Match):
                end = found.end()
            elif name in {"match", "fullmatch"}:
                # What must begin here goes no further than its bounds.
                end = start
            self.characters += end - start + 1
            return found

        return counted


HOSTILE: dict[str, Callable[[int], str]] = {
    "spaces": lambda size: json.dumps({"answer": "x" + " " * size + "x", "prompt": "?", "options": ["x" + " " * size]}),
    "bare spaces": lambda size: "x" + " " * size + "x",
    "labels": lambda size: json.dumps({"prompt": "?", "options": ["A)" + " " * size] * 4, "answer": "A) " * size}),
    "brackets": lambda size: "[{" * size,
    "opened": lambda size: '[1,{"a":[' * size,
    "tags": lambda size: "<thinking " * size,
    "ends": lambda size: "</think>" * size,
    "thoughts": lambda size: "<think></think>" * size,
    "tokens": lambda size: "<|channel|>analysis" * size,
    "spread": lambda size: "<|channel|>" + " " * size + "analysis",
    "analysis": lambda size: "analysis " + "assistantfina" * size,
    "options": lambda size: json.dumps({"prompt": "?", "answer": "a", "wrong_options": [str(n) for n in range(size)]}),
    "many": lambda size: "[1]" * size,
    "wide": lambda size: json.dumps([{"prompt": "?"}] * size),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_on_an_answer_grows_no_faster_than_the_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = [
        (module, attribute, value)
        for module in (answers, drafts)
        for attribute, value in vars(module).items()
        if isinstance(value, re.Pattern)
    ]
    assert len(patterns) >= 6

    def work(size: int) -> int:
        text = HOSTILE[name](size)
        counting = [Counting(pattern) for _, _, pattern in patterns]
        for (module, attribute, _), counter in zip(patterns, counting, strict=True):
            monkeypatch.setattr(module, attribute, counter)
        with contextlib.suppress(ProviderError):
            candidates_of(text, WANTED)
        solution_of(text, ("one", "two", "three", "four"))
        return sum(counter.characters for counter in counting)

    small, large = work(2_000), work(8_000)
    # Every start of a pattern costs a bounded number of steps (see below), so the characters handed to patterns bound all of the work.
    assert large <= 4.5 * small + 1_000 * MAX_TRIES


@pytest.mark.parametrize("module", [answers, drafts, completions], ids=lambda module: module.__name__)
def test_no_pattern_that_reads_an_answer_repeats_anything_without_a_bound(module: Any) -> None:
    def unbounded(parsed: Any) -> Iterator[Any]:
        for operation, argument in parsed:
            if str(operation) in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
                if argument[1] > 200:
                    yield argument
                yield from unbounded(argument[2])
            elif isinstance(argument, tuple | list):
                inner = [each for each in argument if hasattr(each, "data")]
                branches = [each for group in argument if isinstance(group, list) for each in group]
                for each in (*inner, *[branch for branch in branches if hasattr(branch, "data")]):
                    yield from unbounded(each)

    for value in vars(module).values():
        if isinstance(value, re.Pattern):
            assert not list(unbounded(re._parser.parse(value.pattern, value.flags))), value.pattern  # type: ignore[attr-defined]
