"""A GET that names a position is answered from what has taken in as much, or says in time that it cannot be."""

import asyncio

import httpx

import trivia.http.read_your_writes
from events.log import ANY, StreamWrite
from events.vocabulary.accounts import OrganisationMade
from projections.models.accounts import ORGANISATIONS
from tests.support.accounts import Player
from tests.support.banks import add_questions, question
from tests.support.problems import paths, problem
from tests.support.serving import services_of
from trivia.services import Services

MIN_POSITION = "X-Min-Position"
READING = [
    "/questions",
    "/questions/availability",
    "/topics",
    "/me/history",
    "/user_quiz_stats",
    "/questions/export",
    "/api/v1/questions",
    "/api/v1/topics",
]


async def ask(client: httpx.AsyncClient, path: str, who: Player, position: object) -> httpx.Response:
    return await client.get(path, headers=who.headers | {MIN_POSITION: str(position)})


async def test_what_another_process_has_stored_is_there_for_whoever_names_its_position(make_app, client, host):
    other = services_of(await make_app())
    for number in range(1, 9):
        topic = f"Topic {number}"
        position = await add_questions(other.log, [question(number, topic=topic)])
        if number % 2:
            drawn = await ask(client, f"/questions?topic={topic}", host, position)
            assert [each["topic"] for each in drawn.json()] == [topic]
        else:
            listed = await ask(client, "/topics", host, position)
            assert topic in [each["topic"] for each in listed.json()]


async def test_a_table_is_waited_for_as_well(services: Services):
    made = OrganisationMade("ours", "Ours", shared_bank=False)
    position = (await services.log.append([StreamWrite("org-ours", ANY, [made])])).last
    await services.positions.reach(position, ["accounts"])
    assert list(await services.models.load(ORGANISATIONS, [("ours",)])) == [("ours",)]


async def test_the_position_of_an_import_is_told_and_a_dry_run_has_none(client, host, services):
    row = {"prompt": "One?", "options": ["a", "b", "c", "d"], "answer": "a", "topic": "Art"}
    rehearsed = await client.post("/questions/import?dry_run=true", json={"questions": [row]}, headers=host.headers)
    assert "x-event-position" not in rehearsed.headers
    stored = await client.post("/questions/import", json={"questions": [row]}, headers=host.headers)
    assert stored.headers["x-event-position"] == str(await services.log.head())


async def test_a_position_that_is_none_is_refused_by_name(client, host):
    for path in READING:
        for wrong in ("", "x", "-1", "1.5", "+1", str(2**63), "9" * 5_000, "1 2"):
            assert paths(problem(await ask(client, path, host, wrong), 400, "bad-input")) == [MIN_POSITION]


async def test_a_position_that_is_not_taken_in_is_given_up_in_time(client, host, services, monkeypatch):
    monkeypatch.setattr(trivia.http.read_your_writes, "WAIT_SECONDS", 0.05)
    (following,) = [task for task in asyncio.all_tasks() if task.get_name() == "live views"]
    following.cancel()
    await asyncio.wait([following])
    head = await add_questions(services.log, [question(1)])
    for path in ("/questions", "/topics", "/api/v1/questions"):
        reply = await ask(client, path, host, head)
        assert str(head) in problem(reply, 504, "not-yet")["detail"]
        assert reply.headers["retry-after"] == "1"


async def test_a_position_beyond_the_log_is_refused_and_not_waited_for(client, host, services):
    for path in ("/questions", "/topics", "/questions/availability", "/api/v1/questions"):
        for position in (await services.log.head() + 1, 2**63 - 1):
            refused = problem(await ask(client, path, host, position), 400, "bad-input")
            assert refused["errors"] == [
                {"path": MIN_POSITION, "message": f"the log ends at {await services.log.head()}"}
            ]
    assert (await ask(client, "/topics", host, 0)).status_code == 200


async def test_nobody_who_may_not_ask_is_kept_waiting(client, host, players):
    player = await players.make("player")
    problem(await client.get("/topics", headers={MIN_POSITION: str(2**63 - 1)}), 401, "unauthenticated")
    problem(await client.get("/questions", headers={MIN_POSITION: str(2**63 - 1)}), 401, "unauthenticated")
    problem(await ask(client, "/questions/export", player, 2**63 - 1), 403, "forbidden")
