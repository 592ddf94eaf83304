"""What the command line asks of accounts, and the first admin."""

import asyncio

import httpx
import jwt
import pytest

from tests.api.conftest import MakeApp
from tests.support.accounts import PASSWORD, Player, Players
from tests.support.problems import paths, problem
from tests.support.serving import services_of
from tests.support.waiting import eventually
from trivia.accounts.joining import Registration
from trivia.accounts.tokens import MAX_TOKEN_SECONDS
from trivia.http.problems import Conflicting, NotFound, Unprocessable
from trivia.services import Services

ADA = Registration("ada@example.org", PASSWORD, "Ada", 36)


async def test_an_operator_makes_users_with_any_role_who_can_sign_in(
    client: httpx.AsyncClient, services: Services
) -> None:
    await services.administration.make_organisation("quizzers", "The Quizzers")
    await services.administration.create_user(ADA, org="quizzers", role="admin")
    reply = await client.post("/auth/login", json={"email": "ADA@example.org", "password": PASSWORD})
    user = reply.json()["user"]
    assert (user["org_id"], user["role"], user["name"]) == ("quizzers", "admin", "Ada")
    assert (await services.log.read_stream(f"user-{user['id']}"))[0].metadata.count('"actor":"operator"') == 1


async def test_no_two_users_have_one_address_and_no_user_is_in_an_organisation_that_is_not_there(
    services: Services,
) -> None:
    await services.administration.create_user(ADA)
    with pytest.raises(Conflicting):
        await services.administration.create_user(ADA)
    with pytest.raises(NotFound, match="nowhere"):
        await services.administration.create_user(Registration("b@example.org", PASSWORD), org="nowhere")
    with pytest.raises(Unprocessable):
        await services.administration.create_user(Registration("no address", PASSWORD))


async def test_a_token_for_an_address_works_for_as_long_as_asked(client: httpx.AsyncClient, services: Services) -> None:
    user = await services.administration.create_user(ADA, role="host")
    token = await services.administration.issue_token("Ada@Example.org", 7200)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["role"], claims["exp"] - claims["iat"]) == (user.id, "host", 7200)
    assert (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).json()["email"] == ADA.email
    with pytest.raises(NotFound):
        await services.administration.issue_token("nobody@example.org", 60)
    with pytest.raises(ValueError, match="a token is good for"):
        await services.administration.issue_token(ADA.email, MAX_TOKEN_SECONDS + 1)


async def test_a_role_is_given_once_and_not_to_nobody(services: Services, player: Player) -> None:
    assert await services.administration.set_role(player.email, "host") is True
    assert await services.administration.set_role(player.email, "host") is False
    with pytest.raises(NotFound):
        await services.administration.set_role("nobody@example.org", "host")


async def test_an_operator_erases_a_user(client: httpx.AsyncClient, services: Services, player: Player) -> None:
    await services.administration.erase(player.email)
    problem(await client.get("/me", headers=player.headers), 401, "unauthenticated")
    with pytest.raises(NotFound):
        await services.administration.erase(player.email)


async def test_the_list_of_users_is_whole_and_opened_and_without_the_erased(
    client: httpx.AsyncClient, services: Services, players: Players
) -> None:
    made = [await players.make("host" if n % 2 else "player") for n in range(4)]
    guest = (await client.post("/auth/guest", json={"nickname": "Zed"})).json()["user"]
    await client.delete("/me", headers=made[0].headers)
    await services.administration.set_role(made[1].email, "admin")

    async def listed() -> bool:
        users = [known async for known in services.administration.list_users()]
        found = {known.user.id: (known.user.role, known.profile.get("email")) for known in users}
        return found == {
            made[1].id: ("admin", made[1].email),
            made[2].id: ("player", made[2].email),
            made[3].id: ("host", made[3].email),
            guest["id"]: ("player", None),
        }

    await eventually(listed)


@pytest.mark.parametrize("org", ["", "Quizzers", "-quiz", "quiz-", "a b", "q" * 41, "quiz\n", "../x", "ü"])
async def test_an_organisation_has_a_plain_id(services: Services, org: str) -> None:
    with pytest.raises(Unprocessable) as refusal:
        await services.administration.make_organisation(org, "Name")
    assert [error.path for error in refusal.value.errors] == ["org"]


async def test_an_organisation_is_made_once(services: Services) -> None:
    await services.administration.make_organisation("quizzers", "The Quizzers")
    for org in ("quizzers", "public"):
        with pytest.raises(Conflicting):
            await services.administration.make_organisation(org, "Again")


async def test_a_fresh_installation_tells_one_process_one_code_that_makes_the_first_admin(
    client: httpx.AsyncClient, services: Services, make_app: MakeApp
) -> None:
    processes = [services, services_of(await make_app())]
    codes = await asyncio.gather(*[one.accounts.ensure_first_admin() for one in processes * 3])
    (code,) = [code for code in codes if code is not None]
    assert await services.accounts.ensure_first_admin() is None
    body = {"email": "root@example.org", "password": PASSWORD, "invite": code}
    reply = await client.post("/auth/register", json=body)
    assert (reply.status_code, reply.json()["user"]["role"]) == (201, "admin")
    again = await client.post("/auth/register", json=body | {"email": "second@example.org"})
    assert paths(problem(again, 422, "unprocessable")) == ["invite"]


async def test_the_log_does_not_hold_the_code_of_an_invitation(services: Services) -> None:
    code = await services.accounts.ensure_first_admin()
    assert code
    assert all(code not in f"{event.stream} {event.data}" for event in await services.log.read())
