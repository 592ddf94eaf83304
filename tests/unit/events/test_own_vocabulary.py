"""The log works with any vocabulary, and stores nothing that its types do not allow."""

import re
from collections.abc import AsyncIterator

import pytest

from events.log import EventLog, StreamWrite
from events.memory import MemoryLog
from events.postgres.connection import PostgresDatabase
from events.postgres.log import PostgresLog
from events.registry import Event, InvalidEvent, Registry, UnknownEvent
from events.sqlite.connection import SqliteDatabase
from events.sqlite.log import SqliteLog


class Counted(Event, frozen=True):
    """A meter was read."""

    count: int
    by: str | None = None


class Unlisted(Event, frozen=True):
    """No registry has it."""


TINY = Registry([Counted])


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Which log, and where it is kept."""
    kept = {"sqlite": "sqlite_path", "postgres": "postgres_url"}.get(request.param)
    return request.param, str(request.getfixturevalue(kept)) if kept else ""


@pytest.fixture
async def log(place: tuple[str, str]) -> AsyncIterator[EventLog]:
    match place:
        case "sqlite", path:
            database = await SqliteDatabase.open(path)
            yield SqliteLog(database, TINY)
            await database.close()
        case "postgres", url:
            server = await PostgresDatabase.open(url)
            yield PostgresLog(server, TINY)
            await server.close()
        case _:
            yield MemoryLog(TINY)


async def test_events_of_any_vocabulary_are_stored_and_read(log: EventLog) -> None:
    await log.append([StreamWrite("meter", 0, [Counted(1), Counted(2, by="Ada")])])

    stored = await log.read()

    assert [TINY.decode(event.type, event.schema, event.data) for event in stored] == [Counted(1), Counted(2, by="Ada")]


async def test_events_of_another_vocabulary_are_refused(log: EventLog) -> None:
    with pytest.raises(UnknownEvent):
        await log.append([StreamWrite("meter", 0, [Unlisted()])])
    assert await log.head() == 0


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (Counted(True), "$.count"),
        (Counted(0.5), "$.count"),  # type: ignore[arg-type] # what is tried
        (Counted(1, by=2), "$.by"),  # type: ignore[arg-type] # what is tried
        (Counted(1, by=b"Ada"), "by"),  # type: ignore[arg-type] # what is tried
    ],
)
async def test_a_value_of_another_type_is_refused_with_all_of_its_append(
    log: EventLog, event: Counted, field: str
) -> None:
    with pytest.raises(InvalidEvent, match=rf"^Counted: .*{re.escape(field)}"):
        await log.append([StreamWrite("other", 0, [Counted(1)]), StreamWrite("meter", 0, [Counted(1), event])])
    assert await log.head() == 0
    await log.append([StreamWrite("meter", 0, [Counted(1)])])
