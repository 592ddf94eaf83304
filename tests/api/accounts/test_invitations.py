"""Invitations: what they are worth, for how long, and who may see and revoke them."""

from typing import Any

import httpx
import pytest

from events.log import Context
from events.vocabulary.accounts import InvitationRevoked
from tests.support.accounts import PASSWORD, Player, Players
from tests.support.problems import paths, problem
from trivia.services import Services

PATH = "/orgs/invitations"


@pytest.fixture
async def boss(players: Players) -> Player:
    """An admin of an organisation of their own."""
    return await players.make("admin", org="quizzers")


async def invite(client: httpx.AsyncClient, admin: Player, role: str = "player") -> dict[str, Any]:
    reply = await client.post(PATH, json={"role": role}, headers=admin.headers)
    assert reply.status_code == 201
    return reply.json()


async def register(client: httpx.AsyncClient, code: str, email: str = "new@example.org") -> httpx.Response:
    return await client.post("/auth/register", json={"email": email, "password": PASSWORD, "invite": code})


async def listed(client: httpx.AsyncClient, admin: Player, services: Services, query: str = "") -> dict[str, Any]:
    position = {"X-Min-Position": str(await services.log.head())}
    reply = await client.get(f"{PATH}{query}", headers=admin.headers | position)
    assert reply.status_code == 200
    return reply.json()


async def test_what_can_be_used_is_listed_without_its_code_the_latest_first(
    client, services: Services, boss, admin
) -> None:
    made = [await invite(client, boss, role) for role in ("player", "host", "admin")]
    assert (await register(client, made[1]["invite"])).status_code == 201
    page = await listed(client, boss, services)
    assert page["cursor"] is None
    assert [(item["id"], item["role"], item["invited_by"]) for item in page["items"]] == [
        (made[n]["id"], made[n]["role"], boss.id) for n in (2, 0)
    ]
    assert [item["expires_at"] for item in page["items"]] == [made[n]["expires_at"] for n in (2, 0)]
    assert all(each["invite"] not in str(page) for each in made)
    assert (await listed(client, admin, services))["items"] == []


async def test_the_list_has_pages(client, services: Services, boss) -> None:
    made = [(await invite(client, boss))["id"] for _ in range(5)]
    found, cursor = [], ""
    while True:
        page = await listed(client, boss, services, f"?limit=2{cursor}")
        found += [item["id"] for item in page["items"]]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert found == made[::-1]
    problem(await client.get(f"{PATH}?cursor=x", headers=boss.headers), 400, "bad-input")


async def test_a_revoked_invitation_is_worth_nothing(client, services: Services, boss) -> None:
    made = await invite(client, boss)
    reply = await client.delete(f"{PATH}/{made['id']}", headers=boss.headers)
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["x-event-position"] == str(await services.log.head())
    assert paths(problem(await register(client, made["invite"]), 422, "unprocessable")) == ["invite"]
    assert (await listed(client, boss, services))["items"] == []
    problem(await client.delete(f"{PATH}/{made['id']}", headers=boss.headers), 409, "conflict")


async def test_a_used_invitation_cannot_be_revoked(client, boss) -> None:
    made = await invite(client, boss)
    assert (await register(client, made["invite"])).status_code == 201
    problem(await client.delete(f"{PATH}/{made['id']}", headers=boss.headers), 409, "conflict")


async def test_another_organisations_invitation_is_not_there(client, boss, admin) -> None:
    made = await invite(client, boss)
    for unknown in (made["id"], "0" * 64, "x", made["invite"]):
        problem(await client.delete(f"{PATH}/{unknown}", headers=admin.headers), 404, "not-found")
    assert (await register(client, made["invite"])).status_code == 201


async def test_only_admins_see_and_revoke(client, boss, players) -> None:
    made = await invite(client, boss)
    for role in ("player", "host"):
        other = await players.make(role, org="quizzers")
        problem(await client.get(PATH, headers=other.headers), 403, "forbidden")
        problem(await client.delete(f"{PATH}/{made['id']}", headers=other.headers), 403, "forbidden")
    problem(await client.get(PATH), 401, "unauthenticated")


async def test_an_invitation_ends_when_its_giver_is_demoted_or_erased(client, services: Services, players) -> None:
    demoted, erased = [await players.make("admin", org="quizzers") for _ in range(2)]
    witness = await players.make("admin", org="quizzers")
    codes = [
        (await invite(client, giver, role))["invite"] for giver in (demoted, erased) for role in ("admin", "player")
    ]
    assert len((await listed(client, witness, services))["items"]) == 4
    await services.administration.set_role(demoted.email, "host")
    await services.accounts.erase(erased.id, Context())
    for code in codes:
        assert paths(problem(await register(client, code), 422, "unprocessable")) == ["invite"]
    assert (await listed(client, witness, services))["items"] == []


@pytest.mark.parametrize("how", ["made", "promoted", "invited"])
async def test_the_first_admins_invitation_ends_once_there_is_an_admin(
    client, services: Services, players: Players, how: str
) -> None:
    code = await services.accounts.ensure_first_admin()
    assert code
    await players.make("admin", org="quizzers")
    await players.make("host")
    match how:
        case "made":
            await players.make("admin")
        case "promoted":
            player = await players.make("player")
            await services.administration.set_role(player.email, "admin")
        case "invited":
            assert (await register(client, code, "first@example.org")).status_code == 201
    assert paths(problem(await register(client, code), 422, "unprocessable")) == ["invite"]
    revoked = await services.log.read(types=[InvitationRevoked.__name__])
    assert len(revoked) == (0 if how == "invited" else 1)
