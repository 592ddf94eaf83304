"""Validation messages in JSON's terms; msgspec's own name Python's types."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec

_TYPES: Final = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}

_TEMPLATES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"Expected `str` of length >= 1$"), lambda _: "must not be empty"),
    (re.compile(r"Expected `str` of length >= (\d+)$"), lambda m: f"must have at least {m[1]} characters"),
    (re.compile(r"Expected `str` of length <= (\d+)$"), lambda m: f"must have at most {m[1]} characters"),
    (re.compile(r"Expected `\w+` of length >= (\d+)$"), lambda m: f"must have at least {m[1]} item{_s(m[1])}"),
    (re.compile(r"Expected `\w+` of length <= (\d+)$"), lambda m: f"must have at most {m[1]} item{_s(m[1])}"),
    (re.compile(r"Expected `\w+` >= (-?[\d.]+)$"), lambda m: f"must be {m[1]} or more"),
    (re.compile(r"Expected `\w+` <= (-?[\d.]+)$"), lambda m: f"must be {m[1]} or less"),
    (re.compile(r"Expected `([\w| ]+)`(, got `([\w| ]+)`)?$"), lambda m: _wrong_type(m[1], m[3])),
)


def in_words(error: msgspec.ValidationError | str, kind: Any) -> str:
    """The message for a value that is not a `kind`."""
    message = str(error)
    bare, description = _open(kind)
    if message.startswith("Invalid enum value") and get_origin(bare) is Literal:
        return f"must be one of: {', '.join(map(str, get_args(bare)))}"
    if "matching regex" in message:
        if re.match(r"An? \w", description):
            return f"must be {description[0].lower()}{description[1:].rstrip('.')}"
        return "has characters that are not allowed here, or not the form that it must have"
    for pattern, words in _TEMPLATES:
        if match := pattern.match(message):
            return words(match)
    return message


def _s(number: str) -> str:
    return "" if number == "1" else "s"


def _wrong_type(expected: str, got: str | None) -> str:
    wanted = " or ".join(_TYPES.get(name, name) for name in expected.split(" | "))
    return f"must be {wanted}" + (f", not {_TYPES.get(got, got)}" if got else "")


def _open(kind: Any) -> tuple[Any, str]:
    """A type without its annotations and without None, and how it is described."""
    description = ""
    while get_origin(kind) is Annotated:
        kind, *notes = get_args(kind)
        description = next((note.description for note in notes if getattr(note, "description", None)), description)
    options = [option for option in get_args(kind) if option not in (type(None), msgspec.UnsetType)]
    if get_origin(kind) is not Literal and len(options) == 1 and len(get_args(kind)) > 1:
        inner, deeper = _open(options[0])
        return inner, deeper or description
    return kind, description
