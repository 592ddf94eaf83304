"""What one process has stored is refused by none of the others, however little they have heard of it yet."""

import httpx
import pytest

from tests.api.conftest import MakeApp
from tests.support.accounts import Player, Players
from tests.support.banks import add_questions, question
from tests.support.problems import problem
from tests.support.serving import client_of, services_of
from trivia.http.middleware import RequestMiddleware


@pytest.fixture
async def apps(make_app: MakeApp) -> list[RequestMiddleware]:
    """Two processes on one database, with a bank that both know."""
    apps = [await make_app(), await make_app()]
    position = await add_questions(services_of(apps[0]).log, [question(n) for n in range(1, 41)])
    for app in apps:
        await services_of(app).pool_at(position)
    return apps


@pytest.fixture
async def processes(apps: list[RequestMiddleware]) -> list[httpx.AsyncClient]:
    return [client_of(app) for app in apps]


@pytest.fixture
async def player(processes: list[httpx.AsyncClient], players: Players) -> Player:
    player = await players.make("player")
    # Both keep a state of the user, which from here on one of them does not hear of.
    for process in processes:
        assert (await process.get("/questions?limit=1", headers=player.headers)).status_code == 200
    return player


async def draw(process: httpx.AsyncClient, user: Player, limit: int = 1) -> list[dict]:
    reply = await process.get(f"/questions?limit={limit}", headers=user.headers)
    assert reply.status_code == 200
    return reply.json()


async def answer(process: httpx.AsyncClient, user: Player, number: int, text: str = "none of these") -> httpx.Response:
    return await process.post(f"/questions/{number}/answer", json={"answer": text}, headers=user.headers)


async def test_an_answer_may_be_sent_to_another_process_than_the_one_that_gave_the_question(processes, player):
    for turn in range(10):
        (given,) = await draw(processes[turn % 2], player)
        assert (await answer(processes[1 - turn % 2], player, given["id"])).status_code == 200
        problem(await answer(processes[turn % 2], player, given["id"]), 409, "conflict")


async def test_after_a_reset_in_another_process_an_answer_is_taken_again(processes, player):
    here, elsewhere = processes
    given = await draw(here, player, 38)
    number = given[0]["id"]
    assert (await answer(here, player, number)).status_code == 200
    assert (await elsewhere.post("/me/seen/reset", headers=player.headers)).status_code == 200
    assert number in [each["id"] for each in await draw(elsewhere, player, 40)]
    assert (await answer(here, player, number)).status_code == 200
    problem(await answer(elsewhere, player, number), 409, "conflict")


async def test_a_question_that_another_process_has_just_added_can_be_answered_reported_and_retired(
    apps, processes, player, players
):
    admin = await players.make("admin")
    here, elsewhere = processes
    services = services_of(apps[1])
    await services.pool_at(await add_questions(services.log, [question(n, topic="New") for n in range(41, 45)]))
    drawn = await elsewhere.get("/questions?limit=4&topic=New", headers=player.headers)
    first, second, third, _ = [each["id"] for each in drawn.json()]
    assert (await answer(here, player, first)).status_code == 200
    reported = await here.post(f"/questions/{second}/report", json={"reason": "Wrong."}, headers=player.headers)
    assert reported.status_code == 204
    await add_questions(services.log, [question(45)])
    for number in (third, 45):
        assert (await here.delete(f"/questions/{number}", headers=admin.headers)).status_code == 204


async def test_what_no_process_knows_is_still_refused(processes, player, players):
    admin = await players.make("admin")
    for number in (0, 41, 10**6, 2**32, 2**70):
        problem(await answer(processes[0], player, number), 404, "not-found")
        reported = await processes[0].post(f"/questions/{number}/report", json={"reason": "?"}, headers=player.headers)
        problem(reported, 404, "not-found")
        problem(await processes[0].delete(f"/questions/{number}", headers=admin.headers), 404, "not-found")
