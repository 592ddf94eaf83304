"""Users see the options of a question in orders of their own, wherever they see it."""

from collections import Counter

from tests.api.conftest import MakeApp
from tests.support.accounts import Player, Players
from tests.support.serving import client_of, services_of

ROWS = [
    {
        "prompt": f"Which number is {number}?",
        "options": [f"{number}", f"not {number}", f"{number}!", "none of these"],
        "answer": f"{number}",
        "topic": "Numbers",
    }
    for number in range(40)
]


async def drawn(client, user: Player, key: str) -> list[dict]:
    reply = await client.get("/questions?limit=40", headers={**user.headers, "Idempotency-Key": key})
    assert reply.status_code == 200
    return reply.json()


async def test_the_right_option_of_an_import_comes_first_no_more_often_than_elsewhere(
    client, host: Player, players: Players, make_app: MakeApp
):
    imported = await client.post("/questions/import", json={"questions": ROWS}, headers=host.headers)
    assert imported.json()["imported"] == 40
    one, another = await players.make("player"), await players.make("player")

    given = await drawn(client, one, "k")

    places = Counter(question["options"].index(question["answer"]) for question in given)
    assert places.keys() == {0, 1, 2}
    assert max(places.values()) < 30
    assert {question["options"][3] for question in given} == {"none of these"}
    assert await drawn(client, one, "k") == given

    second = await make_app()
    await services_of(second).pool_at(await services_of(second).log.head())
    async with client_of(second) as elsewhere:
        assert await drawn(elsewhere, one, "k") == given

    orders = {question["id"]: question["options"] for question in given}
    theirs = {question["id"]: question["options"] for question in await drawn(client, another, "k")}
    assert sum(orders[number] != theirs[number] for number in orders) > 20

    # Whichever place the right option has, its text answers the question.
    first = given[0]
    reply = await client.post(f"/questions/{first['id']}/answer", json={"answer": first["answer"]}, headers=one.headers)
    assert reply.json()["correct"] is True


async def test_hosts_see_and_export_the_stored_order(client, host: Player, player: Player):
    await client.post("/questions/import", json={"questions": ROWS}, headers=host.headers)
    given = await drawn(client, player, "k")
    await client.post(f"/questions/{given[0]['id']}/report", json={"reason": "no"}, headers=player.headers)

    found = (await client.get("/questions/search?limit=100", headers=host.headers)).json()["items"]
    assert sorted(question["options"] for question in found) == sorted(row["options"] for row in ROWS)
    lines = (await client.get("/questions/export", headers=host.headers)).text.splitlines()
    assert all('none of these"]' in line for line in lines)
