"""Who may not use a route is turned away: every route, everybody, made from the routes so that a new one is covered by itself."""

import httpx
import pytest

from tests.contract.support.problems import check_headers, check_problem
from tests.contract.support.routes import ROUTES, Sendable
from tests.contract.support.users import ROLES, UNAUTHENTICATED, Callers
from trivia.http.access import Access

TURNED_AWAY = {401, 403}
GUARDED = [route for route in ROUTES if route.access is not Access.ANYONE]
OPEN = [route for route in ROUTES if route.access is Access.ANYONE]
BRIEF = httpx.Timeout(20)


def test_there_are_routes_of_every_access() -> None:
    assert {route.access for route in ROUTES} == set(Access)
    assert len(ROUTES) > 40


@pytest.mark.parametrize("route", GUARDED, ids=str)
@pytest.mark.parametrize("who", UNAUTHENTICATED)
def test_nobody_gets_in_without_a_good_token(client: httpx.Client, callers: Callers, route: Sendable, who: str) -> None:
    check_problem(route.send(client, callers.headers(who)), 401)


@pytest.mark.parametrize("route", GUARDED, ids=str)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_in_where_it_is_enough_and_nowhere_else(
    client: httpx.Client, callers: Callers, route: Sendable, role: str
) -> None:
    response = route.send(client, callers.headers(role))
    if ROLES[role] < route.access:
        check_problem(response, 403)
        return
    assert response.status_code not in TURNED_AWAY
    assert response.status_code < 500
    check_headers(response)
    if route.method == "DELETE":
        callers.replace(role)


@pytest.mark.parametrize("route", OPEN, ids=str)
@pytest.mark.parametrize("who", ["anonymous", "expired", "player"])
def test_an_open_route_does_not_mind_who_asks(
    client: httpx.Client, callers: Callers, route: Sendable, who: str
) -> None:
    response = route.send(client, callers.headers(who))
    assert response.status_code not in TURNED_AWAY
    assert response.status_code < 500
    check_headers(response)


def test_a_token_in_the_query_or_a_cookie_is_worth_nothing(client: httpx.Client, callers: Callers) -> None:
    token = callers.user("admin").token
    check_problem(client.get("/me", params={"token": token}), 401)
    check_problem(client.get("/me", headers={"Cookie": f"token={token}; access_token={token}"}), 401)
