"""GET and PATCH /me."""

import asyncio
from typing import Any

import httpx

from events.ids import uuid7
from tests.api.conftest import MakeClient
from tests.support.accounts import PASSWORD, Player, Players
from tests.support.problems import paths, problem
from tests.support.waiting import eventually
from trivia.accounts.tokens import Bearer
from trivia.services import Services

NEW_PASSWORD = "another fine password"


async def change(client: httpx.AsyncClient, player: Player, **fields: Any) -> httpx.Response:
    return await client.patch("/me", json=fields, headers=player.headers)


async def login(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/auth/login", json={"email": email, "password": password})


async def guest(client: httpx.AsyncClient) -> dict[str, str]:
    body = (await client.post("/auth/guest", json={"nickname": "Zed"})).json()
    return {"Authorization": f"Bearer {body['access_token']}"}


async def test_name_and_age_change_and_what_is_left_out_stays(client: httpx.AsyncClient, player: Player) -> None:
    reply = await change(client, player, name="Augusta")
    assert reply.status_code == 200
    assert (reply.json()["name"], reply.json()["age"], reply.json()["email"]) == ("Augusta", 36, player.email)
    reply = await change(client, player, age=None)
    assert (reply.json()["name"], reply.json()["age"]) == ("Augusta", None)
    assert (await client.get("/me", headers=player.headers)).json() == reply.json()


async def test_changing_nothing_appends_nothing(client: httpx.AsyncClient, services: Services, player: Player) -> None:
    head = await services.log.head()
    for fields in ({}, {"name": "Ada"}, {"age": 36}, {"password": PASSWORD}):
        reply = await change(client, player, **fields)
        assert reply.status_code == 200
        assert "x-event-position" not in reply.headers
    assert await services.log.head() == head


async def test_many_changes_at_once_all_take_effect(client: httpx.AsyncClient, player: Player) -> None:
    replies = await asyncio.gather(*[change(client, player, name=f"Ada {n}") for n in range(6)])
    assert {reply.status_code for reply in replies} == {200}
    name = (await client.get("/me", headers=player.headers)).json()["name"]
    last = max(replies, key=lambda reply: int(reply.headers["x-event-position"]))
    assert name == last.json()["name"]


async def test_a_new_address_is_reserved_and_the_old_one_free(client: httpx.AsyncClient, player: Player) -> None:
    reply = await change(client, player, email="Augusta@example.org", password=PASSWORD)
    assert reply.status_code == 200
    assert reply.json()["email"] == "Augusta@example.org"
    assert (await login(client, "augusta@example.org")).status_code == 200
    problem(await login(client, player.email), 401, "unauthenticated")
    taken = {"email": "AUGUSTA@example.org", "password": NEW_PASSWORD}
    problem(await client.post("/auth/register", json=taken), 409, "conflict")
    freed = await client.post("/auth/register", json={"email": player.email, "password": NEW_PASSWORD})
    assert freed.status_code == 201


async def test_an_address_may_be_spelt_anew_and_moved_there_and_back(client: httpx.AsyncClient, player: Player) -> None:
    for email in (player.email.upper(), "other@example.org", player.email):
        reply = await change(client, player, email=email, password=PASSWORD)
        assert (reply.status_code, reply.json()["email"]) == (200, email)
        assert (await login(client, email)).status_code == 200


async def test_an_address_that_is_taken_is_refused(client: httpx.AsyncClient, players: Players) -> None:
    ada, bob = await players.make(), await players.make()
    problem(await change(client, ada, email=bob.email.upper(), password=PASSWORD), 409, "conflict")
    assert (await client.get("/me", headers=ada.headers)).json()["email"] == ada.email


async def test_address_and_password_change_only_with_the_present_password(
    client: httpx.AsyncClient, services: Services, player: Player
) -> None:
    head = await services.log.head()
    for fields in (
        {"email": "x@example.org"},
        {"new_password": NEW_PASSWORD},
        {"email": "x@example.org", "password": "a guess"},
        {"new_password": NEW_PASSWORD, "password": None, "name": "X"},
    ):
        assert paths(problem(await change(client, player, **fields), 422, "unprocessable")) == ["password"]
    assert await services.log.head() == head


async def test_a_new_password_ends_every_login_and_every_token_in_every_process(
    client: httpx.AsyncClient, make_client: MakeClient, player: Player
) -> None:
    other_process = await make_client()
    refresh_token = (await login(client, player.email)).json()["refresh_token"]
    assert (await other_process.get("/me", headers=player.headers)).status_code == 200
    reply = await change(client, player, new_password=NEW_PASSWORD, password=PASSWORD)
    assert reply.status_code == 200
    problem(await client.get("/me", headers=player.headers), 401, "unauthenticated")
    problem(await client.post("/auth/refresh", json={"refresh_token": refresh_token}), 401, "unauthenticated")
    problem(await login(client, player.email), 401, "unauthenticated")
    fresh = await login(client, player.email, NEW_PASSWORD)
    token = {"Authorization": f"Bearer {fresh.json()['access_token']}"}
    assert (await client.get("/me", headers=token)).status_code == 200
    renewed = await client.post("/auth/refresh", json={"refresh_token": fresh.json()["refresh_token"]})
    assert renewed.status_code == 200

    async def refused_there() -> bool:
        return (await other_process.get("/me", headers=player.headers)).status_code == 401

    await eventually(refused_there)
    assert (await other_process.get("/me", headers=token)).status_code == 200


async def test_a_guest_has_a_nickname_to_change_and_nothing_else(client: httpx.AsyncClient, player: Player) -> None:
    headers = await guest(client)
    reply = await client.patch("/me", json={"nickname": "Zoe"}, headers=headers)
    assert (reply.status_code, reply.json()["nickname"]) == (200, "Zoe")
    everything = {
        "name": "Z",
        "age": 7,
        "email": "z@example.org",
        "new_password": NEW_PASSWORD,
        "password": PASSWORD,
    }
    refused = await client.patch("/me", json=everything, headers=headers)
    assert paths(problem(refused, 422, "unprocessable")) == sorted(everything)
    assert paths(problem(await change(client, player, nickname="Zed"), 422, "unprocessable")) == ["nickname"]


async def test_a_role_change_is_felt_at_once_here_and_soon_in_other_processes(
    client: httpx.AsyncClient, make_client: MakeClient, services: Services, player: Player
) -> None:
    other_process = await make_client()
    assert (await other_process.get("/me", headers=player.headers)).status_code == 200
    assert await services.administration.set_role(player.email, "admin")
    problem(await client.get("/me", headers=player.headers), 401, "unauthenticated")

    async def refused_there() -> bool:
        return (await other_process.get("/me", headers=player.headers)).status_code == 401

    await eventually(refused_there)


async def test_a_process_that_starts_later_refuses_what_was_revoked_before(
    client: httpx.AsyncClient, make_client: MakeClient, services: Services, player: Player, players: Players
) -> None:
    untouched = await players.make()
    await services.administration.set_role(player.email, "admin")
    later = await make_client()
    problem(await later.get("/me", headers=player.headers), 401, "unauthenticated")
    assert (await later.get("/me", headers=untouched.headers)).status_code == 200


async def test_a_token_of_a_user_that_the_log_does_not_know_is_refused(
    client: httpx.AsyncClient, services: Services, player: Player
) -> None:
    """As after a restore: the key that signed the token is the same, the user was lost."""
    lost = services.tokens.issue(Bearer(uuid7(), "public", "admin", 1), 600)
    # The user is there, and what the log had of them when the token was made is not.
    lost_change = services.tokens.issue(Bearer(player.id, "public", "admin", 2), 600)
    for token in (lost, lost_change):
        for path in ("/me", "/questions", "/metrics", "/events"):
            reply = await client.get(path, headers={"Authorization": f"Bearer {token}"})
            problem(reply, 401, "unauthenticated")
    assert (await client.get("/me", headers=player.headers)).status_code == 200
