"""Whatever is sent, the answer is a problem document that says what is wrong with it, and never a 5xx."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from tests.contract.support.problems import check_headers, check_problem
from tests.contract.support.routes import API, Sendable
from tests.contract.support.users import Callers
from trivia.http.schemas import parameters_of

WITH_BODY = [route for route in API if route.contract.body]
TAKING_BODIES = [route for route in API if route.contract.body or route.contract.consumes]
WITH_QUERY = [route for route in API if route.contract.query]
KEYED = [route for route in API if "Idempotency-Key" in route.contract.request_headers]
WITH_NUMBERS = [route for route in API if route.path_parameters_are_numbers]
HUGE = 2**70
JSON = {"Content-Type": "application/json"}

UNKNOWN_PATHS = [
    "/nothing",
    "/api",
    "/api/v1",
    "/api/v2/health",
    "/questions/x",
    "/%00",
    "/%ff",
    "/me%0d%0aX-Injected:1",
    "/static/../app.py",
    "/static/..%2fopenapi.py",
    "/static/%2e%2e/%2e%2e/settings.py",
    "/static//etc/passwd",
    "/static/nothing.js",
    "/problems/nothing",
    "/problems/%00",
    "/" + "x" * 5_000,
]


@pytest.mark.parametrize("path", UNKNOWN_PATHS, ids=lambda path: path[:40])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path(client: httpx.Client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert "x-injected" not in response.headers
    check_problem(response, 404, 405)


@pytest.mark.parametrize("route", WITH_NUMBERS, ids=str)
@pytest.mark.parametrize("number", ["0", "-1", str(HUGE), "9" * 5_000, "1.0", "%00", "1e5", "x", "\u0661"])
def test_a_number_in_a_path_that_is_none_of_ours(
    client: httpx.Client, callers: Callers, route: Sendable, number: str
) -> None:
    response = client.request(
        route.method, route.path.replace("/1", f"/{number}"), headers=callers.headers("admin"), json={}
    )
    check_problem(response, 400, 404)


@pytest.mark.parametrize("route", TAKING_BODIES, ids=str)
@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "é", "/"])
def test_a_body_of_another_kind(client: httpx.Client, callers: Callers, route: Sendable, media_type: str) -> None:
    headers = callers.headers("admin") | {"Content-Type": media_type}
    response = client.request(route.method, route.path, headers=encoded(headers), content=b"{}")
    check_problem(response, 415)


BROKEN = {
    "nothing": b"",
    "half": b'{"a": ',
    "no UTF-8": b'{"email": "\xff\xfe"}',
    "a lone surrogate": rb'{"email": "\ud800", "nickname": "\ud800"}',
    "nesting": b"[" * 4_000 + b"]" * 4_000,
    "nesting in a field": b'{"email": ' + b'{"a":' * 1_500 + b"1" + b"}" * 1_500 + b"}",
    "not a number": b'{"age": NaN}',
    "a list": b"[]",
    "null": b"null",
    "a number": b"1",
    "a text": b'"x"',
    "UTF-16": '{"nickname": "x"}'.encode("utf-16"),
}


@pytest.mark.parametrize("route", TAKING_BODIES, ids=str)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_body(client: httpx.Client, callers: Callers, route: Sendable, name: str) -> None:
    response = client.request(route.method, route.path, headers=callers.headers("admin") | JSON, content=BROKEN[name])
    assert check_problem(response, 400, 422)


@pytest.mark.parametrize("route", TAKING_BODIES, ids=str)
@pytest.mark.parametrize("announced", [True, False], ids=["with its length", "in chunks"])
def test_a_body_that_is_too_large(client: httpx.Client, callers: Callers, route: Sendable, announced: bool) -> None:  # noqa: FBT001
    body = b'{"nickname": "' + b"x" * 10_001 + b'"}'
    content = body if announced else iter([body[:5_000], body[5_000:]])
    response = client.request(route.method, route.path, headers=callers.headers("admin") | JSON, content=content)
    check_problem(response, 413)


def wrong_values(kind: Any) -> list[Any]:
    """Values that no field of ours takes, whatever its type."""
    return [{"no": "such"}, [[]], HUGE, -HUGE, 1e400 if kind is float else 1.5, "\0", "x" * 9_000]


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_every_field_at_fault_is_named(client: httpx.Client, callers: Callers, route: Sendable) -> None:
    fields = msgspec.structs.fields(route.contract.body)
    for index in range(len(wrong_values(None)) - 1):
        body = {field.encode_name: wrong_values(field.type)[index] for field in fields} | {"no_such_field": 1}
        response = client.request(route.method, route.path, headers=callers.headers("admin"), json=body)
        errors = check_problem(response, 400)
        assert {path.partition("[")[0].partition(".")[0] for path in errors} == set(body)
        assert all(errors.values())


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_a_text_that_is_far_too_long_is_refused(client: httpx.Client, callers: Callers, route: Sendable) -> None:
    body = {
        field.encode_name: "x" * (9_000 // len(route.contract.body.__struct_fields__))
        for field in msgspec.structs.fields(route.contract.body)
    }
    response = client.request(route.method, route.path, headers=callers.headers("admin"), json=body)
    assert set(check_problem(response, 400)) == set(body)


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_every_field_that_is_missing_is_named(client: httpx.Client, callers: Callers, route: Sendable) -> None:
    required = {field.encode_name for field in msgspec.structs.fields(route.contract.body) if field.required}
    response = client.request(route.method, route.path, headers=callers.headers("admin"), json={})
    if required:
        assert set(check_problem(response, 400)) == required
    else:
        assert response.status_code < 300


@pytest.mark.parametrize("route", WITH_QUERY, ids=str)
def test_every_parameter_at_fault_is_named(client: httpx.Client, callers: Callers, route: Sendable) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(route.contract.query)]
    wrong = "%00" + "x" * 500
    query = "&".join(f"{name}={wrong}" for name in [*names, "no_such_parameter"])
    response = client.request(route.method, f"{route.path}?{query}", headers=callers.headers("admin"))
    assert set(check_problem(response, 400)) >= set(names)


@pytest.mark.parametrize("route", WITH_QUERY, ids=str)
@pytest.mark.parametrize(
    "query", ["%ff", "a=%ff", "no_such_parameter=1", "no_such_parameter=1&no_such_parameter=2", "=", "&&=&", "a;b", "%"]
)
def test_a_query_that_is_none(client: httpx.Client, callers: Callers, route: Sendable, query: str) -> None:
    assert check_problem(client.request(route.method, f"{route.path}?{query}", headers=callers.headers("admin")), 400)


@pytest.mark.parametrize("route", WITH_QUERY, ids=str)
def test_a_parameter_that_is_given_twice(client: httpx.Client, callers: Callers, route: Sendable) -> None:
    for field in msgspec.structs.fields(route.contract.query):
        name = field.encode_name
        response = client.request(route.method, f"{route.path}?{name}=1&{name}=2", headers=callers.headers("admin"))
        assert check_problem(response, 400)[name] == "given more than once"


@pytest.mark.parametrize("route", WITH_QUERY, ids=str)
def test_the_greatest_and_the_least_number_that_a_parameter_takes_are_answered(
    client: httpx.Client, callers: Callers, route: Sendable
) -> None:
    for parameter in parameters_of(route.contract.query or msgspec.Struct):
        for bound in ("minimum", "maximum"):
            if bound in parameter["schema"]:
                query = f"{parameter['name']}={parameter['schema'][bound]}"
                response = route._replace(path=f"{route.path}?{query}").send(client, callers.headers("admin"))
                assert response.status_code < 500, query
                check_headers(response)


@pytest.mark.parametrize(
    ("query", "at_fault"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.5", "limit"),
        (f"limit={HUGE}", "limit"),
        ("limit=" + "9" * 5_000, "limit"),
        ("age=200", "age"),
        ("age=-1", "age"),
        ("topic=", "topic"),
        ("topic=" + "x" * 101, "topic"),
        ("topic=a%00b", "topic"),
        ("difficulty=fiendish", "difficulty"),
        ("difficulty=EASY", "difficulty"),
    ],
)
def test_the_bounds_of_a_draw(client: httpx.Client, callers: Callers, query: str, at_fault: str) -> None:
    response = client.get(f"/questions?{query}", headers=callers.headers("player"))
    assert list(check_problem(response, 400)) == [at_fault]


def test_all_that_is_wrong_with_a_draw_is_named_at_once(client: httpx.Client, callers: Callers) -> None:
    response = client.get("/questions?limit=0&age=200&difficulty=x&hint=1", headers=callers.headers("player"))
    assert set(check_problem(response, 400)) == {"limit", "age", "difficulty", "hint"}


@pytest.mark.parametrize("route", KEYED, ids=str)
@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é"], ids=repr)
def test_an_idempotency_key_that_is_none(client: httpx.Client, callers: Callers, route: Sendable, key: str) -> None:
    headers = encoded(callers.headers("player") | {"Idempotency-Key": key})
    response = client.request(route.method, route.path, headers=headers)
    assert list(check_problem(response, 400)) == ["Idempotency-Key"]


def test_an_idempotency_key_for_another_request_is_a_conflict(client: httpx.Client, callers: Callers) -> None:
    headers = callers.headers("player") | {"Idempotency-Key": "one-key"}
    assert client.get("/questions?limit=1", headers=headers).status_code == 200
    check_problem(client.get("/questions?limit=2", headers=headers), 409)


def test_the_id_of_a_request_is_kept_where_it_is_fit_and_made_anew_where_it_is_not(client: httpx.Client) -> None:
    kept = client.get("/nothing", headers={"X-Request-Id": "from-the-proxy-1"})
    assert kept.headers["x-request-id"] == "from-the-proxy-1"
    check_problem(kept, 404)
    for unfit in ("x", "x" * 65, "<script>alert(1)</script>"):
        made = client.get("/nothing", headers={"X-Request-Id": unfit})
        assert made.headers["x-request-id"] != unfit
        check_problem(made, 404)


@pytest.mark.parametrize(
    "token", ["x", "a.b.c", "x" * 5_000, "é", "null", "eyJhbGciOiJub25lIn0.e30."], ids=lambda t: t[:20]
)
def test_a_token_that_is_none(client: httpx.Client, token: str) -> None:
    check_problem(client.get("/me", headers=encoded({"Authorization": f"Bearer {token}"})), 401)


def test_every_way_to_answer_carries_the_security_headers(client: httpx.Client, callers: Callers) -> None:
    tag = client.get("/play").headers["etag"]
    for response, status in [
        (client.get("/health"), 200),
        (client.post("/auth/guest", json={"nickname": "Ada"}), 201),
        (client.options("/health"), 204),
        (client.get("/play", headers={"If-None-Match": tag}), 304),
        (client.head("/play"), 200),
        (client.get("/topics"), 401),
        (client.post("/orgs/invitations", headers=callers.headers("player")), 403),
        (client.get("/nothing"), 404),
        (client.put("/health"), 405),
        (client.get("/questions/export", headers=callers.headers("host")), 200),
    ]:
        assert response.status_code == status
        check_headers(response)


def test_a_body_that_is_no_json_is_answered_in_json(client: httpx.Client) -> None:
    response = client.post("/auth/login", content=b"email=a", headers=JSON | {"Accept": "text/html"})
    check_problem(response, 400)
    assert json.loads(response.content)["errors"]


def encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as bytes, for values that httpx would refuse as text."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]
