"""GET /events/stream against a real server: every event once, in order, whatever is interrupted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from events.log import ANY, Context, StreamWrite
from tests.support.accounts import Player
from tests.support.banks import question
from tests.support.live import LiveServer, live_server
from tests.support.problems import problem
from tests.support.waiting import eventually_sync
from trivia.audit import following as following_module
from trivia.settings import Settings


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    with live_server(Settings(database_url=database_url, data_dir=str(tmp_path / "data"))) as server:
        yield server


@pytest.fixture
def admin(server: LiveServer) -> Player:
    return server.make("admin")


def add(server: LiveServer, *numbers: int, org: str = "public", stream: str = "some") -> int:
    write = StreamWrite(stream, ANY, [question(number) for number in numbers])
    return server.run(server.services.log.append([write], context=Context(org, "tests"))).last


@contextmanager
def following(
    server: LiveServer, player: Player, headers: dict[str, str] | None = None, **query: Any
) -> Iterator[Iterator[dict[str, str]]]:
    """The fields of each event of a stream, those without data left out; ends when the stream does."""
    with (
        httpx.Client(base_url=server.url, timeout=20) as client,
        client.stream("GET", "/events/stream", params=query, headers={**player.headers, **(headers or {})}) as response,
    ):
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        lines = response.iter_lines()
        assert next(lines).startswith("retry:")
        yield _events(lines)


def _events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield fields
            fields = {}


def take(events: Iterator[dict[str, str]], count: int) -> list[int]:
    return [position_in(next(events)) for _ in range(count)]


def position_in(event: dict[str, str]) -> int:
    """The position in an event's id, which is `epoch:position`."""
    return int(event["id"].rpartition(":")[2])


def test_what_was_and_what_comes_is_sent_in_order_each_once(server: LiveServer, admin: Player) -> None:
    head = add(server, *range(5))
    with following(server, admin, after=0) as events:
        assert take(events, head) == list(range(1, head + 1))
        add(server, 5)
        add(server, 6, 7)
        found = [next(events) for _ in range(3)]
    assert [position_in(event) for event in found] == [head + 1, head + 2, head + 3]
    data = msgspec.json.decode(found[0]["data"])
    assert (data["position"], data["type"], data["stream"]) == (head + 1, "QuestionAdded", "some")
    assert data["data"]["prompt"] == question(5).prompt


def test_without_a_beginning_it_starts_with_what_happens_now(server: LiveServer, admin: Player) -> None:
    head = add(server, *range(5))
    with following(server, admin) as events:
        add(server, 5)
        assert take(events, 1) == [head + 1]


def test_a_client_that_comes_back_again_and_again_misses_nothing_and_gets_nothing_twice(
    server: LiveServer, admin: Player
) -> None:
    start = add(server, 0)
    total = 300
    writer = threading.Thread(target=lambda: [add(server, n) for n in range(total)])
    writer.start()
    got: list[int] = []
    try:
        while len(got) < total:
            # With the epoch, as a browser sends it, and without, as scripts may.
            epoch = f"{server.services.log.epoch}:" if len(got) % 2 else ""
            last = {"Last-Event-ID": f"{epoch}{got[-1]}"} if got else {}
            with following(server, admin, last, after=start) as events:
                got += take(events, min(37, total - len(got)))
    finally:
        writer.join()
    assert got == list(range(start + 1, start + 1 + total))


def test_only_what_is_asked_for_and_may_be_seen_is_sent(server: LiveServer) -> None:
    insider = server.make("admin", org="quizzers")
    start = add(server, 0)
    positions = [add(server, n, org="quizzers" if n % 2 else "others", stream=f"stream-{n % 4}") for n in range(1, 13)]
    own = [position for position, n in zip(positions, range(1, 13), strict=True) if n % 2]
    with following(server, insider, after=start) as events:
        assert take(events, len(own)) == own
    with following(server, insider, after=start, stream="stream-1", type="QuestionAdded") as events:
        assert take(events, 3) == [positions[0], positions[4], positions[8]]
        add(server, 20, org="others", stream="stream-1")
        last = add(server, 21, org="quizzers", stream="stream-1")
        assert take(events, 1) == [last]


def test_a_stream_without_news_says_that_it_lives_and_where_it_is(
    server: LiveServer, admin: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following_module, "COMMENT_SECONDS", 0.0)
    head = add(server, 0)
    with (
        httpx.Client(base_url=server.url, timeout=20) as client,
        client.stream("GET", "/events/stream", params={"type": "None"}, headers=admin.headers) as response,
    ):
        lines = response.iter_lines()
        assert [next(lines) for _ in range(4)] == [
            "retry: 2000",
            "",
            ": still here",
            f"id: {server.services.log.epoch}:{head}",
        ]


def test_a_stream_ends_when_the_service_drains(server: LiveServer, admin: Player) -> None:
    with following(server, admin, after=0) as events:
        next(events)
        server.services.readiness.draining = True
        # It has an end.
        list(events)
    server.services.readiness.draining = False


def test_a_stream_ends_with_the_rights_of_whoever_reads_it(server: LiveServer, admin: Player) -> None:
    with following(server, admin, after=0) as events:
        next(events)
        assert server.run(server.services.administration.set_role(admin.email, "player"))
        list(events)
    with httpx.Client(base_url=server.url) as client:
        problem(client.get("/events/stream", headers=admin.headers), 401, "unauthenticated")


def test_a_server_that_stops_is_not_held_up_by_those_who_follow(server: LiveServer, admin: Player) -> None:
    with following(server, admin, after=0) as events:
        next(events)
        server.stop()
        with suppress(httpx.TransportError):
            list(events)
    assert eventually_sync(lambda: not server._thread.is_alive())


@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "²", "9" * 30, str(2**63)])
def test_an_id_that_no_event_has_is_refused(server: LiveServer, admin: Player, value: str) -> None:
    headers = [(b"last-event-id", value.encode()), (b"authorization", admin.headers["Authorization"].encode())]
    reply = httpx.get(f"{server.url}/events/stream", headers=headers, timeout=20)
    document = problem(reply, 400, "bad-input")
    assert [error["path"] for error in document["errors"]] == ["Last-Event-ID"]
    reply = httpx.get(f"{server.url}/events/stream?after=-1&x=1", headers=admin.headers, timeout=20)
    assert {error["path"] for error in problem(reply, 400, "bad-input")["errors"]} == {"after", "x"}
