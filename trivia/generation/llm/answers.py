"""What a language model wrote, to candidates: whole rows are kept wherever they stand, in whatever spelling of the fields.

Nothing is judged here. A row that lacks something goes on without it, and the pipeline says so; only where there is no row at all
is an answer of no use.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from trivia.generation.providers.provider import ProviderError, Wanted

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
_LETTER: Final = re.compile(r"\(?([A-Ha-h])[).:]?")
_LABEL: Final = re.compile(r"\s*\(?([A-H])[).:]\s+(?=\S)")
_THOUGHT: Final = "</think>"

_NONE: Final[dict[str, Any]] = {"questions": []}

_decoder = json.JSONDecoder(strict=False)


def candidates_of(text: str, wanted: Wanted) -> tuple[str, ...]:
    """At most `wanted.count` candidates, each the JSON text of an import's row; none where the model says that it has none.

    Raises ProviderError, `unusable`, where there is nothing to be made of the answer.
    """
    found = list(_find_json(text))
    rows = (_candidate(raw, wanted) for value in found for raw in _questions_in(value, MAX_DEPTH))
    candidates = tuple([row for row in rows if row is not None][: wanted.count])
    if not candidates and _NONE not in found:
        raise ProviderError(
            "unusable", "there was no question in the answer" if text.strip() else "the answer was empty"
        )
    return candidates


def solution_of(text: str, options: Sequence[str]) -> str | None:
    """The option that an answer names; None if it names none."""
    for value in _find_json(text):
        if isinstance(value, dict) and isinstance(given := _first(value, _ANSWER), str | int):
            return _resolve(str(given), options)
    return _resolve(text.strip(), options)


def _questions_in(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if not depth:
        return
    if isinstance(value, dict):
        if isinstance(_first(value, _PROMPT), str):
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _questions_in(inner, depth - 1)


def _find_json(text: str) -> Iterator[Any]:
    """Every whole JSON object or list that stands in a text and in no other whole one: of a text that was cut, its whole parts."""
    text = text[text.rfind(_THOUGHT) + len(_THOUGHT) :] if _THOUGHT in text else text
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
        return [text for text in (answer, *map(_text_of, wrong)) if text is not None], answer
    given = _first(raw, _OPTIONS)
    if isinstance(given, dict):
        labels, texts = [str(label) for label in given], list(map(_text_of, given.values()))
    elif isinstance(given, list):
        labels, texts = [], list(map(_text_of, given))
    else:
        return None, answer
    options = _without_labels([text for text in texts if text is not None])
    index = _first(raw, _INDEX)
    if answer is None and isinstance(index, int) and 0 <= index < len(options):
        return options, options[index]
    if answer in labels and answer not in options and len(labels) == len(options):
        return options, options[labels.index(answer)]
    return options, answer if answer is None else _resolve(answer, options) or answer


def _resolve(given: str, options: Sequence[str]) -> str | None:
    """The option that a text means: by its letters, by them in other capitals or with a label before them, or by its place (`B`)."""
    plain = _LABEL.sub("", given).strip()
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
        return [_LABEL.sub("", option, count=1) for option in options]
    return options


def _text_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = _first(value, _TEXT)
    if isinstance(value, str):
        return value
    return None if value is None or isinstance(value, list | dict) else json.dumps(value)


def _first(raw: dict[str, Any], names: Sequence[str]) -> Any:
    return next((raw[name] for name in names if raw.get(name) is not None), None)
