"""What an event is, and how stored text becomes one again."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, NamedTuple

import msgspec


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something that happened. The name of the class is the type that is stored; `schema` counts its changes of shape."""

    schema: ClassVar[int] = 1


class Upcaster(NamedTuple):
    """Takes the raw data of one type from schema `source` to `source + 1`."""

    type: str
    source: int
    upcast: Callable[[dict[str, Any]], dict[str, Any]]


class VocabularyError(Exception):
    """The vocabulary contradicts itself. Raised at start-up and names all that is wrong."""


class UnknownEvent(Exception):
    """A stored event has a type or schema that this version of the software does not know (a newer one wrote it)."""


class InvalidEvent(ValueError):
    """An event has a value in it that its type does not allow; it cannot be stored."""


def type_names(kinds: Iterable[type[Event]]) -> list[str]:
    """The names under which events of these types are stored, to read only those from the log."""
    return [kind.__name__ for kind in kinds]


class Registry:
    """Every type of event, and the upcasters that lead from each old schema to the present one."""

    def __init__(self, types: Iterable[type[Event]], upcasters: Iterable[Upcaster] = ()) -> None:
        self.types: dict[str, type[Event]] = {}
        self._upcasters: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
        faults = self._enrol_types(types) + self._enrol_upcasters(upcasters) + self._find_gaps()
        if faults:
            raise VocabularyError("; ".join(faults))
        self._decoders = {name: msgspec.json.Decoder(kind) for name, kind in self.types.items()}
        self._list_decoders = {name: msgspec.json.Decoder(list[kind]) for name, kind in self.types.items()}  # type: ignore[valid-type] # known when it runs
        self._encoder = msgspec.json.Encoder()

    def _enrol_types(self, types: Iterable[type[Event]]) -> list[str]:
        faults = []
        for kind in types:
            if kind.__name__ in self.types:
                faults.append(f"{kind.__name__} is registered twice")
            if kind.schema < 1:
                faults.append(f"{kind.__name__} has schema {kind.schema}, but the first is 1")
            self.types[kind.__name__] = kind
        return faults

    def _enrol_upcasters(self, upcasters: Iterable[Upcaster]) -> list[str]:
        faults = []
        for upcaster in upcasters:
            step = f"upcaster of {upcaster.type} from schema {upcaster.source}"
            kind = self.types.get(upcaster.type)
            if kind is None:
                faults.append(f"{step}: no such type")
            elif not 1 <= upcaster.source < kind.schema:
                faults.append(f"{step}: the present schema is {kind.schema}")
            if (upcaster.type, upcaster.source) in self._upcasters:
                faults.append(f"{step} is registered twice")
            self._upcasters[upcaster.type, upcaster.source] = upcaster.upcast
        return faults

    def _find_gaps(self) -> list[str]:
        return [
            f"{name} is at schema {kind.schema}, but nothing leads there from schema {source}"
            for name, kind in self.types.items()
            for source in range(1, kind.schema)
            if (name, source) not in self._upcasters
        ]

    def encode(self, event: Event) -> str:
        """The JSON text to store for an event, checked: it decodes to an equal event.

        Annotations are not enforced when an event is made, so a wrong value is found here, before it is stored
        for ever. Raises InvalidEvent, which names the fields at fault, UnknownEvent for a type that is not
        registered, and UnicodeEncodeError for text with half of a surrogate pair.
        """
        name = type(event).__name__
        if self.types.get(name) is not type(event):
            raise UnknownEvent(f"{name} is not registered")
        try:
            data = self._encoder.encode(event)
            decoded = self._decoders[name].decode(data)
        except (TypeError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
            raise InvalidEvent(f"{name}: {error}") from error
        if decoded != event:
            fields = [field for field in event.__struct_fields__ if getattr(decoded, field) != getattr(event, field)]
            raise InvalidEvent(f"{name}: what is stored would not equal what is given: {', '.join(fields)}")
        return data.decode()

    def decode(self, type_name: str, schema: int, data: str) -> Event:
        """The event that stored text stands for. Raises UnknownEvent, and msgspec.DecodeError for text that does not fit."""
        kind = self.types.get(type_name)
        if kind is None:
            raise UnknownEvent(f"no event of type {type_name!r} is known")
        if schema == kind.schema:
            return self._decoders[type_name].decode(data)
        if not 1 <= schema <= kind.schema:
            raise UnknownEvent(f"{type_name} has schema {schema}; this version knows 1 to {kind.schema}")
        raw = msgspec.json.decode(data)
        for source in range(schema, kind.schema):
            raw = self._upcasters[type_name, source](raw)
        return msgspec.convert(raw, kind)

    def decode_all(self, type_name: str, schema: int, data: str) -> list[Event]:
        """As `decode`, for stored texts of one type and schema, as the elements of a JSON array."""
        kind = self.types.get(type_name)
        if kind is not None and schema == kind.schema:
            return self._list_decoders[type_name].decode(data)
        texts = msgspec.json.decode(data, type=list[msgspec.Raw])
        return [self.decode(type_name, schema, bytes(text).decode()) for text in texts]
