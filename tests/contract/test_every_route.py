"""What holds for every request holds for every route: a matrix made from the application's own routes."""

from typing import Any

import httpx
import pytest

from tests.contract.support.problems import check_headers, check_problem
from tests.contract.support.routes import ROUTES, Sendable
from tests.contract.support.users import Callers
from tests.support.live import LiveServer
from trivia.http.access import Access
from trivia.http.headers import LAST_EVENT_ID, MIN_POSITION

PATHS = sorted({route.path for route in ROUTES})
READ = [route for route in ROUTES if route.method == "GET"]
GUARDED = [route for route in ROUTES if route.access is not Access.ANYONE]
READING = [route for route in ROUTES if route.contract.reads is not None]
WITH_BODY = [route for route in ROUTES if route.contract.body or route.contract.consumes]
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"}

NO_POSITIONS = ["", "x", "-1", "1.5", "+1", "1 2", "0x10", "1e3", "\u0661", "\xb2", str(2**63), "9" * 5_000]
ODD_HEADERS = {
    "Accept": ["a/b;q=inf", "a/b;q=nan", "*/*;q=1e999", "a/b;q=", ";;,,", "é", "x" * 5_000, ""],
    "Accept-Encoding": ["gzip;q=x", ";", "é"],
    "If-None-Match": ['"', "W/", "é" * 100],
    "Cookie": ["=;=;", "é=é", "a" * 4_000],
    "X-Request-Id": ["é", "x" * 3_000],
    "X-Forwarded-For": ["é", "1.2.3.4, , x", "[::1"],
    "X-Forwarded-Proto": ["gopher", "é"],
    "Origin": ["null", "é"],
}


def encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as bytes, for values that httpx would refuse as text."""
    return [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]


def methods_of(path: str) -> set[str]:
    taken = {route.method for route in ROUTES if route.path == path}
    return taken | {"HEAD"} if any(is_safe_get(route) for route in ROUTES if route.path == path) else taken


def is_safe_get(route: Sendable) -> bool:
    return route.method == "GET" and route.contract.safe


def listed(response: httpx.Response) -> set[str]:
    return {name.strip() for name in response.headers["allow"].split(",")}


def test_the_routes_are_all_there() -> None:
    assert {"GET /questions", "GET /api/v1/questions", "GET /metrics", "GET /"} <= {str(route) for route in ROUTES}


@pytest.mark.parametrize("path", PATHS)
def test_options_names_every_method_of_a_path_to_anyone(client: httpx.Client, path: str) -> None:
    response = client.options(path)
    assert response.status_code == 204
    assert response.content == b""
    assert listed(response) == methods_of(path) | {"OPTIONS"}
    check_headers(response)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["anonymous", "admin"])
def test_a_method_that_a_path_does_not_take_is_refused_whoever_asks(
    client: httpx.Client, callers: Callers, path: str, who: str
) -> None:
    for method in METHODS - methods_of(path):
        response = client.request(method, path, headers=callers.headers(who))
        assert response.status_code == 405, method
        assert listed(response) == methods_of(path) | {"OPTIONS"}
        check_headers(response)
        if method != "HEAD":
            check_problem(response, 405)


@pytest.mark.parametrize("route", [route for route in READ if route.contract.safe], ids=str)
@pytest.mark.parametrize("who", ["anonymous", "admin"])
def test_head_is_answered_as_get_without_a_body(
    client: httpx.Client, callers: Callers, route: Sendable, who: str
) -> None:
    headers = callers.headers(who)
    got, head = route.send(client, headers), client.head(route.path, headers=headers)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers.get("content-type") == got.headers.get("content-type")
    check_headers(head)


@pytest.mark.parametrize("route", ROUTES, ids=str)
@pytest.mark.parametrize("who", ["anonymous", "garbled"])
def test_a_slash_at_the_end_changes_nothing(client: httpx.Client, callers: Callers, route: Sendable, who: str) -> None:
    plain = route.send(client, callers.headers(who))
    slashed = route._replace(path=f"{route.path}/").send(client, callers.headers(who))
    assert slashed.status_code == plain.status_code
    assert slashed.headers.get("content-type") == plain.headers.get("content-type")
    check_headers(slashed)


@pytest.mark.parametrize("route", READ, ids=str)
def test_a_slash_at_the_end_changes_nothing_for_who_may_read(
    client: httpx.Client, callers: Callers, route: Sendable
) -> None:
    plain = route.send(client, callers.headers("admin"))
    slashed = route._replace(path=f"{route.path}/").send(client, callers.headers("admin"))
    assert slashed.status_code == plain.status_code
    assert slashed.headers.get("content-type") == plain.headers.get("content-type")


@pytest.mark.parametrize("route", GUARDED, ids=str)
@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer  x", "Bearer é", "bearer x", "x", "é", "Bearer " + "x" * 5_000]
)
def test_what_is_no_bearer_token_lets_nobody_in(client: httpx.Client, route: Sendable, value: str) -> None:
    check_problem(client.request(route.method, route.path, headers=encoded({"Authorization": value})), 401)


@pytest.mark.parametrize("route", READING, ids=str)
def test_a_position_that_is_none_is_refused_by_name(client: httpx.Client, callers: Callers, route: Sendable) -> None:
    for value in NO_POSITIONS:
        headers = encoded(callers.headers("admin") | {MIN_POSITION: value})
        response = client.request(route.method, route.path, headers=headers)
        assert list(check_problem(response, 400)) == [MIN_POSITION], value


@pytest.mark.parametrize("route", READING, ids=str)
def test_a_position_beyond_the_log_is_refused_and_one_within_is_waited_for(
    client: httpx.Client, callers: Callers, server: LiveServer, route: Sendable
) -> None:
    headers = callers.headers("admin")
    beyond = client.request(route.method, route.path, headers=headers | {MIN_POSITION: str(2**63 - 1)})
    assert list(check_problem(beyond, 400)) == [MIN_POSITION]
    head = server.run(server.services.log.head())
    within = client.request(route.method, route.path, headers=headers | {MIN_POSITION: str(head)})
    assert within.status_code == client.request(route.method, route.path, headers=headers).status_code


@pytest.mark.parametrize("route", READING, ids=str)
def test_who_may_not_ask_learns_nothing_of_positions(client: httpx.Client, route: Sendable) -> None:
    check_problem(client.request(route.method, route.path, headers={MIN_POSITION: "x"}), 401)


@pytest.mark.parametrize("route", [route for route in READ if route not in READING], ids=str)
def test_a_route_that_is_never_behind_takes_no_notice_of_positions(
    client: httpx.Client, callers: Callers, route: Sendable
) -> None:
    plain = route.send(client, callers.headers("admin"))
    asked = route.send(client, callers.headers("admin") | {MIN_POSITION: "x"})
    assert asked.status_code == plain.status_code


@pytest.mark.parametrize("route", READ, ids=str)
@pytest.mark.parametrize("name", ODD_HEADERS)
def test_an_odd_header_breaks_nothing(client: httpx.Client, callers: Callers, route: Sendable, name: str) -> None:
    expected = route.send(client, callers.headers("admin")).status_code
    for value in ODD_HEADERS[name]:
        headers: Any = encoded(callers.headers("admin") | {name: value})
        response = route.send(client, headers)
        assert response.status_code == expected, value
        check_headers(response)


@pytest.mark.parametrize("route", [route for route in READ if LAST_EVENT_ID in route.contract.request_headers], ids=str)
def test_an_event_id_that_is_none_is_refused_by_name(client: httpx.Client, callers: Callers, route: Sendable) -> None:
    for value in NO_POSITIONS:
        headers: Any = encoded(callers.headers("admin") | {LAST_EVENT_ID: value})
        assert list(check_problem(route.send(client, headers), 400)) == [LAST_EVENT_ID], value


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_a_client_that_breaks_off_while_it_sends_is_no_error_of_the_service(
    server: LiveServer, callers: Callers, route: Sendable
) -> None:
    sent: list[Any] = []
    incoming = [{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.disconnect"}]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": route.method,
        "scheme": "http",
        "path": route.path,
        "raw_path": route.path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-length", b"100"), (b"content-type", b"application/json")]
        + [(name.lower(), value) for name, value in encoded(callers.headers("admin"))],
        "client": ("203.0.113.7", 40_000),
        "server": ("trivia.test", 80),
    }

    async def receive() -> Any:
        return incoming.pop(0) if len(incoming) > 1 else incoming[0]

    async def send(message: Any) -> None:
        sent.append(message)

    server.run(server.app(scope, receive, send))  # type: ignore[arg-type] # a scope as a server makes it
    assert sent[0]["status"] == 400


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_a_byte_order_mark_before_a_body_is_ignored(client: httpx.Client, callers: Callers, route: Sendable) -> None:
    headers = callers.headers("admin") | {"Content-Type": "application/json"}
    plain = client.request(route.method, route.path, headers=headers, content=b'{"no_such_field": 1}')
    marked = client.request(route.method, route.path, headers=headers, content=b'\xef\xbb\xbf{"no_such_field": 1}')
    assert check_problem(marked, 400) == check_problem(plain, 400)
    assert "no_such_field" in check_problem(marked, 400)
