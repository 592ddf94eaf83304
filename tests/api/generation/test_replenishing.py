"""Draws that find too few questions start a job, one at a time for each user and filter, from however many processes."""

import asyncio
from typing import Any

import httpx
import pytest

from events.vocabulary.decoding import decode
from events.vocabulary.generation import GenerationRequested, GenerationSlotTaken
from tests.api.conftest import MakeApp, MakeClient
from tests.support.accounts import Players
from tests.support.banks import add_questions, question
from tests.support.generation import Scripted, outcome_of
from tests.support.serving import client_of, services_of
from tests.support.waiting import eventually
from trivia.generation.providers.provider import Answer
from trivia.http.middleware import RequestMiddleware
from trivia.services import Services
from trivia.settings import Settings

HEADER = "X-Generation-Job"


@pytest.fixture
def settings(database_url: str, tmp_path: Any) -> Settings:
    return Settings(database_url=database_url, data_dir=str(tmp_path / "data"), starter_bank=False)


@pytest.fixture
def provider(services: Services) -> Scripted:
    """What makes the questions; it waits until its gate is opened."""
    provider = services.generation.runner.provider = Scripted()
    provider.gate.clear()
    return provider


async def requested(services: Services) -> list[GenerationRequested]:
    events = [decode(event).event for event in await services.log.read(types=[GenerationRequested.__name__])]
    return [event for event in events if isinstance(event, GenerationRequested)]


async def fill(services: Services, count: int, **more: Any) -> None:
    await services.pool_at(await add_questions(services.log, [question(n, **more) for n in range(1, count + 1)]))


async def test_a_draw_that_finds_enough_starts_nothing(client, services, player, provider) -> None:
    await fill(services, 10)
    reply = await client.get("/questions?limit=10", headers=player.headers)
    assert len(reply.json()) == 10
    assert HEADER not in reply.headers
    assert await requested(services) == []


async def test_a_draw_that_finds_too_few_starts_a_job_for_what_lacks_with_the_same_filters(
    client, services, player, provider
) -> None:
    await fill(services, 12, topic="Counting", ages=(8, 99))
    url = "/questions?limit=20&age=12&topic=counting"
    reply = await client.get(url, headers=player.headers)
    assert len(reply.json()) == 12
    job_id = reply.headers[HEADER]
    assert await requested(services) == [GenerationRequested(player.id, "public", 8, "auto", "counting", 12, 12)]
    # While it runs, drawing again names it and stores nothing.
    head = await services.log.head()
    await eventually(lambda: provider.asked)
    await eventually(lambda: _is_settled(services))
    head = await services.log.head()
    for _ in range(3):
        reply = await client.get(url, headers=player.headers)
        assert (reply.json(), reply.headers[HEADER]) == ([], job_id)
    assert await services.log.head() == head
    provider.gate.set()
    await eventually(lambda: services.generation.active.get(job_id) is None)
    assert len((await outcome_of(services.log, job_id)).questions) == 8
    reply = await client.get("/questions?limit=8&age=12&topic=counting", headers=player.headers)
    assert len(reply.json()) == 8


async def _is_settled(services: Services) -> bool:
    return (
        all(job.status == "running" for _, job in services.generation.active)
        and services.live.position == await services.log.head()
    )


async def test_at_least_five_are_made(client, services, player, provider) -> None:
    await fill(services, 9)
    assert HEADER in (await client.get("/questions?limit=10", headers=player.headers)).headers
    (asked,) = await requested(services)
    assert (asked.target_count, asked.topic, asked.min_age, asked.max_age) == (5, None, 0, 120)


async def test_a_job_that_somebody_asked_for_is_named_and_not_started_again(client, services, player, provider) -> None:
    body = {"target_count": 7, "topic": "Counting", "age_range": [12, 12]}
    job_id = (await client.post("/generate_questions_async", json=body, headers=player.headers)).json()["job_id"]
    reply = await client.get("/questions?topic=COUNTING&age=12", headers=player.headers)
    assert reply.headers[HEADER] == job_id
    assert [asked.trigger for asked in await requested(services)] == ["manual"]


