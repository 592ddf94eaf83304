"""The API's documentation against the routes: made from the same source, yet what is served must say so."""

import re
from typing import Any

import httpx
import msgspec
import pytest

from tests.contract.support.problems import check_headers
from tests.contract.support.routes import API, ROUTES, Sendable
from trivia.http.access import Access
from trivia.http.openapi import PREFIX
from trivia.http.problems import problem_types


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    response = client.get("/api/docs/openapi.json")
    assert response.headers["content-type"] == "application/json"
    return dict(response.json())


def test_every_route_of_the_api_is_documented_once_and_nothing_else(document: dict[str, Any]) -> None:
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert documented == {(route.method, route.template) for route in API}
    assert [server["url"] for server in document["servers"]] == ["/", PREFIX]
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", name) for name in ids)


def test_only_pages_and_their_files_are_left_out() -> None:
    left_out = [route for route in ROUTES if not route.is_twin and route not in API]
    assert {route.handler.fn.__module__ for route in left_out} == {"trivia.web.routes"}


@pytest.mark.parametrize("route", API, ids=str)
def test_an_operation_is_documented_in_full(document: dict[str, Any], route: Sendable) -> None:
    operation = document["paths"][route.template][route.method.lower()]
    assert operation["summary"]
    assert "\n" not in operation["summary"]
    assert operation["tags"]
    assert operation["x-access"] == route.access.name.lower()
    assert operation["security"] == ([] if route.access is Access.ANYONE else [{"bearer": []}])
    statuses = set(operation["responses"])
    assert any(status.startswith("2") for status in statuses)
    expected = {"503"}
    if route.access is not Access.ANYONE:
        expected.add("401")
    if route.access > Access.PLAYER:
        expected.add("403")
    if "{" in route.template:
        expected.add("404")
    if route.contract.query:
        expected.add("400")
    if route.contract.body or route.contract.consumes:
        expected |= {"400", "413", "415"}
        assert operation["requestBody"]["required"]
    assert expected <= statuses
    names = {(parameter["in"], parameter["name"]) for parameter in operation["parameters"]}
    assert {("path", name) for name in re.findall(r"{(\w+)}", route.template)} <= names
    if route.contract.query:
        fields = msgspec.structs.fields(route.contract.query)
        assert {("query", field.encode_name) for field in fields} <= names


def test_every_type_of_problem_is_documented_as_what_it_is(document: dict[str, Any]) -> None:
    for kind in problem_types():
        response = document["components"]["responses"][kind.__name__]
        assert list(response["content"]) == ["application/problem+json"]
        schema = response["content"]["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ProblemDocument"}
    properties = document["components"]["schemas"]["ProblemDocument"]["properties"]
    assert set(properties) == {"type", "title", "status", "detail", "instance", "errors"}


def test_no_pattern_is_written_for_python_alone(document: dict[str, Any]) -> None:
    assert r"\Z" not in str(document).replace("\\\\", "\\")


def test_a_type_of_problem_leads_to_its_explanation(client: httpx.Client) -> None:
    listed = client.get("/problems").json()
    assert len({entry["type"] for entry in listed}) == len(listed) == len(problem_types())
    for entry in listed:
        explained = client.get(entry["type"])
        assert explained.json() == entry
        page = client.get(entry["type"], headers={"Accept": "text/html,*/*"})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert entry["type"] in page.text
        assert "`" not in page.text


def test_a_refusal_names_a_type_that_leads_somewhere(client: httpx.Client) -> None:
    refused = client.get("/topics").json()
    assert client.get(refused["type"]).json()["title"] == refused["title"]


@pytest.mark.parametrize(
    "path", ["/", "/play", "/api/docs", "/problems", "/static/play.js", "/static/swagger-ui/swagger-ui.css"]
)
def test_a_file_that_the_client_has_is_not_sent_again(client: httpx.Client, path: str) -> None:
    whole = client.get(path)
    assert whole.status_code == 200
    assert whole.headers["cache-control"] == "no-cache"
    tag = whole.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    check_headers(whole)


@pytest.mark.parametrize("path", ["/", "/play", "/api/docs", "/problems", "/problems/not-found"])
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(client: httpx.Client, path: str) -> None:
    html = client.get(path, headers={"Accept": "text/html"}).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", html)
    loaded = re.findall(r'<(?:script|link|img)[^>]*\b(?:src|href)="([^"]+)"', html)
    assert loaded
    for target in loaded:
        assert target.startswith("/static/")
        assert client.get(target).status_code == 200


def test_what_a_client_can_unpack_is_sent_packed(client: httpx.Client) -> None:
    path = "/static/swagger-ui/swagger-ui-bundle.js"
    packed = client.get(path, headers={"Accept-Encoding": "br, gzip;q=0.8"})
    plain = client.get(path, headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
