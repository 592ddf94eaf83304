"""POST /auth/login, /auth/refresh and /auth/logout."""

import asyncio
from collections import Counter

import httpx
import pytest

from tests.api.conftest import MakeClient
from tests.support.accounts import PASSWORD, Player, Players
from tests.support.problems import problem
from trivia.accounts.passwords import Passwords
from trivia.services import Services


async def sign_in(client: httpx.AsyncClient, player: Player, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/auth/login", json={"email": player.email, "password": password})


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/auth/refresh", json={"refresh_token": token})


async def test_signing_in_gives_tokens_that_work(client: httpx.AsyncClient, player: Player) -> None:
    reply = await sign_in(client, player)
    assert reply.status_code == 200
    body = reply.json()
    assert set(body) == {"user", "access_token", "token_type", "expires_in", "refresh_token"}
    me = await client.get("/me", headers={"Authorization": f"bearer {body['access_token']}"})
    assert me.json() == body["user"]


async def test_who_has_no_account_and_who_has_another_password_are_told_the_same(
    client: httpx.AsyncClient, player: Player
) -> None:
    wrong = problem(await sign_in(client, player, "not the password"), 401, "unauthenticated")
    nobody = problem(
        await client.post("/auth/login", json={"email": "nobody@example.org", "password": PASSWORD}),
        401,
        "unauthenticated",
    )
    assert wrong | {"instance": ""} == nobody | {"instance": ""}


async def test_a_password_is_compared_whether_or_not_there_is_an_account(
    client: httpx.AsyncClient, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: Counter[bool] = Counter()
    verify = Passwords.verify

    async def counting(passwords: Passwords, stored: str | None, password: str, client: str = "") -> bool:
        compared[stored is None] += 1
        return await verify(passwords, stored, password, client)

    monkeypatch.setattr(Passwords, "verify", counting)
    await sign_in(client, player, "not the password")
    await client.post("/auth/login", json={"email": "nobody@example.org", "password": PASSWORD})
    await client.post("/auth/login", json={"email": "no-address-\u2474@example.org", "password": PASSWORD})
    assert compared == {False: 1, True: 2}


async def test_after_ten_failures_even_the_right_password_has_to_wait(
    client: httpx.AsyncClient, player: Player
) -> None:
    for _ in range(10):
        problem(await sign_in(client, player, "a guess"), 401, "unauthenticated")
    reply = await sign_in(client, player)
    problem(reply, 429, "too-many-requests")
    assert int(reply.headers["retry-after"]) >= 1


async def test_guessing_at_an_address_that_does_not_exist_is_slowed_down_in_the_same_way(
    client: httpx.AsyncClient,
) -> None:
    guess = {"email": "nobody@example.org", "password": "a guess"}
    replies = [await client.post("/auth/login", json=guess) for _ in range(11)]
    assert [reply.status_code for reply in replies] == [401] * 10 + [429]


async def test_one_who_guesses_at_many_accounts_is_slowed_down_and_others_are_not(
    make_client: MakeClient, client: httpx.AsyncClient, players: Players
) -> None:
    victims = [await players.make() for _ in range(11)]
    replies = [await sign_in(client, victim, "a guess") for victim in victims]
    assert [reply.status_code for reply in replies] == [401] * 10 + [429]
    elsewhere = await make_client(address="198.51.100.9")
    assert (await sign_in(elsewhere, victims[0])).status_code == 200


async def test_failures_before_a_success_are_forgiven(client: httpx.AsyncClient, player: Player) -> None:
    for _ in range(2):
        for _ in range(4):
            problem(await sign_in(client, player, "a guess"), 401, "unauthenticated")
        assert (await sign_in(client, player)).status_code == 200


async def test_a_refresh_token_gives_the_next_one(client: httpx.AsyncClient, player: Player) -> None:
    token = (await sign_in(client, player)).json()["refresh_token"]
    seen = {token}
    for _ in range(4):
        reply = await refresh(client, token)
        assert reply.status_code == 200
        body = reply.json()
        assert set(body) == {"user", "access_token", "token_type", "expires_in", "refresh_token"}
        assert body["user"]["id"] == player.id
        token = body["refresh_token"]
        seen.add(token)
    assert len(seen) == 5


async def test_a_token_shown_many_times_at_once_gets_one_successor_whichever_process_answers(
    client: httpx.AsyncClient, make_client: MakeClient, player: Player
) -> None:
    token = (await sign_in(client, player)).json()["refresh_token"]
    other_process = await make_client()
    replies = await asyncio.gather(*[refresh([client, other_process][n % 2], token) for n in range(10)])
    assert [reply.status_code for reply in replies] == [200] * 10
    (successor,) = {reply.json()["refresh_token"] for reply in replies}
    # A reply that was lost: the client sends the same again, and goes on with what it gets.
    assert (await refresh(client, token)).json()["refresh_token"] == successor
    assert (await refresh(other_process, successor)).status_code == 200


async def test_signing_out_ends_the_family_and_may_be_done_twice(
    client: httpx.AsyncClient, services: Services, player: Player
) -> None:
    token = (await sign_in(client, player)).json()["refresh_token"]
    for position in (str(await services.log.head() + 1), None):
        reply = await client.post("/auth/logout", json={"refresh_token": token})
        assert (reply.status_code, reply.content, reply.headers.get("x-event-position")) == (204, b"", position)
    problem(await refresh(client, token), 401, "unauthenticated")


async def test_signing_out_with_a_spent_token_ends_the_family_too(client: httpx.AsyncClient, player: Player) -> None:
    first = (await sign_in(client, player)).json()["refresh_token"]
    second = (await refresh(client, first)).json()["refresh_token"]
    assert (await client.post("/auth/logout", json={"refresh_token": first})).status_code == 204
    problem(await refresh(client, second), 401, "unauthenticated")


FORGERIES = [
    "x",
    "..",
    "a.b.c",
    "a.1.",
    ".1.secret",
    "{login}.1.secret",
    "{login}.1.{secret}x",
    "{login}.2.{secret}",
    "{login}.0.{secret}",
    "{login}.-1.{secret}",
    "{login}.99999999999999999999.{secret}",
    "{login}.¹.{secret}",
    "{login} .1.{secret}",
    "{login}.01.{secret}",
    "nobody.1.{secret}",
    "x" * 290,
    "😀.1.{secret}",
]


async def test_a_forged_refresh_token_gets_nothing_and_ends_nothing(
    client: httpx.AsyncClient, services: Services, player: Player
) -> None:
    token = (await sign_in(client, player)).json()["refresh_token"]
    login, _, secret = token.split(".")
    head = await services.log.head()
    for forgery in FORGERIES:
        forged = forgery.format(login=login, secret=secret)
        problem(await refresh(client, forged), 401, "unauthenticated")
        assert (await client.post("/auth/logout", json={"refresh_token": forged})).status_code == 204
    assert await services.log.head() == head
    assert (await refresh(client, token)).status_code == 200


async def test_a_refreshed_token_has_the_role_of_today(
    client: httpx.AsyncClient, services: Services, player: Player
) -> None:
    token = (await sign_in(client, player)).json()["refresh_token"]
    await services.administration.set_role(player.email, "host")
    assert (await refresh(client, token)).json()["user"]["role"] == "host"


async def test_neither_passwords_nor_addresses_nor_tokens_are_logged(
    client: httpx.AsyncClient, player: Player, capfd: pytest.CaptureFixture[str]
) -> None:
    body = (await sign_in(client, player)).json()
    await sign_in(client, player, "almost the password")
    await refresh(client, body["refresh_token"])
    await refresh(client, body["refresh_token"])
    await client.get("/me", headers={"Authorization": f"Bearer {body['access_token']}x"})
    out, err = capfd.readouterr()
    for secret in (player.email, PASSWORD, "almost", body["refresh_token"], body["access_token"]):
        assert secret not in out + err