async def test_ten_draws_at_once_in_each_of_two_processes_start_one_job(make_app: MakeApp) -> None:
    apps = [await make_app(generation_concurrency=0), await make_app(generation_concurrency=0)]
    player = await Players(services_of(apps[0])).make()

    async def draw(app: RequestMiddleware) -> httpx.Response:
        async with client_of(app) as client:
            return await client.get("/questions?topic=Counting", headers=player.headers)

    replies = await asyncio.gather(*[draw(apps[n % 2]) for n in range(20)])
    named = {reply.headers[HEADER] for reply in replies if HEADER in reply.headers}
    assert len(named) == 1
    services = services_of(apps[0])
    assert len(await requested(services)) == 1
    assert len(await services.log.read(types=[GenerationSlotTaken.__name__])) == 1


async def test_after_a_job_that_failed_none_is_started_for_a_while(
    client, services, player, make_client, provider
) -> None:
    provider.script = lambda *_: Answer(())
    provider.gate.set()
    job_id = (await client.get("/questions?topic=Unheard", headers=player.headers)).headers[HEADER]
    await eventually(lambda: _has_ended(services, job_id))
    assert (await outcome_of(services.log, job_id)).job.status == "failed"
    head = await services.log.head()
    # Another process, which has not heard of it, finds it in the log.
    other = await make_client(generation_concurrency=0)
    for each in (client, other, client, other):
        reply = await each.get("/questions?topic=Unheard", headers=player.headers)
        assert (reply.status_code, reply.json()) == (200, [])
        assert HEADER not in reply.headers
    assert await services.log.head() == head
    # Whoever asks for it in person need not wait.
    body = {"target_count": 5, "topic": "Unheard"}
    assert (await client.post("/generate_questions_async", json=body, headers=player.headers)).json()[
        "job_id"
    ] != job_id


async def test_where_questions_wait_for_approval_jobs_do_not_follow_each_other_for_ever(make_app: MakeApp) -> None:
    app = await make_app(generated_questions="pending")
    services = services_of(app)
    services.generation.runner.provider = Scripted()
    player = await Players(services).make()
    async with client_of(app) as client:
        job_id = (await client.get("/questions?topic=Counting", headers=player.headers)).headers[HEADER]
        await eventually(lambda: _has_ended(services, job_id))
        await services.pool_at(await services.log.head())
        for _ in range(3):
            reply = await client.get("/questions?topic=Counting", headers=player.headers)
            assert (reply.json(), HEADER in reply.headers) == ([], False)
    assert len((await outcome_of(services.log, job_id)).questions) == 10
    assert len(await requested(services)) == 1


async def test_ever_new_filters_start_no_more_than_a_few_jobs_at_once(client, services, player, provider) -> None:
    named = set()
    for number in range(8):
        reply = await client.get(f"/questions?topic=Topic-{number}", headers=player.headers)
        assert reply.status_code == 200
        named.add(reply.headers.get(HEADER))
        await services.pool_at(await services.log.head())
    assert len(named - {None}) == len(await requested(services)) == 3


async def test_nothing_starts_by_itself_where_that_is_switched_off(make_client: MakeClient, services, player) -> None:
    client = await make_client(auto_generation=False)
    reply = await client.get("/questions?topic=Counting", headers=player.headers)
    assert (reply.status_code, HEADER in reply.headers) == (200, False)
    assert await requested(services) == []


async def test_a_topic_that_nobody_could_read_starts_nothing(client, services, player, provider) -> None:
    for topic in ("%20", "%01", "%E2%80%AE"):
        reply = await client.get(f"/questions?topic={topic}", headers=player.headers)
        assert (reply.status_code, HEADER in reply.headers) == (200, False)
    assert await requested(services) == []


async def test_what_is_made_from_facts_reaches_the_user_who_lacked_it(client, services, player) -> None:
    reply = await client.get("/questions?topic=geography&limit=5", headers=player.headers)
    assert reply.json() == []
    job_id = reply.headers[HEADER]
    await eventually(lambda: _has_ended(services, job_id), 30)
    await services.pool_at(await services.log.head())
    reply = await client.get("/questions?topic=geography&limit=5", headers=player.headers)
    assert len(reply.json()) == 5
    assert (await outcome_of(services.log, job_id)).job.status == "completed"


async def _has_ended(services: Services, job_id: str) -> bool:
    return (await outcome_of(services.log, job_id)).job.ended
