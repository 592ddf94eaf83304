"""The tables of facts that come with the package: tab-separated text below `data/`, read when first asked for.

`data/derived/` is rebuilt by `scripts/facts`, which names the packages that the facts are from; `data/written/` is the project's own.
A cell that holds several values has them between bars.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

STRUCK_OUT = "struck_out"


class Entry(NamedTuple):
    """A group and what belongs to it: an author and books, a country and dishes.

    `fame` is 1 for what most people know, 3 for what few do; `kind` names those groups that are mistaken for each other; `note` says who or
    what the group is, as a noun phrase; `age` is the youngest to ask.
    """

    group: str
    fame: int
    kind: str
    age: int
    note: str
    members: tuple[str, ...]


class Clue(NamedTuple):
    """Something and what is said of it: "Which `kind` `clue`?" is a question, and "A `kind` that `clue`" describes it."""

    name: str
    fame: int
    kind: str
    age: int
    clue: str
    note: str


class Event(NamedTuple):
    """Something that happened: "In which year `asked`?" is a question, `told` is a sentence without its full stop."""

    year: int
    fame: int
    age: int
    asked: str
    told: str
    note: str


@cache
def read(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a table, without its header and its comments. Raises FileNotFoundError for a table there is not."""
    text = files(__package__).joinpath("data", f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    return tuple(tuple(line.split("\t")) for line in lines[1:])


@cache
def entries(name: str) -> tuple[Entry, ...]:
    """A table of groups."""
    return tuple(
        Entry(group, int(fame), kind, int(age), note, tuple(members.split("|")))
        for group, fame, kind, age, note, members in read(name)
    )


@cache
def clues(name: str) -> tuple[Clue, ...]:
    """A table of things and clues."""
    return tuple(
        Clue(thing, int(fame), kind, int(age), clue, note) for thing, fame, kind, age, clue, note in read(name)
    )


@cache
def events(name: str) -> tuple[Event, ...]:
    """A table of what happened, in order of time."""
    rows = (
        Event(int(year), int(fame), int(age), asked, told, note) for year, fame, age, asked, told, note in read(name)
    )
    return tuple(sorted(rows))


def listed(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several."""
    return tuple(cell.split("|")) if cell else ()
