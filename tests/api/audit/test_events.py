"""GET /events, /events/{position}/proof and /audit/verify."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from events.log import ANY, Context, StreamWrite
from events.tamper_evidence.proof import Proof, check_proof
from events.vocabulary.accounts import PasswordChanged
from tests.api.conftest import MakeApp
from tests.support.accounts import Player, Players
from tests.support.banks import question
from tests.support.postgres import PostgresServer
from tests.support.problems import problem
from tests.support.sealed import tamperer
from tests.support.serving import services_of
from tests.support.waiting import eventually
from trivia.services import Services

QUIZZERS, OTHERS = Context("quizzers", "someone"), Context("others", "someone-else")


@pytest.fixture
async def outsider(players: Players) -> Player:
    """An admin of an organisation that does not run the installation."""
    return await players.make("admin", org="quizzers")


async def add(services: Services, number: int, context: Context = QUIZZERS, stream: str | None = None) -> int:
    write = StreamWrite(stream or f"question-{number}", ANY, [question(number, org=str(context.org))])
    return (await services.log.append([write], context=context)).last


async def read_all(client: httpx.AsyncClient, player: Player, **query: Any) -> list[dict[str, Any]]:
    """Every page, as a client is told to read them."""
    events, after = [], query.pop("after", 0)
    while True:
        reply = await client.get("/events", params={**query, "after": after}, headers=player.headers)
        assert reply.status_code == 200, reply.text
        page = reply.json()
        assert len(page["events"]) <= query.get("limit", 100)
        events += page["events"]
        if page["after"] >= min(page["head"], query.get("until", page["head"])):
            return events
        assert page["after"] > after
        after = page["after"]


async def test_operators_see_every_event_in_order(client: httpx.AsyncClient, services: Services, admin: Player) -> None:
    await add(services, 1)
    await add(services, 2, OTHERS)
    await add(services, 3, Context())
    head = await services.log.head()
    for limit in (1, 2, 3, 100):
        found = await read_all(client, admin, limit=limit)
        assert [event["position"] for event in found] == list(range(1, head + 1))
    last = found[-1]
    assert last["type"] == "QuestionAdded"
    assert last["stream"] == "question-3"
    assert last["data"]["prompt"] == question(3).prompt
    assert last["recorded_at"].endswith("Z")
    assert [event["position"] for event in await read_all(client, admin, after=1, until=3)] == [2, 3]


async def test_an_admin_sees_the_events_of_their_own_organisation_alone(
    client: httpx.AsyncClient, services: Services, outsider: Player, host: Player
) -> None:
    own, foreign = [], []
    for number in range(40):
        (own if number % 7 == 0 else foreign).append(
            await add(services, number, QUIZZERS if number % 7 == 0 else OTHERS, f"stream-{number % 2}")
        )
    await add(services, 50, Context())
    for query in ({}, {"limit": 1}, {"limit": 4}, {"stream": "stream-0"}, {"type": "QuestionAdded", "limit": 2}):
        events = await read_all(client, outsider, **query)
        assert {event["metadata"].get("org") for event in events} == {"quizzers"}
        seen = [event["position"] for event in events if event["type"] == "QuestionAdded"]
        assert seen == ([own[n] for n in (0, 2, 4)] if "stream" in query else own)
    await services.sealing.sealer.seal_all()
    for position in (foreign[0], foreign[-1], await services.log.head()):
        reply = await client.get(f"/events/{position}/proof", headers=outsider.headers)
        problem(reply, 404, "not-found")
    problem(await client.get("/audit/verify", headers=outsider.headers), 403, "forbidden")
    problem(await client.get("/events", headers=host.headers), 403, "forbidden")


async def test_events_of_one_stream_or_type(client: httpx.AsyncClient, services: Services, admin: Player) -> None:
    wanted = []
    for number in range(12):
        position = await add(services, number, stream=f"stream-{number % 3}")
        if number % 3 == 1:
            wanted.append(position)
    for limit in (1, 2, 4, 50):
        found = await read_all(client, admin, stream="stream-1", limit=limit)
        assert [event["position"] for event in found] == wanted
        assert [event["version"] for event in found] == [1, 2, 3, 4]
    found = await read_all(client, admin, stream="stream-1", after=wanted[0], until=wanted[2], limit=1)
    assert [event["position"] for event in found] == wanted[1:3]
    assert len(await read_all(client, admin, type="QuestionAdded", limit=5)) == 12
    assert await read_all(client, admin, type="NoSuchThing") == []
    assert await read_all(client, admin, stream="no-such-stream") == []


async def test_an_event_that_was_spoilt_is_shown_as_it_is(
    client: httpx.AsyncClient, services: Services, admin: Player, database_url: str, postgres_server: PostgresServer
) -> None:
    position = await add(services, 1)
    tamperer(database_url, postgres_server)(f"UPDATE events SET data = 'rubbish' WHERE position = {position}")
    (event,) = await read_all(client, admin, after=position - 1)
    assert event["data"] == {"unreadable": "rubbish"}


async def test_nobody_is_shown_the_hash_of_a_password(
    client: httpx.AsyncClient, services: Services, admin: Player
) -> None:
    await services.log.append([StreamWrite("user-x", ANY, [PasswordChanged("$argon2id$secret")])])
    text = (await client.get("/events", headers=admin.headers)).text
    assert "$argon2" not in text
    events = {event["type"]: event for event in msgspec.json.decode(text)["events"]}
    assert events["PasswordChanged"]["data"]["password"] == "(withheld)"
    assert events["UserRegistered"]["data"]["password"] == "(withheld)"
    await services.sealing.sealer.seal_all()
    position = events["UserRegistered"]["position"]
    problem(await client.get(f"/events/{position}/proof", headers=admin.headers), 403, "forbidden")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"limit": 0}, ["limit"]),
        ({"limit": 1001, "after": -1}, ["after", "limit"]),
        ({"after": 2**63}, ["after"]),
        ({"stream": "", "type": ""}, ["stream", "type"]),
        ({"unknown": 1}, ["unknown"]),
    ],
)
async def test_every_wrong_parameter_is_named(
    client: httpx.AsyncClient, admin: Player, query: dict[str, Any], fields: list[str]
) -> None:
    document = problem(await client.get("/events", params=query, headers=admin.headers), 400, "bad-input")
    assert sorted(error["path"] for error in document["errors"]) == fields


async def test_a_proof_holds_without_the_service(
    client: httpx.AsyncClient, services: Services, outsider: Player
) -> None:
    position = await add(services, 1)
    problem(await client.get(f"/events/{position}/proof", headers=outsider.headers), 409, "conflict")
    await services.sealing.sealer.seal_all()
    reply = await client.get(f"/events/{position}/proof", headers=outsider.headers)
    assert reply.status_code == 200
    proof = msgspec.json.decode(reply.content, type=Proof)
    assert check_proof(proof, services.sealing.key.public) == []
    assert (proof.event.position, proof.event.stream) == (position, "question-1")
    for nowhere in (0, position + 100, 2**63, 10**30):
        problem(await client.get(f"/events/{nowhere}/proof", headers=outsider.headers), 404, "not-found")


async def test_the_service_verifies_its_log_and_names_what_differs(
    client: httpx.AsyncClient, services: Services, admin: Player, database_url: str, postgres_server: PostgresServer
) -> None:
    for number in range(5):
        position = await add(services, number)
    await services.sealing.sealer.seal_all()
    found = (await client.get("/audit/verify", headers=admin.headers)).json()
    assert (found["ok"], found["sealed"], found["events"], found["next"]) == (True, position, position, None)
    tamperer(database_url, postgres_server)(f"UPDATE events SET data = '{{}}' WHERE position = {position}")
    reply = await client.get("/audit/verify", headers=admin.headers)
    assert reply.status_code == 200
    found = reply.json()
    assert (found["ok"], found["fault_count"]) == (False, 1)
    assert found["faults"] == [{"message": "the event is not as it was sealed", "position": position, "seal": 1}]
    problem(await client.get(f"/events/{position}/proof", headers=admin.headers), 409, "conflict")


async def test_verifying_goes_on_where_it_ended(client: httpx.AsyncClient, services: Services, admin: Player) -> None:
    for number in range(5):
        await add(services, number)
    await services.sealing.sealer.seal_all()
    await add(services, 6)
    head = await services.log.head()
    first = (await client.get("/audit/verify", params={"until": head - 1}, headers=admin.headers)).json()
    assert (first["ok"], first["last"], first["next"]) == (True, head - 1, head - 1)
    rest = (await client.get("/audit/verify", params={"after": first["next"]}, headers=admin.headers)).json()
    assert (rest["ok"], rest["last"], rest["next"]) == (True, head, None)
    assert rest["notes"] == [f"not yet sealed: the events from {head} to {head}"]


async def test_the_service_seals_by_itself(make_app: MakeApp, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "seals.ndjson"
    services = services_of(await make_app(seal_every=2, seal_file=str(file)))
    for number in range(4):
        await add(services, number)
    await eventually(lambda: file.exists() and len(file.read_text().splitlines()) == 2, 30)
    assert [(seal.first, seal.last) for seal in await services.sealing.store.seals(1, 10)] == [(1, 2), (3, 4)]
