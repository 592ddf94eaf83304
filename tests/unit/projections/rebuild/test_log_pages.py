"""A log read in pages is the log, each event named that cannot be read."""

from collections.abc import AsyncIterator

import pytest

from events.log import ANY, StreamWrite
from events.registry import UnknownEvent
from events.vocabulary import REGISTRY
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from events.vocabulary.decoding import Decoded, decode
from events.vocabulary.questions import StarterBankAdded
from projections.rebuild.log_pages import BY_POSITION, Unreadable, read_pages
from projections.rebuild.throttle import Throttle
from trivia.platform.storage import Storage, open_storage

TYPES = ("QuestionsAssigned", "QuestionAnswered", "SeenReset")


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    """Twenty events: of every five, one of a type that is not asked for."""
    async with open_storage(database_url) as opened:
        for n in range(4):
            events = [
                QuestionsAssigned((n + 1, n + 2), topic='Ä "topic"'),
                QuestionAnswered(n + 1, "x\n", correct=n % 2 == 0, topic=f"Topic {n}"),
                StarterBankAdded(n),
                SeenReset(),
                QuestionsAssigned((), age=n),
            ]
            await opened.log.append([StreamWrite(f"assignments-{n % 3}", ANY, events)])
        yield opened


async def store(storage: Storage, data: str, kind: str = "SeenReset") -> int:
    """Put an event into the log past all that looks at it; its position."""
    position = await storage.log.head() + 1
    sql = (
        "INSERT INTO events (position, stream, version, type, schema, data, metadata, recorded_at) "
        f"VALUES ({position}, 'odd-{position}', 1, '{kind}', 1, '{data}', '{{}}', {2**60})"
    )
    if hasattr(storage.database, "session"):
        session = storage.database.session()
        await session.fetchval(sql)
        await session.fetchval(f"UPDATE log_head SET position = {position}")
        await session.close()
    else:
        await storage.database.write(lambda connection: connection.execute(sql))
    return position


async def pages(storage: Storage, after: int, until: int, size: int, without=frozenset()) -> list[tuple[list, int]]:
    found = []
    async for events, reached in read_pages(storage.log, after, until, TYPES, size, without, Throttle(storage.log)):
        assert all(event.recorded.type == kind for kind, those in events.items() for event in those)
        decoded: list[Decoded] = [event for those in events.values() for event in those]
        found.append((sorted([(BY_POSITION(each), each) for each in decoded], key=lambda pair: pair[0]), reached))
    return found


@pytest.mark.parametrize("size", [1, 3, 7, 20, 500])
@pytest.mark.parametrize(("after", "until"), [(0, 20), (3, 11), (7, 7), (20, 20)])
async def test_pages_hold_every_event_once(storage: Storage, size: int, after: int, until: int) -> None:
    found = await pages(storage, after, until, size)

    assert [reached for _, reached in found] == [min(n + size, until) for n in range(after, until, size)]
    said = [event for events, _ in found for _, event in events]
    read = [decode(event) for event in await storage.log.read(after, until=until, types=TYPES)]
    assert [event.event for event in said] == [event.event for event in read]
    for name in ("position", "stream", "version", "type", "schema", "recorded_at"):
        assert [getattr(e.recorded, name) for e in said] == [getattr(e.recorded, name) for e in read]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("{", "SeenReset"),
        ("", "SeenReset"),
        ("{},{}", "SeenReset"),
        ("{}],[{}", "SeenReset"),
        ('{"questions":"none"}', "QuestionsAssigned"),
    ],
)
async def test_an_event_whose_text_is_none_is_named(storage: Storage, data: str, kind: str) -> None:
    await store(storage, "{}")
    position = await store(storage, data, kind)
    last = await store(storage, "{}")

    with pytest.raises(Unreadable) as failure:
        await pages(storage, 0, last, 50)
    assert failure.value.event.position == position

    found = await pages(storage, 0, last, 50, without=frozenset({position}))
    positions = [place for place, _ in found[0][0]]
    assert position not in positions
    assert positions[-2:] == [position - 1, last]


async def test_pages_before_one_that_cannot_be_read_are_read(storage: Storage) -> None:
    position = await store(storage, "{")
    reading = read_pages(storage.log, 0, position, TYPES, 5, frozenset(), Throttle(storage.log))
    assert [(await anext(reading)).reached for _ in range(4)] == [5, 10, 15, 20]
    with pytest.raises(Unreadable):
        await anext(reading)


async def test_what_is_left_out_is_in_no_page(storage: Storage) -> None:
    found = await pages(storage, 0, 20, 6, without=frozenset({1, 9, 3}))
    assert [place for events, _ in found for place, _ in events] == [2, 4, 5, 6, 7, 10, 11, 12, 14, 15, 16, 17, 19, 20]


async def test_a_type_that_is_not_known_is_named(storage: Storage, monkeypatch) -> None:
    monkeypatch.delitem(REGISTRY.types, "SeenReset")
    with pytest.raises(Unreadable) as failure:
        await pages(storage, 0, 20, 50)
    assert failure.value.event.position == 4
    assert isinstance(failure.value.why, UnknownEvent)
