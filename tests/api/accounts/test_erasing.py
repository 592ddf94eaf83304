"""DELETE /me: after it nothing tells who the person was."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from events.encryption import SubjectKeys
from events.log import LogUnavailable
from tests.api.conftest import MakeApp, MakeClient
from tests.support.accounts import PASSWORD, Player
from tests.support.databases import SQLITE_PREFIX
from tests.support.postgres import PostgresServer
from tests.support.problems import problem
from tests.support.serving import client_of, services_of
from tests.support.waiting import eventually
from trivia.accounts.tokens import CLOCK_SKEW_SECONDS, MAX_TOKEN_SECONDS
from trivia.http.problems import Unauthenticated
from trivia.services import Services
from trivia.settings import Settings

ADA = {
    "email": "Lovelace.Augusta@Analytical.example",
    "password": "difference engine",
    "name": "Augusta Lovelace-Byron",
}
TRACES = [b"lovelace", b"analytical.example", b"zed-the-guest"]


async def register(client: httpx.AsyncClient) -> dict[str, Any]:
    reply = await client.post("/auth/register", json=ADA)
    assert reply.status_code == 201
    body: dict[str, Any] = reply.json()
    return body | {"headers": {"Authorization": f"Bearer {body['access_token']}"}}


def raw_files(url: str, request: pytest.FixtureRequest) -> list[Path]:
    """Every file in which the database keeps anything, brought up to date."""
    if url.startswith(SQLITE_PREFIX):
        path = Path(url.removeprefix(SQLITE_PREFIX))
        return list(path.parent.glob(f"{path.name}*"))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.sql("CHECKPOINT")
    return [path for path in (server._directory / "data").rglob("*") if path.is_file()]


def traces(url: str, request: pytest.FixtureRequest) -> list[bytes]:
    found = set()
    for path in raw_files(url, request):
        raw = path.read_bytes().lower()
        found |= {trace for trace in [*TRACES, b"canary"] if trace in raw}
    return sorted(found)


async def test_the_erased_can_neither_sign_in_nor_refresh_nor_use_their_token(client: httpx.AsyncClient) -> None:
    ada = await register(client)
    reply = await client.delete("/me", headers=ada["headers"])
    assert (reply.status_code, reply.content) == (204, b"")
    problem(await client.get("/me", headers=ada["headers"]), 401, "unauthenticated")
    problem(await client.delete("/me", headers=ada["headers"]), 401, "unauthenticated")
    login = {"email": ADA["email"], "password": ADA["password"]}
    problem(await client.post("/auth/login", json=login), 401, "unauthenticated")
    for _ in range(2):
        refreshed = await client.post("/auth/refresh", json={"refresh_token": ada["refresh_token"]})
        problem(refreshed, 401, "unauthenticated")


async def test_the_address_can_be_registered_anew_by_someone_who_is_not_the_old_user(client: httpx.AsyncClient) -> None:
    before = await register(client)
    await client.delete("/me", headers=before["headers"])
    after = await register(client)
    assert after["user"]["id"] != before["user"]["id"]
    assert (await client.get("/me", headers=after["headers"])).status_code == 200
    problem(await client.get("/me", headers=before["headers"]), 401, "unauthenticated")


async def test_no_file_of_the_database_ever_holds_a_name_or_an_address(
    client: httpx.AsyncClient, services: Services, settings: Settings, request: pytest.FixtureRequest
) -> None:
    ada = await register(client)
    await client.patch("/me", json={"name": "Augusta Lovelace-King"}, headers=ada["headers"])
    guest = (await client.post("/auth/guest", json={"nickname": "zed-the-guest"})).json()
    # What is not personal is found, so the search would have found the rest.
    await services.administration.make_organisation("canary", "Canary")
    assert traces(settings.database_url, request) == [b"canary"]
    for token in (ada["access_token"], guest["access_token"]):
        assert (await client.delete("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 204
    assert traces(settings.database_url, request) == [b"canary"]


async def test_a_guest_is_erased_too(client: httpx.AsyncClient, services: Services) -> None:
    guest = (await client.post("/auth/guest", json={"nickname": "Zed"})).json()
    headers = {"Authorization": f"Bearer {guest['access_token']}"}
    assert (await client.delete("/me", headers=headers)).status_code == 204
    problem(await client.get("/me", headers=headers), 401, "unauthenticated")


async def test_the_events_stay_and_cannot_be_opened(client: httpx.AsyncClient, services: Services) -> None:
    ada = await register(client)
    stream = f"user-{ada['user']['id']}"
    (registered,) = await services.log.read_stream(stream)
    await client.delete("/me", headers=ada["headers"])
    kept = await services.log.read_stream(stream)
    assert [event.type for event in kept] == ["UserRegistered", "SubjectForgotten"]
    assert kept[0] == registered
    assert await services.keys.decrypt(ada["user"]["id"], "AAAA") is None


async def test_erasing_at_the_same_time_as_everything_else_leaves_the_user_erased(client: httpx.AsyncClient) -> None:
    ada = await register(client)
    login = {"email": ADA["email"], "password": ADA["password"]}

    def requests() -> list[Awaitable[httpx.Response]]:
        return [
            client.delete("/me", headers=ada["headers"]),
            client.patch("/me", json={"name": "A"}, headers=ada["headers"]),
            client.post("/auth/login", json=login),
            client.post("/auth/refresh", json={"refresh_token": ada["refresh_token"]}),
            client.delete("/me", headers=ada["headers"]),
        ]

    replies = await asyncio.gather(*requests())
    assert {reply.status_code for reply in replies} <= {200, 204, 401}
    assert 204 in {replies[0].status_code, replies[4].status_code}
    for reply in replies[2:4]:
        if reply.status_code == 200:
            refreshed = await client.post("/auth/refresh", json={"refresh_token": reply.json()["refresh_token"]})
            problem(refreshed, 401, "unauthenticated")
            headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
            problem(await client.get("/me", headers=headers), 401, "unauthenticated")


async def test_another_process_refuses_the_token_and_lets_go_of_the_key(
    client: httpx.AsyncClient, make_app: MakeApp
) -> None:
    app = await make_app()
    async with client_of(app) as there:
        ada = await register(client)
        assert (await there.get("/me", headers=ada["headers"])).status_code == 200
        await client.delete("/me", headers=ada["headers"])
        problem(await there.get("/me", headers=ada["headers"]), 401, "unauthenticated")
        keys = services_of(app).keys
        await eventually(lambda: ada["user"]["id"] not in keys._ciphers)


async def test_a_process_that_starts_later_refuses_the_token(
    client: httpx.AsyncClient, make_client: MakeClient
) -> None:
    ada = await register(client)
    await client.delete("/me", headers=ada["headers"])
    later = await make_client()
    problem(await later.get("/topics", headers=ada["headers"]), 401, "unauthenticated")


Step = Callable[[SubjectKeys, str], Awaitable[None]]


async def fail_at(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    async def failing(keys: SubjectKeys, subject: str) -> None:
        raise LogUnavailable("the process ended here")

    monkeypatch.setattr(SubjectKeys, step, failing)


async def test_an_erasure_that_broke_off_before_the_key_was_destroyed_is_finished_by_the_next_start(
    client: httpx.AsyncClient, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    ada = await register(client)
    with monkeypatch.context() as broken:
        await fail_at(broken, "forget")
        problem(await client.delete("/me", headers=ada["headers"]), 503, "unavailable")
    # It is recorded already: nobody can be this user any more, though their key is still there.
    problem(await client.get("/me", headers=ada["headers"]), 401, "unauthenticated")
    assert await services.keys.half_forgotten() == [ada["user"]["id"]]
    await make_app()
    assert await services.keys.half_forgotten() == []
    services.keys.drop(ada["user"]["id"])
    assert await services.keys.decrypt(ada["user"]["id"], "AAAA") is None


async def test_an_erasure_that_broke_off_before_it_was_recorded_has_not_happened_and_can_be_asked_for_again(
    client: httpx.AsyncClient, services: Services, make_app: MakeApp, player: Player
) -> None:
    await services.keys.begin_forgetting(player.id)
    await make_app()
    login = {"email": player.email, "password": PASSWORD}
    assert (await client.post("/auth/login", json=login)).json()["user"]["name"] == "Ada"
    assert (await client.delete("/me", headers=player.headers)).status_code == 204
    assert await services.keys.half_forgotten() == []


async def test_guests_are_erased_once_their_token_can_no_longer_be_good(
    client: httpx.AsyncClient, services: Services
) -> None:
    guests = [(await services.accounts.joining.join_as_guest(name)).user.id for name in ("Zed", "Zoe", "Zac")]
    account = await register(client)
    assert await services.accounts.forget_guests() == 0

    await services.positions.reach(await services.log.head(), ["accounts"])
    day = (MAX_TOKEN_SECONDS + CLOCK_SKEW_SECONDS + 1) * 1_000_000
    aged = "UPDATE accounts SET created_at = created_at - $1 WHERE user_id = $2"
    for user in (*guests[:2], account["user"]["id"]):
        await services.models.execute([(aged, [(day, user)])])

    assert await services.accounts.forget_guests() == 2
    assert await services.accounts.forget_guests() == 0
    for guest in guests[:2]:
        with pytest.raises(Unauthenticated):
            await services.accounts.known(guest)
        assert await services.keys.decrypt(guest, "AAAA") is None
    assert (await services.accounts.known(guests[2])).profile == {"nickname": "Zac"}
    assert (await client.get("/me", headers=account["headers"])).status_code == 200
