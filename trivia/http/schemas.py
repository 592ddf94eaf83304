"""JSON Schema of our types, as msgspec makes it, for a reader that is not Python."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

_REFERENCE: Final = "#/components/schemas/{name}"

_Object = dict[str, Any]


class Schemas:
    """The schemas of a set of types. `components` are those that are referred to by name."""

    def __init__(self, kinds: Iterable[Any]) -> None:
        # In the order given and each once, so that the document does not change from one start to the next.
        self._kinds = list({repr(kind): kind for kind in kinds}.values())
        schemas, components = msgspec.json.schema_components(self._kinds, ref_template=_REFERENCE)
        self._schemas = {repr(kind): portable(schema) for kind, schema in zip(self._kinds, schemas, strict=True)}
        self.components: _Object = {name: portable(schema) for name, schema in sorted(components.items())}

    def of(self, kind: Any) -> _Object:
        """The schema of one of the types."""
        schema: _Object = self._schemas[repr(kind)]
        return schema


def parameters_of(query: type[msgspec.Struct]) -> Iterator[_Object]:
    """One query parameter for each field of a Struct, whose own schema nobody refers to."""
    _, components = msgspec.json.schema_components([query], ref_template="{name}")
    described = portable(components.pop(query.__name__))
    for name, schema in described["properties"].items():
        bare = _without_null(schema)
        yield {
            "name": name,
            "in": "query",
            "required": name in described["required"],
            **({"description": text} if (text := bare.pop("description", "")) else {}),
            "schema": bare,
        }


def _without_null(schema: _Object) -> _Object:
    """A parameter that may be left out has no way to be null."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    bare = {name: value for name, value in schema.items() if name != "anyOf"}
    if len(options) == 1:
        return {**bare, **options[0]}
    return {**bare, "anyOf": options} if options else bare


def portable(schema: Any) -> Any:
    r"""A schema for readers in other languages.

    Patterns are those of ECMAScript, which says `$` where Python says `\Z`. There is no `default`
    of null: a field that may be left out is not `required`, and makers of clients take one that has
    a default for one that is sent.
    """
    match schema:
        case dict():
            return {
                name: value.replace(r"\Z", "$") if name == "pattern" and isinstance(value, str) else portable(value)
                for name, value in schema.items()
                if (name, value) != ("default", None)
            }
        case list() | tuple():
            return [portable(value) for value in schema]
        case _:
            return schema
