"""GET /projections and POST /projections/{name}/rebuild."""

import asyncio
from typing import Any

import httpx
import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.questions import QuestionRetired
from projections.engine.store import ReadModels
from projections.models.questions import QuestionsProjection
from projections.rebuild.background import LOCK
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.accounts import Player, Players
from tests.support.banks import add_questions, question
from tests.support.problems import problem
from tests.support.serving import client_of, running, services_of
from tests.support.waiting import eventually
from trivia.app import create_app
from trivia.platform.storage import open_storage
from trivia.services import Services
from trivia.settings import Settings


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.engine.projector.INTERVAL_SECONDS", 0.02)
    monkeypatch.setattr("projections.engine.run_status.WRITE_SECONDS", 0.02)


async def shown(client: httpx.AsyncClient, admin: Player, name: str) -> dict[str, Any]:
    reply = await client.get("/projections", headers=admin.headers)
    assert reply.status_code == 200, reply.text
    (found,) = [each for each in reply.json()["projections"] if each["name"] == name]
    return found


async def until(client: httpx.AsyncClient, admin: Player, name: str, **wanted: Any) -> dict[str, Any]:
    """Poll as a client would until the read model (or its rebuild, `rebuild=state`) is as wanted."""

    async def is_so() -> bool:
        found = await shown(client, admin, name)
        state = (found["rebuild"] or {}).get("state")
        return all((state if key == "rebuild" else found[key]) == value for key, value in wanted.items())

    await eventually(is_so, timeout=20)
    return await shown(client, admin, name)


async def test_every_read_model_is_listed_with_who_runs_it(
    client: httpx.AsyncClient, services: Services, admin: Player
) -> None:
    await add_questions(services.log, [question(n) for n in range(3)])
    head = await services.log.head()
    await until(client, admin, "questions", state="active", checkpoint=head)

    reply = (await client.get("/projections", headers=admin.headers)).json()

    assert [each["name"] for each in reply["projections"]] == [each.name for each in services.projections]
    assert reply["head"] == head
    assert reply["runner"]["alive"] is True
    assert reply["runner"]["seen_at"].endswith("Z")


async def test_it_is_for_those_who_run_the_installation(
    client: httpx.AsyncClient, players: Players, host: Player
) -> None:
    outsider = await players.make("admin", org="quizzers")
    for who in (outsider, host):
        problem(await client.get("/projections", headers=who.headers), 403, "forbidden")
        problem(await client.post("/projections/questions/rebuild", headers=who.headers), 403, "forbidden")


async def test_a_rebuild_runs_in_the_background_and_shows_how_it_ends(
    client: httpx.AsyncClient, services: Services, admin: Player
) -> None:
    await add_questions(services.log, [question(n) for n in range(20)])
    await until(client, admin, "questions", state="active", lag_events=0)
    await services.models.execute([("UPDATE questions SET answer = 'spoilt' WHERE number = 1", [()])])

    reply = await client.post("/projections/questions/rebuild", headers=admin.headers)

    assert reply.status_code == 202, reply.text
    assert reply.json()["name"] == "questions"
    assert reply.json()["rebuild"]["state"] in {"running", "done"}
    done = await until(client, admin, "questions", rebuild="done")
    assert done["rebuild"]["finished_at"]
    assert await services.models.fetch("SELECT answer FROM questions WHERE number = 1") != [("spoilt",)]


async def test_an_unknown_read_model_is_not_found(client: httpx.AsyncClient, admin: Player) -> None:
    problem(await client.post("/projections/nothing/rebuild", headers=admin.headers), 404, "not-found")


async def test_a_second_start_is_a_conflict_wherever_the_first_one_runs(
    client: httpx.AsyncClient, services: Services, admin: Player
) -> None:
    elsewhere = leadership_of(services.storage.database, f"{LOCK}questions")
    assert await elsewhere.acquire()
    problem(await client.post("/projections/questions/rebuild", headers=admin.headers), 409, "conflict")

    await elsewhere.release()
    assert (await client.post("/projections/questions/rebuild", headers=admin.headers)).status_code == 202
    await until(client, admin, "questions", rebuild="done")


