"""Generation jobs over HTTP, on either database."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from events.vocabulary.decoding import decode
from events.vocabulary.generation import GenerationJobsRemoved
from tests.api.conftest import MakeApp, MakeClient
from tests.support.accounts import Player, Players
from tests.support.generation import Scripted, counting, outcome_of
from tests.support.problems import paths, problem
from tests.support.serving import client_of, running, services_of
from tests.support.waiting import eventually
from trivia.app import create_app
from trivia.generation.active import JobUpdate
from trivia.generation.providers.provider import Answer
from trivia.http.cursors import write_cursor
from trivia.services import Services

ASK = "/generate_questions_async"
BODY: dict[str, Any] = {"target_count": 5, "age_range": [8, 15], "topic": "Counting"}


@pytest.fixture
def provider(services: Services) -> Scripted:
    """What makes the questions; it waits until its gate is opened."""
    provider = services.generation.runner.provider = Scripted()
    provider.gate.clear()
    return provider


async def ask(client: httpx.AsyncClient, user: Player, **changed: Any) -> str:
    reply = await client.post(ASK, json=BODY | changed, headers=user.headers)
    assert reply.status_code == 202, reply.text
    return str(reply.json()["job_id"])


async def status(client: httpx.AsyncClient, user: Player, job_id: str) -> dict[str, Any]:
    reply = await client.get(f"/generation_status/{job_id}", headers=user.headers)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def ended(client: httpx.AsyncClient, user: Player, job_id: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        found = await status(client, user, job_id)
        return found if found["completed_at"] else None

    return await eventually(look) or {}


async def test_a_job_is_accepted_runs_and_completes(client, services, player, provider) -> None:
    reply = await client.post(ASK, json=BODY, headers=player.headers)
    assert reply.status_code == 202
    job_id = reply.json()["job_id"]
    assert reply.json() == {"job_id": job_id, "status": "pending", "message": "Making 5 questions"}
    assert int(reply.headers["X-Event-Position"]) > 0
    found = await status(client, player, job_id)
    assert (found["status"] in {"pending", "running"}, found["completed_at"]) == (True, None)
    assert found["message"] == "Generated 0/5 questions"
    provider.gate.set()
    found = await ended(client, player, job_id)
    assert found["status"] == "completed"
    assert (found["target_count"], found["generated_count"], found["message"]) == (5, 5, "Generated 5/5 questions")
    assert (found["trigger"], found["topic"], found["age_range"]) == ("manual", "Counting", [8, 15])
    assert found["created_at"] <= found["completed_at"]
    assert found["created_at"].endswith("Z")
    outcome = await outcome_of(services.log, job_id)
    assert len(outcome.questions) == 5
    (call, *_) = provider.asked
    assert (call.topic, call.min_age, call.max_age) == ("Counting", 8, 15)


async def test_what_a_job_has_made_can_be_drawn(client, player, provider) -> None:
    provider.gate.set()
    await ended(client, player, await ask(client, player))

    async def draw() -> list[Any]:
        reply = await client.get("/questions?topic=counting", headers=player.headers)
        found: list[Any] = reply.json()
        return found

    assert {question["topic"] for question in await eventually(draw)} == {"Counting"}


async def test_a_job_for_the_same_is_not_started_twice(client, player, provider) -> None:
    first = await ask(client, player)
    reply = await client.post(ASK, json=BODY | {"target_count": 50, "topic": "COUNTING "}, headers=player.headers)
    assert reply.status_code == 202
    assert reply.json()["job_id"] == first
    assert reply.json()["message"].startswith("A job for this runs already")
    assert "X-Event-Position" not in reply.headers
    assert await ask(client, player, age_range=[8, 16]) != first


NONSENSE: list[tuple[dict[str, Any], list[str]]] = [
    ({"target_count": 0}, ["target_count"]),
    ({"target_count": 101}, ["target_count"]),
    ({"target_count": 10_000}, ["target_count"]),
    ({"target_count": "5"}, ["target_count"]),
    ({"age_range": [15, 8]}, ["age_range"]),
    ({"age_range": [8]}, ["age_range"]),
    ({"age_range": [8, 9, 10]}, ["age_range"]),
    ({"age_range": [-1, 8]}, ["age_range[0]"]),
    ({"age_range": [0, 121]}, ["age_range[1]"]),
    ({"topic": "x" * 10_000}, ["topic"]),
    ({"topic": ""}, ["topic"]),
    ({"topic": " \t "}, ["topic"]),
    ({"topic": "a\nb"}, ["topic"]),
    ({"topic": "a\0b"}, ["topic"]),
    ({"topic": "\u202e"}, ["topic"]),
    ({"difficulty": "fiendish"}, ["difficulty"]),
    (
        {"target_count": 0, "age_range": [15, 8], "topic": "\0", "hint": 1},
        ["age_range", "hint", "target_count", "topic"],
    ),
]


async def test_a_request_that_makes_no_sense_starts_nothing_and_names_every_field(client, services, player) -> None:
    head = await services.log.head()
    for changed, at_fault in NONSENSE:
        reply = await client.post(ASK, json=BODY | changed, headers=player.headers)
        assert paths(problem(reply, 400, "bad-input")) == at_fault
    assert await services.log.head() == head


async def test_another_users_job_is_not_there_and_admins_of_the_organisation_see_it(
    client, players: Players, player, admin, provider
) -> None:
    job_id = await ask(client, player)
    strangers = [await players.make(), await players.make("host"), await players.make("admin", org="quizzers")]
    for stranger in strangers:
        for method, path in (("GET", f"/generation_status/{job_id}"), ("POST", f"/generation_jobs/{job_id}/cancel")):
            problem(await client.request(method, path, headers=stranger.headers), 404, "not-found")
        assert (await client.get("/generation_jobs", headers=stranger.headers)).json()["items"] == []
    assert (await status(client, admin, job_id))["job_id"] == job_id
    listed = await client.get("/generation_jobs", headers=admin.headers)
    assert [item["job_id"] for item in listed.json()["items"]] == [job_id]


async def test_an_unknown_job_is_not_found(client, admin) -> None:
    for job_id in ("unknown", "01a2016a-e158-7816-b02b-21cef7903ff6", "slot-x", "cleanup-public", "%00"):
        problem(await client.get(f"/generation_status/{job_id}", headers=admin.headers), 404, "not-found")
        problem(await client.post(f"/generation_jobs/{job_id}/cancel", headers=admin.headers), 404, "not-found")


async def test_a_job_is_stopped_and_stays_so(client, services, player, provider) -> None:
    job_id = await ask(client, player)
    await eventually(lambda: provider.asked)
    reply = await client.post(f"/generation_jobs/{job_id}/cancel", headers=player.headers)
    assert reply.status_code == 200
    assert reply.json()["status"] == "cancelled"
    assert reply.json()["completed_at"]
    position = int(reply.headers["X-Event-Position"])
    await eventually(lambda: services.generation.active.get(job_id) is None)
    provider.gate.set()
    problem(await client.post(f"/generation_jobs/{job_id}/cancel", headers=player.headers), 409, "conflict")
    assert (await status(client, player, job_id))["status"] == "cancelled"
    assert await services.log.head() == position
    assert await ask(client, player) != job_id


async def test_a_job_that_cannot_be_done_says_why(client, player, provider) -> None:
    provider.script = lambda *_: Answer(())
    provider.gate.set()
    found = await ended(client, player, await ask(client, player))
    assert found["status"] == "failed"
    assert found["reason"].startswith("0 of 5 questions were added")


async def test_jobs_are_listed_page_by_page_as_the_log_has_them(client, services, player, provider) -> None:
    provider.gate.set()
    wanted = [await ask(client, player, age_range=[8, 20 + n]) for n in range(7)]
    pages: list[list[str]] = []
    cursor = ""
    while True:
        reply = await client.get(f"/generation_jobs?limit=3{cursor}", headers=player.headers)
        assert reply.status_code == 200
        pages.append([item["job_id"] for item in reply.json()["items"]])
        if reply.json()["cursor"] is None:
            break
        cursor = f"&cursor={reply.json()['cursor']}"
    assert pages == [wanted[:-4:-1], wanted[-4:-7:-1], wanted[:1]]
    for job_id in wanted:
        await ended(client, player, job_id)
    listed = (await client.get("/generation_jobs", headers=player.headers)).json()["items"]
    assert [item["status"] for item in listed] == ["completed"] * 7
    assert listed[0] == await status(client, player, wanted[-1])
    for cursor in ("x", "ag", write_cursor(("history", 3)), write_cursor(("jobs", 2**63))):
        reply = await client.get(f"/generation_jobs?cursor={cursor}", headers=player.headers)
        assert paths(problem(reply, 400, "bad-input")) == ["cursor"]


async def test_cleaning_up_takes_ended_jobs_off_the_lists_and_leaves_the_log(
    client, services, players: Players, player, admin, provider
) -> None:
    provider.gate.set()
    done = [await ask(client, player, age_range=[8, 20 + n]) for n in range(3)]
    for job_id in done:
        await ended(client, player, job_id)
    provider.gate.clear()
    running = await ask(client, player)
    other = await players.make("admin", org="quizzers")

    async def clean(user: Player, hours: int) -> dict[str, Any]:
        reply = await client.post(f"/admin/cleanup_jobs?older_than_hours={hours}", headers=user.headers)
        assert reply.status_code == 200
        found: dict[str, Any] = reply.json()
        return found

    assert await clean(admin, 1) == {"message": "Cleaned up 0 old jobs", "removed_count": 0, "remaining_jobs": 4}
    assert (await clean(other, 0))["removed_count"] == 0
    assert await clean(admin, 0) == {"message": "Cleaned up 3 old jobs", "removed_count": 3, "remaining_jobs": 1}
    assert (await clean(admin, 0))["removed_count"] == 0
    listed = await client.get("/generation_jobs", headers=player.headers)
    assert [item["job_id"] for item in listed.json()["items"]] == [running]
    assert (await status(client, player, done[0]))["status"] == "completed"
    (event,) = await services.log.read(types=[GenerationJobsRemoved.__name__])
    assert decode(event).event == GenerationJobsRemoved("public", tuple(sorted(done)))
    problem(await client.post("/admin/cleanup_jobs", headers=player.headers), 403, "forbidden")
    reply = await client.post("/admin/cleanup_jobs?older_than_hours=-1", headers=admin.headers)
    assert paths(problem(reply, 400, "bad-input")) == ["older_than_hours"]


async def test_news_of_a_job_come_in_order_and_end_with_its_end(client, services, player, provider) -> None:
    news: list[JobUpdate] = []
    job_id = await ask(client, player)
    end = services.generation.active.listen(job_id, news.append)
    provider.gate.set()
    await ended(client, player, job_id)
    await eventually(lambda: news[-1].status == "completed")
    processing = [update for update in news if update.status == "processing"]
    assert [update.generated_count for update in processing if update.generated_count] == [1, 2, 3, 4, 5]
    assert {update.target_count for update in news} == {5}
    positions = [update.position for update in news]
    assert positions == sorted(set(positions))
    assert msgspec.to_builtins(news[-1]) == {
        "type": "job_update",
        "job_id": job_id,
        "status": "completed",
        "generated_count": 5,
        "target_count": 5,
        "position": positions[-1],
    }
    end()
    end()


async def test_a_job_that_is_stopped_is_failed_for_whoever_listens(client, services, player, provider) -> None:
    news: list[JobUpdate] = []
    job_id = await ask(client, player)

    def broken(_: JobUpdate) -> None:
        raise ValueError("a listener's own affair")

    services.generation.active.listen(job_id, broken)
    services.generation.active.listen(job_id, news.append)
    await client.post(f"/generation_jobs/{job_id}/cancel", headers=player.headers)
    await eventually(lambda: news and news[-1].reason == "cancelled")
    assert news[-1].status == "failed"


async def test_a_process_works_on_so_many_jobs_at_once_and_then_on_the_rest(make_app: MakeApp) -> None:
    app = await make_app(generation_concurrency=2)
    services = services_of(app)
    provider = services.generation.runner.provider = Scripted()
    provider.gate.clear()
    player = await Players(services).make()
    async with client_of(app) as client:
        jobs = [await ask(client, player, age_range=[8, 20 + n]) for n in range(5)]
        await eventually(lambda: len(provider.asked) == 2)
        await services.pool_at(await services.log.head())
        assert len(provider.asked) == 2
        provider.gate.set()
        assert [(await ended(client, player, job_id))["status"] for job_id in jobs] == ["completed"] * 5


async def test_a_process_that_works_on_none_leaves_jobs_to_the_others(
    make_client: MakeClient, make_app: MakeApp, players: Players, services: Services, provider: Scripted
) -> None:
    idle = await make_client(generation_concurrency=0)
    player = await players.make()
    provider.gate.set()
    job_id = await ask(idle, player)
    assert (await ended(idle, player, job_id))["status"] == "completed"
    (claim,) = (await outcome_of(services.log, job_id)).claims
    assert claim.owner == services.generation.runner.owner


async def test_jobs_that_were_left_when_everything_stopped_are_taken_up_at_the_next_start(
    make_app: MakeApp, settings
) -> None:
    app = create_app(settings)
    async with running(app), client_of(app) as client:
        services = services_of(app)
        gated = services.generation.runner.provider = Scripted()
        gated.gate.clear()
        player = await Players(services).make()
        jobs = [await ask(client, player, age_range=[8, 20 + n]) for n in range(4)]
        await eventually(lambda: len(gated.asked) == 3)
    app = await make_app()
    services_of(app).generation.runner.provider = Scripted()
    async with client_of(app) as client:
        for job_id in jobs:
            assert (await ended(client, player, job_id))["status"] == "completed"
            await outcome_of(services_of(app).log, job_id)


async def test_two_processes_share_the_jobs_and_each_question_counts_once(make_app: MakeApp) -> None:
    apps = [await make_app(), await make_app()]
    for app in apps:
        services_of(app).generation.runner.provider = Scripted(counting)
    services = services_of(apps[0])
    player = await Players(services).make()
    async with client_of(apps[0]) as one, client_of(apps[1]) as other:
        asked = [ask((one, other)[n % 2], player, target_count=10, age_range=[8, 20 + n]) for n in range(8)]
        jobs = await asyncio.gather(*asked)
        outcomes = []
        for job_id in jobs:
            assert (await ended(other, player, job_id))["status"] == "completed"
            outcomes.append(await outcome_of(services.log, job_id))
    assert [len(outcome.questions) for outcome in outcomes] == [10] * 8
    assert [len(outcome.claims) for outcome in outcomes] == [1] * 8
