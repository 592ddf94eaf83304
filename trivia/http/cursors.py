"""Cursors: where the next page of a list begins, in a form that means nothing to clients."""

import base64
import binascii
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from trivia.http.problems import BadInput, FieldError

MAX_LENGTH: Final = 200
Cursor = Annotated[str, Meta(min_length=1, max_length=MAX_LENGTH, description="The `cursor` of the page before.")]


def write_cursor(place: Any) -> str:
    """The cursor that stands for a place."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(cursor: str, kind: Any) -> Any:
    """The place, of this type, that a cursor stands for. Raises BadInput for what no page has said."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(text, type=kind)
    except (binascii.Error, ValueError, RecursionError):
        raise BadInput(
            "The cursor is not valid.", errors=[FieldError("cursor", "not a cursor that a page has named")]
        ) from None