async def test_a_rebuild_outlives_its_client_ends_with_the_service_and_goes_on_after(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = asyncio.Event()
    app = create_app(settings)
    async with running(app), client_of(app) as client:
        services = services_of(app)
        kind: type[ReadModels] = type(services.models)
        promote = kind.promote

        async def promote_later(*arguments: Any) -> bool:
            await hold.wait()
            return await promote(*arguments)

        monkeypatch.setattr(kind, "promote", promote_later)
        admin = await Players(services).make("admin")
        await add_questions(services.log, [question(n) for n in range(20)])
        posted = asyncio.create_task(client.post("/projections/questions/rebuild", headers=admin.headers))
        await until(client, admin, "questions", rebuild="running")
        posted.cancel()

        async def has_folded() -> bool:
            return bool((await shown(client, admin, "questions"))["rebuild"]["position"])

        await eventually(has_folded, timeout=20)
        await until(client, admin, "questions", rebuild="running")

    monkeypatch.undo()
    app = create_app(settings)
    async with running(app), client_of(app) as client:
        services = services_of(app)
        interrupted = (await until(client, admin, "questions", rebuild="interrupted"))["rebuild"]
        assert interrupted["position"] > 0
        assert await services.models.fetch("SELECT name FROM projection_checkpoints WHERE name = 'questions__rebuild'")
        assert (await client.post("/projections/questions/rebuild", headers=admin.headers)).status_code == 202
        await until(client, admin, "questions", rebuild="done")


async def test_a_bank_beyond_the_log_is_said_to_be_in_error_and_the_log_is_asked_instead(settings: Settings) -> None:
    app = create_app(settings)
    async with running(app), client_of(app) as client:
        services = services_of(app)
        await add_questions(services.log, [question(n) for n in range(5)])
        await until(client, await Players(services).make("admin"), "questions", state="active", lag_events=0)
    async with open_storage(settings.database_url) as storage:
        await models_of(storage.database).execute(
            [("UPDATE projection_checkpoints SET position = 1000 WHERE name = $1", [("questions",)])]
        )
    async with running(app), client_of(app) as client:
        services = services_of(app)
        admin = await Players(services).make("admin")
        await services.pool_at(await add_questions(services.log, [question(9)]))
        found = await until(client, admin, "questions", state="error")
        assert "it stands at 1000, but the log ends at" in found["error"]
        drawn = await client.get("/questions", params={"limit": 10}, headers=admin.headers)
        assert len(drawn.json()) == 6

        assert (await client.post("/projections/questions/rebuild", headers=admin.headers)).status_code == 202
        await until(client, admin, "questions", state="active", error=None)


async def test_after_an_upgrade_the_read_models_that_are_made_in_another_way_are_rebuilt(settings: Settings) -> None:
    app = create_app(settings)
    async with running(app), client_of(app) as client:
        services = services_of(app)
        await add_questions(services.log, [question(n) for n in range(5)])
        await until(client, await Players(services).make("admin"), "questions", state="active", lag_events=0)
    async with open_storage(settings.database_url) as storage:
        statements = [
            "UPDATE projection_checkpoints SET version = 1 WHERE name = 'questions'",
            "DELETE FROM question_words",
        ]
        await models_of(storage.database).execute([(statement, [()]) for statement in statements])

    app = create_app(settings)
    async with running(app), client_of(app) as client:
        services = services_of(app)
        admin = await Players(services).make("admin")
        drawn = await client.get("/questions", headers=admin.headers)
        assert len(drawn.json()) == 5
        found = await until(client, admin, "questions", state="active", rebuild="done")
        assert found["version"] == QuestionsProjection.version > 1
        assert await services.models.fetch("SELECT count(*) FROM question_words") == [(5,)]


async def test_rows_that_another_reader_holds_delay_the_switch_and_do_not_keep_it_from_happening(
    client: httpx.AsyncClient, services: Services, admin: Player
) -> None:
    await add_questions(services.log, [question(n) for n in range(5)])
    await services.log.append([StreamWrite("retiring", ANY, [QuestionRetired(1)])])
    await until(client, admin, "questions", state="active", lag_events=0)
    projection = QuestionsProjection()
    async with services.models.snapshot(projection) as snapshot:
        rows = [row async for row in snapshot.rows(projection.tables[0])]
        assert (await client.post("/projections/questions/rebuild", headers=admin.headers)).status_code == 202
        assert [row async for row in snapshot.rows(projection.tables[0])] == rows
    await until(client, admin, "questions", rebuild="done")
