"""One row of an import: JSON text in, a question or everything that is wrong with it out.

Nearly all rows are right, so a row is first decoded and tested as a whole; only one that fails is taken apart to name each fault.
Text is stored clean (`clean_text`) and without white space around it. The answer must then be one of the options exactly as that is
spelt: an answer in other capitals may be a slip or another thing (`pa` and `Pa`), and guessing which would be ours, not the author's.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta

from events.vocabulary.questions import Difficulty, QuestionAdded
from projections.models.topics import clean_topic
from trivia.http.fields import MAX_AGE, Age
from trivia.http.problems import FieldError
from trivia.http.validation import find_faults, unstorable_text
from trivia.questions.bank.clean_text import decode_entities, distinct_key, harmful_character, leave_out_invisible
from trivia.questions.bank.identity import content_identity, fold_all, identity_of_folded

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
        self.former: dict[str, str] = {}
        """By content identity, the one that a question had before texts were cleaned, where it differs; to be emptied by the caller."""

    def read(self, raw: RawRow, *, name_faults: bool = True) -> QuestionAdded | list[FieldError]:
        """The event that a row asks for, or every fault of the row; none are named if they need not be."""
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
            if not name_faults:
                return []
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
        cleaned = _clean(row)
        prompt, answer, topic, options = (
            cleaned.prompt,
            cleaned.answer,
            clean_topic(cleaned.topic),
            tuple(cleaned.options),
        )
        folded_prompt, *folded = fold_all((prompt, *options))
        if (
            not (prompt and topic and all(options))
            or not _are_visible((prompt, topic, *options))
            or answer not in options
            or not _are_distinct(options, folded)
            or row.min_age > row.max_age
            or any(map(harmful_character, _texts_of(cleaned)))
        ):
            return None
        content = identity_of_folded(folded_prompt, folded)
        if cleaned is not row and (former := content_identity(row.prompt, row.options)) != content:
            self.former[content] = former
        return QuestionAdded(
            content,
            self._org,
            prompt,
            options,
            answer,
            topic,
            row.min_age,
            row.max_age,
            row.difficulty,
            cleaned.explanation or None,
            cleaned.source or None,
            self._origin,
        )


def _are_distinct(options: Sequence[str], folded: Sequence[str]) -> bool:
    # Folding takes more for the same than the key does, but not what nobody sees.
    if len(set(folded)) == OPTIONS and "".join(options).isascii():
        return True
    return len(set(map(distinct_key, options))) == OPTIONS


def _texts_of(row: ImportRow) -> list[str]:
    return [row.prompt, row.answer, row.topic, row.explanation or "", row.source or "", *row.options]


def _clean(row: ImportRow) -> ImportRow:
    """The row with its texts as they are stored; itself, if they are so."""
    given = [row.prompt, row.answer, row.topic, row.explanation, row.source, *row.options]
    joined = "".join(_texts_of(row))
    texts = given
    if "&" in joined:
        texts = decode_entities(row.prompt, row.options, texts)
    if not (joined.isascii() and texts is given):
        texts = [text and leave_out_invisible(text) for text in texts]
    texts = [text and text.strip() for text in texts]
    if texts == given:
        return row
    prompt, answer, topic, explanation, source, *options = texts
    return ImportRow(
        prompt or "",
        [option or "" for option in options],
        answer or "",
        topic or "",
        row.min_age,
        row.max_age,
        row.difficulty,
        explanation,
        source,
    )


def find_row_faults(value: Any) -> list[FieldError]:
    """Everything that keeps a decoded row from being a question; empty if it is one."""
    faults = find_faults(value, ImportRow)
    if not isinstance(value, dict):
        return faults
    faults += unstorable_text(value)
    if not faults:
        return _find_faults_of(_clean(msgspec.convert(value, ImportRow)))
    at_fault = {fault.path.partition("[")[0] for fault in faults}
    # What cannot be judged is replaced by what is right.
    stand_in = {"prompt": "?", "options": ["1", "2", "3", "4"], "answer": "1", "topic": "?"}
    sound = {name: value[name] for name in ImportRow.__struct_fields__ if name in value and name not in at_fault}
    others = _find_faults_of(_clean(msgspec.convert(stand_in | sound, ImportRow)))
    unknown = at_fault | ({"answer"} if at_fault & {"options", "answer"} else set())
    if at_fault & {"min_age", "max_age"}:
        unknown.add("min_age")
    return faults + [fault for fault in others if fault.path.partition("[")[0] not in unknown]


def _find_faults_of(row: ImportRow) -> list[FieldError]:
    """What is wrong with a cleaned row whose fields are of the right types."""
    texts = {"prompt": row.prompt, "answer": row.answer, "topic": row.topic}
    faults = [FieldError(name, _BLANK) for name, text in texts.items() if not _is_visible(text)]
    texts |= {"explanation": row.explanation or "", "source": row.source or ""}
    texts |= {f"options[{index}]": option for index, option in enumerate(row.options)}
    faults += [FieldError(name, harm) for name, text in texts.items() if (harm := harmful_character(text))]
    faults += _find_option_faults(row.options)
    if row.answer not in row.options:
        faults.append(FieldError("answer", _describe_answer(row.answer, row.options)))
    if row.min_age > row.max_age:
        faults.append(FieldError("min_age", "greater than max_age"))
    return list({fault.path: fault for fault in reversed(faults)}.values())[::-1]


_BLANK: Final = "must not be blank"


def _find_option_faults(options: list[str]) -> list[FieldError]:
    keys = list(map(distinct_key, options))
    faults = []
    for index, option in enumerate(options):
        if not _is_visible(option):
            faults.append(FieldError(f"options[{index}]", _BLANK))
        elif (first := keys.index(keys[index])) < index:
            faults.append(FieldError(f"options[{index}]", f"the same as options[{first}] but for spacing"))
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


def _placed(fault: FieldError, raw: RawRow) -> FieldError:
    path = f"{raw.path}.{fault.path}" if raw.path and fault.path else raw.path or fault.path
    return FieldError(path, fault.message, raw.line)
