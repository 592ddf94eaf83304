"""Bodies and queries become Structs, or an error that names every field at fault.

msgspec stops at the first fault. Since nearly all input is right, it is tried first; only when it
refuses is the input walked field by field to collect all that is wrong with it.
"""

import re
import types
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec

from trivia.http.problems import BadInput, FieldError
from trivia.http.validation_messages import in_words

_T = TypeVar("_T")

MAX_ERRORS = 100
"""More are counted, not listed."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Ignored at the beginning of a body, as RFC 8259, section 8.1, allows."""

_LOCATION = re.compile(r" - at `\$(?P<path>[^`]*)`$")


def parse_json(body: bytes, kind: type[_T]) -> _T:
    """Decode a JSON body. Raises BadInput."""
    try:
        return _decode(body, kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"The body is not JSON: {error}", errors=[FieldError("", str(error))]) from None
    except RecursionError:
        raise BadInput("The body is nested too deeply.", errors=[FieldError("", "nested too deeply")]) from None


def _decode(body: bytes, kind: type[_T]) -> _T:
    try:
        value = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        # What is of the wrong type may, further on, not even be JSON, or be nested too deeply to be looked at.
        raise BadInput("The body has faults.", errors=_all_faults(msgspec.json.decode(body), kind)) from None
    # Only an escape can bring in what no text may hold, so only then is it worth looking; msgspec refuses lone surrogates itself.
    if b"\\u0000" in body and (faults := unstorable_text(msgspec.json.decode(body))):
        raise BadInput("The body has faults.", errors=faults)
    return value


def parse_query(query: bytes, kind: type[_T]) -> _T:
    """Decode a query string into a flat Struct.

    Raises BadInput, for unknown and repeated parameters too.
    """
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError:
        raise BadInput("The query is not valid.", errors=[FieldError("", "not a query string in UTF-8")]) from None
    raw: dict[str, Any] = _without_nulls(dict(pairs), kind)
    repeated = [
        FieldError(name, "given more than once") for name, times in Counter(n for n, _ in pairs).items() if times > 1
    ]
    if not repeated and "\0" not in "".join(raw.values()):
        try:
            return msgspec.convert(raw, kind, strict=False)
        except msgspec.ValidationError:
            pass
    raise BadInput("The query has faults.", errors=_all_faults(raw, kind, repeated, strict=False))


def _without_nulls(raw: dict[str, str], kind: type[Any]) -> dict[str, str]:
    """A query has no null, for which msgspec takes the word wherever no string is expected."""
    nulls = [name for name, value in raw.items() if value.lower() == "null"]
    if not nulls:
        return raw
    texts = {field.encode_name for field in msgspec.structs.fields(kind) if _bare(field.type)[0] is str}
    return raw | {name: f"{raw[name]} " for name in nulls if name not in texts}


def _all_faults(raw: Any, kind: Any, known: Sequence[FieldError] = (), *, strict: bool = True) -> list[FieldError]:
    """What is `known`, and for every other place what else is wrong there (MAX_ERRORS at most)."""
    faults = {fault.path: fault for fault in known}
    for fault in (*find_faults(raw, kind, strict=strict), *unstorable_text(raw)):
        faults.setdefault(fault.path, fault)
    return list(faults.values())[:MAX_ERRORS]


def find_faults(raw: Any, kind: Any, path: str = "", *, strict: bool = True) -> list[FieldError]:
    """All that keeps `raw` from being a `kind`, outermost first, MAX_ERRORS at most; none if it is one."""
    bare, _ = _bare(kind)
    if isinstance(raw, dict) and isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        faults = _find_in_struct(raw, bare, path, strict=strict)
    elif isinstance(raw, list) and get_origin(bare) in {list, tuple} and _is_of_structs(bare):
        item = get_args(bare)[0]
        faults = []
        for index, element in enumerate(raw):
            faults += find_faults(element, item, f"{path}[{index}]", strict=strict)
            if len(faults) >= MAX_ERRORS:
                break
    else:
        faults = []
    if not faults:
        try:
            msgspec.convert(raw, kind, strict=strict)
        except msgspec.ValidationError as error:
            faults = [_as_field_error(error, path, kind)]
    return faults[:MAX_ERRORS]


def _find_in_struct(raw: dict[str, Any], kind: type[msgspec.Struct], path: str, *, strict: bool) -> list[FieldError]:
    faults = []
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    prefix = f"{path}." if path else ""
    for name, field in fields.items():
        if name in raw:
            faults += find_faults(raw[name], field.type, prefix + name, strict=strict)
        elif field.required:
            faults.append(FieldError(prefix + name, "missing"))
    if kind.__struct_config__.forbid_unknown_fields:
        faults += [FieldError(prefix + str(name)[:100], "no such field") for name in raw if name not in fields]
    return faults


def _bare(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without Annotated, and without None where it is optional."""
    if get_origin(kind) is Annotated:
        bare, *rest = get_args(kind)
        return bare, tuple(rest)
    if get_origin(kind) in {Union, types.UnionType}:
        others = [option for option in get_args(kind) if option is not type(None)]
        if len(others) == 1:
            return _bare(others[0])
    return kind, ()


def _is_of_structs(kind: Any) -> bool:
    arguments = get_args(kind)
    item = _bare(arguments[0])[0] if arguments else None
    return isinstance(item, type) and issubclass(item, msgspec.Struct) and get_origin(kind) is not Literal


def _as_field_error(error: msgspec.ValidationError, path: str, kind: Any) -> FieldError:
    message = str(error)
    if match := _LOCATION.search(message):
        inner = match["path"]
        message = message[: match.start()]
        path = f"{path}{inner}" if path else inner.removeprefix(".")
    return FieldError(path, in_words(message, kind))


def unstorable_text(raw: Any, path: str = "") -> list[FieldError]:
    """Every text in `raw` that holds a NUL character, which PostgreSQL cannot keep."""
    match raw:
        case str():
            return [FieldError(path, "contains a NUL character")] if "\0" in raw else []
        case dict():
            return [
                fault
                for name, value in raw.items()
                for fault in unstorable_text(value, f"{path}.{name}" if path else str(name))
            ]
        case list() | tuple():
            return [fault for index, value in enumerate(raw) for fault in unstorable_text(value, f"{path}[{index}]")]
        case _:
            return []
