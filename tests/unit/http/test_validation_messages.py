from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, UnsetType

from trivia.http.validation_messages import in_words

Colour = Literal["red", "green"]


def words(value: Any, kind: Any) -> str:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(value, kind)
    return in_words(raised.value, kind)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (5, str, "must be a string, not an integer"),
        ("5", int, "must be an integer, not a string"),
        ([], bool, "must be a boolean, not an array"),
        (1, dict[str, int], "must be an object, not an integer"),
        ("x", int | None, "must be an integer or null, not a string"),
        ("", Annotated[str, Meta(min_length=1)], "must not be empty"),
        ("x", Annotated[str, Meta(min_length=8)], "must have at least 8 characters"),
        ("xxx", Annotated[str, Meta(max_length=2)], "must have at most 2 characters"),
        ([1], Annotated[list[int], Meta(min_length=2)], "must have at least 2 items"),
        ([1, 2], Annotated[list[int], Meta(max_length=1)], "must have at most 1 item"),
        (-1, Annotated[int, Meta(ge=0)], "must be 0 or more"),
        (121, Annotated[int, Meta(le=120)], "must be 120 or less"),
        ("blue", Colour, "must be one of: red, green"),
        ("blue", Colour | None, "must be one of: red, green"),
        ("!", Annotated[str, Meta(pattern="^a$", description="An e-mail address.")], "must be an e-mail address"),
        ("!", Annotated[str, Meta(pattern="^a$", description="An address.")] | UnsetType, "must be an address"),
        (
            "!",
            Annotated[str, Meta(pattern="^a$")],
            "has characters that are not allowed here, or not the form that it must have",
        ),
    ],
)
def test_a_fault_is_told_in_words_for_people(value: Any, kind: Any, expected: str) -> None:
    assert words(value, kind) == expected


def test_a_message_without_words_of_our_own_is_passed_on() -> None:
    assert in_words("Integer value out of range", int | None) == "Integer value out of range"
