"""One row of an import: JSON text in, a question or everything that is wrong with it out.

Nearly all rows are right, so a row is first decoded and validated as a whole; only one that fails
is walked field by field. Text is stored without white space around it. The answer must then be one
of the options exactly as that is spelt: an answer in other capitals may be a slip or another thing
(`pa` and `Pa`), and guessing which would be ours, not the author's.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta

from events.vocabulary.questions import Difficulty, QuestionAdded
from trivia.http.fields import MAX_AGE, Age
from trivia.http.problems import FieldError
from trivia.http.validation import find_faults, unstorable_text
from trivia.questions.bank.identity import fold_all, identity_of_folded

MAX_ROW_BYTES: Final = 65_536
"""Longest row, in bytes of JSON."""

OPTIONS: Final = 4
_SHOWN: Final = 60

Prompt = Annotated[str, Meta(min_length=1, max_length=1000, description="What is asked.")]
Option = Annotated[str, Meta(min_length=1, max_length=300)]


class ImportRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question as it is imported and exported. Ages are in years, both ends included."""

    prompt: Prompt
    options: Annotated[
        list[Option], Meta(min_length=OPTIONS, max_length=OPTIONS, description="Four, no two of them alike.")
    ]
    answer: Annotated[Option, Meta(description="The option that is right, spelt as it is among the options.")]
    topic: Annotated[str, Meta(min_length=1, max_length=100)]
    min_age: Age = 0
    max_age: Age = MAX_AGE
    difficulty: Difficulty | None = None
    explanation: Annotated[str, Meta(max_length=2000)] | None = None
    source: Annotated[str, Meta(max_length=500)] | None = None


class RawRow(NamedTuple):
    """A row as it came.

    `text` is its JSON, None where that was too long to keep. `line` is its line in a file, 1 for
    the first; a row of a body has none, and `path` says where in the body it is.
    """

    line: int | None
    path: str
    text: bytes | None


_decode = msgspec.json.Decoder(ImportRow).decode


class RowReader:
    """Reads rows for one organisation's bank; `origin` says what brings them."""

    def __init__(self, org: str, origin: str) -> None:
        self._org = org
        self._origin = origin

    def read(self, raw: RawRow) -> QuestionAdded | list[FieldError]:
        """The event that a row asks for, or every fault of the row."""
        if raw.text is None:
            return [_placed(FieldError("", f"longer than {MAX_ROW_BYTES} bytes"), raw)]
        # Only an escape can bring in a NUL, so the undecoded text is the cheapest place to look for one.
        if b"\\u0000" not in raw.text:
            try:
                question = self._question(_decode(raw.text))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                question = None
            if question is not None:
                return question
        return self._look_closely(raw, raw.text)

    def _look_closely(self, raw: RawRow, text: bytes) -> QuestionAdded | list[FieldError]:
        try:
            faults = find_row_faults(msgspec.json.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            faults = [FieldError("", f"not JSON: {error}")]
        except RecursionError:
            faults = [FieldError("", "nested too deeply")]
        if not faults and (question := self._question(_decode(text))):
            return question
        return [_placed(fault, raw) for fault in faults]

    def _question(self, row: ImportRow) -> QuestionAdded | None:
        """The event for a row, or None where `find_row_faults` has something to say."""
        prompt, answer, topic = row.prompt.strip(), row.answer.strip(), row.topic.strip()
        options = tuple([option.strip() for option in row.options])
        folded_prompt, *folded = fold_all((prompt, *options))
        if (
            not (prompt and topic and all(options))
            or not _are_visible((prompt, topic, *options))
            or answer not in options
            or len(set(folded)) != OPTIONS
            or row.min_age > row.max_age
        ):
            return None
        return QuestionAdded(
            identity_of_folded(folded_prompt, folded),
            self._org,
            prompt,
            options,
            answer,
            topic,
            row.min_age,
            row.max_age,
            row.difficulty,
            _strip_or_none(row.explanation),
            _strip_or_none(row.source),
            self._origin,
        )


def find_row_faults(value: Any) -> list[FieldError]:
    """Everything that keeps a decoded row from being a question; empty if it is one."""
    faults = find_faults(value, ImportRow)
    if not isinstance(value, dict):
        return faults
    faults += unstorable_text(value)
    at_fault = {fault.path.partition("[")[0] for fault in faults}

    def are_sound(*names: str) -> bool:
        return at_fault.isdisjoint(names)

    faults += [
        FieldError(name, _BLANK)
        for name in ("prompt", "answer", "topic")
        if are_sound(name) and not _is_visible(value[name].strip())
    ]
    if are_sound("options"):
        options = [option.strip() for option in value["options"]]
        faults += _find_option_faults(options)
        if are_sound("answer") and value["answer"].strip() not in options:
            faults.append(FieldError("answer", _describe_answer(value["answer"].strip(), options)))
    if are_sound("min_age", "max_age") and value.get("min_age", 0) > value.get("max_age", 120):
        faults.append(FieldError("min_age", "greater than max_age"))
    return faults


_BLANK: Final = "must not be blank"


def _find_option_faults(options: list[str]) -> list[FieldError]:
    folded = fold_all(options)
    faults = []
    for index, option in enumerate(options):
        if not _is_visible(option):
            faults.append(FieldError(f"options[{index}]", _BLANK))
        elif (first := folded.index(folded[index])) < index:
            faults.append(
                FieldError(f"options[{index}]", f"the same as options[{first}] but for letter case and spacing")
            )
    return faults


def _describe_answer(answer: str, options: list[str]) -> str:
    alike = [
        option for option, folded in zip(options, fold_all(options), strict=True) if folded == fold_all([answer])[0]
    ]
    if alike:
        return f"is not one of the options to the letter; did you mean {alike[0][:_SHOWN]!r}?"
    return "is not one of the options"


def _is_visible(text: str) -> bool:
    """Whether a text, without white space around it, has anything to see."""
    return bool(text) and (text.isprintable() or any(c.isprintable() and not c.isspace() for c in text))


def _are_visible(texts: Sequence[str]) -> bool:
    return "".join(texts).isprintable() or all(map(_is_visible, texts))


def _strip_or_none(text: str | None) -> str | None:
    return text and (text.strip() or None)


def _placed(fault: FieldError, raw: RawRow) -> FieldError:
    path = f"{raw.path}.{fault.path}" if raw.path and fault.path else raw.path or fault.path
    return FieldError(path, fault.message, raw.line)
