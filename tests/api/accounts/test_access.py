"""Who may use which route of accounts, and what the others are told."""

import httpx
import pytest

from tests.support.accounts import Player, Players
from tests.support.problems import problem

SIGNED_IN = [("GET", "/me"), ("PATCH", "/me"), ("DELETE", "/me"), ("POST", "/orgs/invitations")]

BAD_HEADERS = [
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer x.y.z"},
    {"Authorization": "Basic YWRhOnBhc3N3b3Jk"},
    {"Authorization": "Token {token}"},
    {"Authorization": "{token}"},
    {"Authorization": "Bearer  {token}"},
    {"Authorization": "Bearer {token} "},
    {"Authorization": "Bearer {token}, Bearer {token}"},
    {"Authorization": "Bearer " + "x" * 10_000},
    {"Cookie": "token={token}"},
    {"X-Access-Token": "{token}"},
]


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_without_a_good_token_nobody_gets_in(client: httpx.AsyncClient, player: Player, prefix: str) -> None:
    for method, path in SIGNED_IN:
        for headers in BAD_HEADERS:
            sent = {name: value.format(token=player.token) for name, value in headers.items()}
            reply = await client.request(method, prefix + path, headers=sent)
            problem(reply, 401, "unauthenticated")
            assert reply.headers["www-authenticate"] == "Bearer"
    assert (await client.get(f"{prefix}/me?token={player.token}")).status_code == 401
    assert (await client.get(f"{prefix}/me", headers=player.headers)).status_code == 200


async def test_only_admins_invite(client: httpx.AsyncClient, players: Players) -> None:
    for role in ("player", "host"):
        nobody = await players.make(role)
        problem(await client.post("/orgs/invitations", json={}, headers=nobody.headers), 403, "forbidden")
    guest = (await client.post("/auth/guest", json={"nickname": "Zed"})).json()
    headers = {"Authorization": f"Bearer {guest['access_token']}"}
    problem(await client.post("/orgs/invitations", json={}, headers=headers), 403, "forbidden")
    admin = await players.make("admin")
    assert (await client.post("/orgs/invitations", json={}, headers=admin.headers)).status_code == 201


async def test_who_may_not_is_told_so_before_the_body_is_read(client: httpx.AsyncClient, player: Player) -> None:
    problem(await client.post("/orgs/invitations", content=b"{", headers=player.headers), 403, "forbidden")
    problem(await client.patch("/me", content=b"{"), 401, "unauthenticated")


async def test_a_method_that_a_path_does_not_take_is_named_as_such(client: httpx.AsyncClient) -> None:
    for method, path in [("GET", "/auth/login"), ("PUT", "/me"), ("DELETE", "/auth/register")]:
        problem(await client.request(method, path), 405, "method-not-allowed")
