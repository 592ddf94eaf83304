"""Whatever value is put into whichever field of whichever event, what is stored comes back as it was, or is refused."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from events.registry import Event, InvalidEvent
from events.vocabulary import REGISTRY

SAMPLES = Path(__file__).parent / "samples"

WRONG = {
    "none": None,
    "true": True,
    "false": False,
    "zero": 0,
    "a whole number": 7,
    "a negative number": -1,
    "a number of 65 bits": 2**64,
    "a number of 200 bits": 2**200,
    "half": 0.5,
    "a whole float": 1.0,
    "infinity": float("inf"),
    "not a number": float("nan"),
    "a string": "x",
    "an empty string": "",
    "a number in a string": "7",
    "bytes": b"x",
    "a list": [],
    "a list of strings": ["x"],
    "a tuple of truths": (True,),
    "a tuple of halves": (0.5,),
    "nested tuples": (("x", 1),),
    "an object": {},
    "an object with numbers for names": {1: 2},
    "a moment": datetime(2026, 1, 1, tzinfo=UTC),
    "a UUID": UUID(int=7),
    "an exception": ValueError(),
    "a type": int,
}

FIELDS = [(name, field) for name, kind in REGISTRY.types.items() for field in kind.__struct_fields__]


def sample(name: str) -> Event:
    """An event of this type with every field that its sample has."""
    kind = REGISTRY.types[name]
    file = SAMPLES / f"{name}.{kind.schema}.json"
    return REGISTRY.decode(name, kind.schema, json.dumps(json.loads(file.read_text())[0]["data"]))


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_what_is_stored_comes_back_as_it_was(name: str, field: str) -> None:
    event = sample(name)
    for wrong in WRONG.values():
        changed = msgspec.structs.replace(event, **{field: wrong})
        with contextlib.suppress(InvalidEvent):
            assert REGISTRY.decode(name, changed.schema, REGISTRY.encode(changed)) == changed


@pytest.mark.parametrize("wrong", ["true", "half", "a string", "a list", "an object"])
def test_a_wrong_number_is_refused_wherever_a_whole_number_is_expected(wrong: str) -> None:
    numbers = [(name, field) for name, field in FIELDS if annotation(name, field) in (int, int | None)]
    assert len(numbers) > 10
    for name, field in numbers:
        with pytest.raises(InvalidEvent, match=field):
            REGISTRY.encode(msgspec.structs.replace(sample(name), **{field: WRONG[wrong]}))


def annotation(name: str, field: str) -> object:
    return {found.name: found.type for found in msgspec.structs.fields(REGISTRY.types[name])}[field]
