"""What a language model wrote, to candidates: whole rows are kept wherever they stand, in whatever spelling of the fields.

Nothing is judged here. A row that lacks something goes on without it, and the pipeline says so; only where there is no row at all
is an answer of no use.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from trivia.generation.llm.drafts import without_drafts
from trivia.generation.providers.provider import ProviderError, Wanted
from trivia.questions.bank.identity import fold_all

MAX_TEXT: Final = 400_000
"""Characters of an answer that are looked at."""
MAX_CANDIDATE: Final = 16_000
"""Characters of a candidate; a question that needs more is none."""
MAX_TRIES: Final = 50
"""Places in a text at which JSON is looked for in vain before the rest is given up."""
MAX_DEPTH: Final = 6

_PROMPT: Final = ("prompt", "question", "question_text", "stem")
_ANSWER: Final = ("answer", "correct_answer", "correct", "right_answer", "correct_option")
_INDEX: Final = ("answer_index", "correct_index", "correct_option_index", "correct_answer_index")
_WRONG: Final = ("wrong_options", "wrong", "wrong_answers", "incorrect_answers", "incorrect", "distractors")
_OPTIONS: Final = ("options", "choices", "answers", "alternatives")
_TEXT: Final = ("text", "option", "value", "answer")
_DIFFICULTIES: Final = {"easy", "medium", "hard"}
MAX_OPTION: Final = 1_000
"""Characters of a text that may stand for an option; the bank takes fewer."""
WRONG_OPTIONS: Final = 3
"""Wrong options that are kept; whoever writes more has written enough."""
MAX_GIVEN: Final = 20
"""Options of one question that are looked at."""

# What is looked for stands at the beginning, and no repetition is without a bound: the work does not grow with the text.
_LETTER: Final = re.compile(r"\(?([A-Ha-h])[).:]?")
_LABEL: Final = re.compile(r"\s{0,8}\(?([A-H])[).:]\s{1,8}(?=\S)")
_DRAFTS: Final = {
    "thinking",
    "thoughts",
    "thought",
    "reasoning",
    "analysis",
    "draft",
    "drafts",
    "scratchpad",
    "rejected",
}
"""Fields in which models think aloud."""

_NONE: Final[dict[str, Any]] = {"questions": []}

_decoder = json.JSONDecoder(strict=False)


def candidates_of(text: str, wanted: Wanted) -> tuple[str, ...]:
    """At most `wanted.count` candidates, each the JSON text of an import's row; none where the model says that it has none.

    What the model wrote while it thought is no answer. Raises ProviderError, `unusable`, where there is nothing to be made of the answer.
    """
    text = without_drafts(text)
    found = list(_find_json(text))
    rows = (_candidate(raw, wanted) for value in found for raw in _questions_in(value, MAX_DEPTH))
    candidates = tuple([row for row in rows if row is not None][: wanted.count])
    if not candidates and _NONE not in found:
        raise ProviderError(
            "unusable", "there was no question in the answer" if text.strip() else "the answer was empty"
        )
    return candidates


def solution_of(text: str, options: Sequence[str]) -> str | None:
    """The option that an answer names; an empty text where it says that none is right, or several, or names something else.

    None if it says nothing.
    """
    text = without_drafts(text)
    for value in _find_json(text):
        if isinstance(value, dict) and (names := [name for name in _ANSWER if name in value]):
            given = value[names[0]]
            return (_resolve(str(given), options) if isinstance(given, str | int) else None) or ""
    return _resolve(text.strip(), options)


def _questions_in(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if not depth:
        return
    if isinstance(value, dict):
        if isinstance(_first(value, _PROMPT), str):
            yield value
            return
        value = [inner for name, inner in value.items() if name.lower() not in _DRAFTS]
    if isinstance(value, list):
        for inner in value:
            yield from _questions_in(inner, depth - 1)


def _find_json(text: str) -> Iterator[Any]:
    """Every whole JSON object or list that stands in a text and in no other whole one: of a text that was cut, its whole parts."""
    text = text[:MAX_TEXT]
    place = tries = 0
    while tries < MAX_TRIES and (opening := _OPENING.search(text, place)):
        try:
            value, place = _decoder.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            tries, place = tries + 1, opening.end()
        else:
            yield value


_OPENING: Final = re.compile(r"[{\[]")


def _candidate(raw: dict[str, Any], wanted: Wanted) -> str | None:
    row: dict[str, Any] = {"prompt": _first(raw, _PROMPT)}
    options, answer = _options_and_answer(raw)
    if options is not None:
        row["options"] = options
    if answer is not None:
        row["answer"] = answer
    topic = raw.get("topic") if wanted.topic is None else wanted.topic
    if isinstance(topic, str):
        row["topic"] = topic
    row["min_age"], row["max_age"] = wanted.min_age, wanted.max_age
    difficulty = wanted.difficulty or str(raw.get("difficulty")).lower()
    if difficulty in _DIFFICULTIES:
        row["difficulty"] = difficulty
    if isinstance(explanation := raw.get("explanation"), str) and explanation.strip():
        row["explanation"] = explanation
    try:
        text = msgspec.json.encode(row).decode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: the row is told apart as one that cannot be stored, where all rows are judged.
        text = json.dumps(row)
    return text if len(text) <= MAX_CANDIDATE else None


def _options_and_answer(raw: dict[str, Any]) -> tuple[list[str] | None, str | None]:
    answer = _text_of(_first(raw, _ANSWER))
    if isinstance(wrong := _first(raw, _WRONG), list):
        options = [text for text in (answer, *map(_text_of, wrong[:MAX_GIVEN])) if text is not None]
        return _choose(options, answer), answer
    given = _first(raw, _OPTIONS)
    if isinstance(given, dict):
        given = dict(list(given.items())[:MAX_GIVEN])
        labels, texts = [str(label) for label in given], list(map(_text_of, given.values()))
    elif isinstance(given, list):
        labels, texts = [], list(map(_text_of, given[:MAX_GIVEN]))
    else:
        return None, answer
    options = _without_labels([text for text in texts if text is not None])
    index = _first(raw, _INDEX)
    if answer is None and type(index) is int and 0 <= index < len(options):
        answer = options[index]
    elif answer in labels and answer not in options and len(labels) == len(options):
        answer = options[labels.index(answer)]
    elif answer is not None:
        answer = _resolve(answer, options) or answer
    return _choose(options, answer), answer


def _choose(options: list[str], answer: str | None) -> list[str]:
    """The options without those that say the same as the answer or one before them, and without wrong ones beyond WRONG_OPTIONS."""
    if answer is None or answer not in options:
        return options
    kept = {fold_all([answer])[0]: answer}
    for option in options:
        if len(kept) <= WRONG_OPTIONS and option.strip():
            kept.setdefault(fold_all([option])[0], option)
    return [option for option in dict.fromkeys(options) if option in kept.values()]


def _resolve(given: str, options: Sequence[str]) -> str | None:
    """The option that a text means: by its letters, by them in other capitals or with a label before them, or by its place (`B`)."""
    if len(given) > MAX_OPTION:
        return None
    label = _LABEL.match(given)
    plain = given[label.end() :].strip() if label else given.strip()
    for text in (given, plain):
        if text in options:
            return text
    alike = [option for option in options if option.strip().casefold() == plain.casefold()]
    if len(alike) == 1:
        return alike[0]
    if (letter := _LETTER.fullmatch(given.strip())) and (place := ord(letter[1].upper()) - ord("A")) < len(options):
        return options[place]
    return None


def _without_labels(options: list[str]) -> list[str]:
    """Options without `A) `, `B) ` … before them, if they all have it and in that order."""
    labels = [_LABEL.match(option) for option in options]
    if all(label and label[1] == chr(ord("A") + place) for place, label in enumerate(labels)):
        return [option[label.end() :] for option, label in zip(options, labels, strict=True) if label]
    return options


def _text_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = _first(value, _TEXT)
    if isinstance(value, str):
        return value
    return None if value is None or isinstance(value, list | dict) else json.dumps(value)


def _first(raw: dict[str, Any], names: Sequence[str]) -> Any:
    return next((raw[name] for name in names if raw.get(name) is not None), None)
