"""Stored text becomes an event again, for ever; a vocabulary that contradicts itself does not start.

`samples/<Type>.<schema>.json` holds texts as they were stored under that schema, and what they mean, defaults included. They are
never changed: a change that breaks one would change the meaning of what users have in their logs. A new type or schema needs a
sample of its own.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.registry import Event, Registry, UnknownEvent, Upcaster, VocabularyError
from events.vocabulary import REGISTRY
from events.vocabulary.assignments import QuestionAnswered

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))


class Moved(Event, frozen=True):
    schema: ClassVar[int] = 4
    city: str
    street: str | None = None
    tags: tuple[str, ...] = ()


class Plain(Event, frozen=True):
    note: str = ""


class Zeroth(Event, frozen=True):
    schema: ClassVar[int] = 0


def place_becomes_city(data: dict[str, Any]) -> dict[str, Any]:
    return {"city": data["place"]}


def city_is_split(data: dict[str, Any]) -> dict[str, Any]:
    street, _, city = data["city"].partition(", ")
    return {"city": city, "street": street}


def tags_are_added(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"tags": [data["city"].lower()]}


STEPS = [
    Upcaster("Moved", 1, place_becomes_city),
    Upcaster("Moved", 2, city_is_split),
    Upcaster("Moved", 3, tags_are_added),
]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_was_ever_stored_means_what_it_meant(path: Path) -> None:
    name, schema = path.stem.split(".")
    for sample in json.loads(path.read_text(encoding="utf-8")):
        event = REGISTRY.decode(name, int(schema), json.dumps(sample["data"]))
        assert type(event).__name__ == name
        meant = {field.encode_name: getattr(event, field.name) for field in msgspec.structs.fields(event)}
        assert json.loads(msgspec.json.encode(meant)) == sample["decodes_to"]


def test_every_type_and_schema_has_a_sample() -> None:
    expected = {f"{name}.{n}" for name, kind in REGISTRY.types.items() for n in range(1, kind.schema + 1)}
    assert {path.stem for path in SAMPLES} == expected, "add a sample beside the others; never change or remove one"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_an_event_is_stored_as_text_that_decodes_to_it(path: Path) -> None:
    name, schema = path.stem.split(".")
    for sample in json.loads(path.read_text(encoding="utf-8")):
        event = REGISTRY.decode(name, int(schema), json.dumps(sample["data"]))
        assert REGISTRY.decode(name, event.schema, REGISTRY.encode(event)) == event


@given(answer=st.text(), topic=st.text(), question=st.integers(-(2**63), 2**64 - 1), correct=st.booleans())
def test_any_text_survives_being_stored(answer: str, topic: str, question: int, *, correct: bool) -> None:
    event = QuestionAnswered(question, answer, correct, topic)
    text = REGISTRY.encode(event)
    assert "\0" not in text
    assert REGISTRY.decode("QuestionAnswered", 1, text) == event


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        (1, {"place": "High Street, Oxford"}),
        (2, {"city": "High Street, Oxford"}),
        (3, {"city": "Oxford", "street": "High Street"}),
        (4, {"city": "Oxford", "street": "High Street", "tags": ["oxford"]}),
    ],
)
def test_data_of_every_old_schema_is_led_to_the_present_one(schema: int, data: dict[str, Any]) -> None:
    registry = Registry([Moved], STEPS)
    assert registry.decode("Moved", schema, json.dumps(data)) == Moved("Oxford", "High Street", ("oxford",))


def test_many_texts_of_a_type_and_schema_mean_together_what_each_means() -> None:
    registry = Registry([Moved, Plain], STEPS)
    for schema, texts in [
        (1, ['{"place":"A, B"}', '{"place":"Ä, \\n"}']),
        (4, ['{"city":"B"}', '{"city":"C","tags":["x"],"added later":1}']),
    ]:
        assert registry.decode_all("Moved", schema, f"[{','.join(texts)}]") == [
            registry.decode("Moved", schema, text) for text in texts
        ]
    assert registry.decode_all("Plain", 1, "[]") == []
    for kind, schema, data, error in [
        ("Moved", 5, '[{"city":"B"}]', UnknownEvent),
        ("Nothing", 1, "[{}]", UnknownEvent),
        ("Plain", 1, "[{},{]", msgspec.DecodeError),
        ("Plain", 1, '[{"note":1}]', msgspec.ValidationError),
    ]:
        with pytest.raises(error):
            registry.decode_all(kind, schema, data)


def test_fields_that_are_not_known_are_passed_over() -> None:
    assert Registry([Plain]).decode("Plain", 1, '{"note": "x", "added later": 1}') == Plain("x")


@pytest.mark.parametrize(
    ("types", "upcasters", "faults"),
    [
        ([Moved], [], ["schema 1", "schema 2", "schema 3"]),
        ([Moved], [STEPS[0], STEPS[2]], ["Moved is at schema 4, but nothing leads there from schema 2"]),
        ([Plain, Plain], [], ["Plain is registered twice"]),
        ([Zeroth], [], ["Zeroth has schema 0"]),
        ([Moved], [*STEPS, STEPS[1]], ["upcaster of Moved from schema 2 is registered twice"]),
        ([Plain], STEPS[:1], ["upcaster of Moved from schema 1: no such type"]),
        ([Plain], [Upcaster("Plain", 1, dict)], ["upcaster of Plain from schema 1: the present schema is 1"]),
        ([Moved], [*STEPS, Upcaster("Moved", 4, dict)], ["upcaster of Moved from schema 4: the present schema is 4"]),
        ([Moved], [*STEPS, Upcaster("Moved", 0, dict)], ["upcaster of Moved from schema 0: the present schema is 4"]),
        ([Plain, Plain, Zeroth], [STEPS[0]], ["registered twice", "schema 0", "no such type"]),
    ],
)
def test_a_vocabulary_that_contradicts_itself_is_refused_and_all_faults_are_named(
    types: list[type[Event]], upcasters: list[Upcaster], faults: list[str]
) -> None:
    with pytest.raises(VocabularyError) as refusal:
        Registry(types, upcasters)
    for fault in faults:
        assert fault in str(refusal.value)
    assert str(refusal.value).count(";") == len(faults) - 1


@pytest.mark.parametrize(
    ("decode", "message"),
    [
        (lambda registry: registry.decode("Nothing", 1, "{}"), "no event of type 'Nothing' is known"),
        (lambda registry: registry.decode("Moved", 5, "{}"), "Moved has schema 5; this version knows 1 to 4"),
        (lambda registry: registry.decode("Moved", 0, "{}"), "Moved has schema 0"),
        (lambda registry: registry.decode("Moved", -1, "{}"), "Moved has schema -1"),
        (lambda registry: registry.encode(Plain()), "Plain is not registered"),
    ],
)
def test_what_this_version_does_not_know_is_named(decode: Callable[[Registry], object], message: str) -> None:
    with pytest.raises(UnknownEvent, match=message):
        decode(Registry([Moved], STEPS))


def test_another_class_of_the_same_name_is_not_taken_for_the_registered_one() -> None:
    other = msgspec.defstruct("Plain", [("secret", str)], bases=(Event,), frozen=True)
    with pytest.raises(UnknownEvent, match="Plain is not registered"):
        Registry([Plain]).encode(other("x"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"note": 7}', "null"])
def test_text_that_does_not_fit_is_an_error(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        Registry([Plain]).decode("Plain", 1, text)
