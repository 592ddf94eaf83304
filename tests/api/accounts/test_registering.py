"""POST /auth/register and /auth/guest."""

import asyncio
from datetime import UTC, datetime

import httpx
import jwt
import pytest

from tests.support.accounts import Player, Players
from tests.support.problems import paths, problem
from trivia.services import Services

ADA = {"email": "Ada@Example.org", "password": "difference engine", "name": "Ada", "age": 36}


def bearer(reply: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_who_registers_is_signed_in(client: httpx.AsyncClient, prefix: str) -> None:
    reply = await client.post(f"{prefix}/auth/register", json=ADA)
    assert reply.status_code == 201
    body = reply.json()
    assert set(body) == {"user", "access_token", "token_type", "expires_in", "refresh_token"}
    assert (body["token_type"], body["expires_in"]) == ("bearer", 900)
    user = body["user"]
    assert user == {
        "id": user["id"],
        "kind": "account",
        "org_id": "public",
        "role": "player",
        "created_at": user["created_at"],
        "email": "Ada@Example.org",
        "name": "Ada",
        "age": 36,
        "nickname": None,
    }
    assert abs((datetime.fromisoformat(user["created_at"]) - datetime.now(UTC)).total_seconds()) < 600
    assert (await client.get(f"{prefix}/me", headers=bearer(reply))).json() == user
    assert reply.headers["cache-control"] == "no-store"


async def test_the_token_has_the_claims_that_clients_rely_on(client: httpx.AsyncClient) -> None:
    body = (await client.post("/auth/register", json=ADA)).json()
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["sub"] == body["user"]["id"]
    assert (claims["org_id"], claims["role"], claims["email"]) == ("public", "player", "Ada@Example.org")
    assert claims["exp"] - claims["iat"] == body["expires_in"]
    assert claims["jti"]
    # Nothing else of the person: a token is readable by whoever holds it.
    assert set(claims) == {"iss", "sub", "org_id", "role", "email", "iat", "exp", "jti", "ver"}


async def test_name_and_age_may_be_left_out(client: httpx.AsyncClient) -> None:
    reply = await client.post("/auth/register", json={"email": "b@example.org", "password": "12345678"})
    assert reply.status_code == 201
    assert (reply.json()["user"]["name"], reply.json()["user"]["age"]) == (None, None)


async def test_the_reply_says_where_in_the_log_the_user_is(client: httpx.AsyncClient, services: Services) -> None:
    reply = await client.post("/auth/register", json=ADA)
    assert int(reply.headers["x-event-position"]) == await services.log.head()


@pytest.mark.parametrize("spelling", ["Ada@Example.org", "ADA@EXAMPLE.ORG", "ada@example.org", "\uff41da@example.org"])
async def test_an_address_registers_once_however_it_is_spelt(
    client: httpx.AsyncClient, services: Services, spelling: str
) -> None:
    assert (await client.post("/auth/register", json=ADA)).status_code == 201
    head = await services.log.head()
    document = problem(await client.post("/auth/register", json=ADA | {"email": spelling}), 409, "conflict")
    assert "example" not in document["detail"].lower()
    assert await services.log.head() == head


async def test_of_many_who_race_for_an_address_exactly_one_gets_it(client: httpx.AsyncClient) -> None:
    spellings = ["ada@example.org", "ADA@example.org", "ada@EXAMPLE.org", "Ada@example.ORG"] * 3
    replies = await asyncio.gather(
        *[client.post("/auth/register", json=ADA | {"email": spelling}) for spelling in spellings]
    )
    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 11
    (winner,) = [reply for reply in replies if reply.status_code == 201]
    login = await client.post("/auth/login", json={"email": "ada@example.org", "password": ADA["password"]})
    assert login.json()["user"]["id"] == winner.json()["user"]["id"]


async def test_an_invitation_brings_its_user_into_the_organisation_with_the_role(
    client: httpx.AsyncClient, players: Players
) -> None:
    admin = await players.make("admin", org="quizzers")
    reply = await client.post("/orgs/invitations", json={"role": "host"}, headers=admin.headers)
    assert reply.status_code == 201
    invitation = reply.json()
    assert (invitation["org_id"], invitation["role"]) == ("quizzers", "host")
    assert datetime.fromisoformat(invitation["expires_at"]) > datetime.now(UTC)
    joined = await client.post("/auth/register", json=ADA | {"invite": invitation["invite"]})
    assert joined.status_code == 201
    assert (joined.json()["user"]["org_id"], joined.json()["user"]["role"]) == ("quizzers", "host")
    claims = jwt.decode(joined.json()["access_token"], options={"verify_signature": False})
    assert (claims["org_id"], claims["role"]) == ("quizzers", "host")


async def test_an_invitation_works_once_whoever_races_for_it(client: httpx.AsyncClient, admin: Player) -> None:
    code = (await client.post("/orgs/invitations", json={"role": "host"}, headers=admin.headers)).json()["invite"]
    replies = await asyncio.gather(
        *[
            client.post("/auth/register", json={"email": f"u{n}@example.org", "password": "12345678", "invite": code})
            for n in range(8)
        ]
    )
    assert sorted(reply.status_code for reply in replies) == [201] + [422] * 7
    for reply in replies:
        if reply.status_code != 201:
            assert paths(problem(reply, 422, "unprocessable")) == ["invite"]
    # Those who lost have not taken their addresses with them.
    loser = next(n for n, reply in enumerate(replies) if reply.status_code == 422)
    again = await client.post("/auth/register", json={"email": f"u{loser}@example.org", "password": "12345678"})
    assert again.status_code == 201


async def test_an_unknown_invitation_makes_no_user(client: httpx.AsyncClient, services: Services) -> None:
    head = await services.log.head()
    reply = await client.post("/auth/register", json=ADA | {"invite": "guessed"})
    assert paths(problem(reply, 422, "unprocessable")) == ["invite"]
    assert await services.log.head() == head


async def test_a_guest_plays_without_account_and_without_refresh_token(
    client: httpx.AsyncClient, services: Services
) -> None:
    reply = await client.post("/auth/guest", json={"nickname": "Zed ✨"})
    assert reply.status_code == 201
    body = reply.json()
    assert set(body) == {"user", "access_token", "token_type", "expires_in"}
    assert body["expires_in"] == services.settings.guest_token_seconds
    assert (body["user"]["kind"], body["user"]["nickname"], body["user"]["role"]) == ("guest", "Zed ✨", "player")
    assert (await client.get("/me", headers=bearer(reply))).json() == body["user"]


async def test_two_guests_may_have_one_nickname(client: httpx.AsyncClient) -> None:
    replies = [await client.post("/auth/guest", json={"nickname": "Zed"}) for _ in range(2)]
    assert len({reply.json()["user"]["id"] for reply in replies}) == 2
