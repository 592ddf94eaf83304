"""Every route of the API answers at the root and, the same, under /api/v1."""

import httpx
import pytest

from tests.contract.support.routes import API, ROUTES, Sendable
from tests.contract.support.users import Callers
from trivia.http.openapi import PREFIX

TWINS = {(route.method, route.template.removeprefix(PREFIX)): route for route in ROUTES if route.is_twin}
DIFFERS = {"instance", "position", "created_at", "uptime_seconds"}


def test_every_route_has_its_twin_and_no_twin_is_alone() -> None:
    assert set(TWINS) == {(route.method, route.template) for route in API}


@pytest.mark.parametrize("route", API, ids=str)
@pytest.mark.parametrize("who", ["anonymous", "player"])
def test_both_say_the_same(client: httpx.Client, callers: Callers, route: Sendable, who: str) -> None:
    twin = TWINS[route.method, route.template]
    assert twin.handler.fn is route.handler.fn
    assert twin.contract == route.contract
    answers = []
    for one in (route, twin):
        answers.append(one.send(client, callers.headers(who)))
        if one.method == "DELETE":
            callers.replace(who)
    first, second = answers
    assert first.status_code == second.status_code
    assert first.headers.get("content-type") == second.headers.get("content-type")
    if first.content and not route.contract.request_headers:
        first_body, second_body = first.json(), second.json()
        if isinstance(first_body, dict):
            first_body, second_body = [
                {name: value for name, value in body.items() if name not in DIFFERS}
                for body in (first_body, second_body)
            ]
        assert first_body == second_body
