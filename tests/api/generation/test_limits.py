"""What guests and users may have made in a day, over HTTP; and who sees a job that many wait for."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from events.vocabulary.decoding import decode
from events.vocabulary.generation import CandidateAdded, GenerationRequested
from events.vocabulary.questions import QuestionAdded
from tests.support.accounts import Players
from tests.support.generation import Scripted, counting
from tests.support.problems import problem
from tests.support.waiting import eventually
from trivia.services import Services
from trivia.settings import Settings

ASK = "/generate_questions_async"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        data_dir=str(tmp_path / "data"),
        starter_bank=False,
        generation_user_jobs=3,
        generation_guest_jobs=2,
        generation_network_jobs=6,
    )


@pytest.fixture
def provider(services: Services) -> Scripted:
    """Writes as a model does; it waits until its gate is opened."""
    provider = Scripted(lambda call, wanted: msgspec.structs.replace(counting(call, wanted), needs_check=True))
    services.generation.runner.provider, services.generation.runner.solver = provider, None
    provider.gate.clear()
    return provider


async def guest(client: httpx.AsyncClient) -> dict[str, str]:
    reply = await client.post("/auth/guest", json={"nickname": "Robin"})
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


async def ask(client: httpx.AsyncClient, headers: dict[str, str], topic: str) -> httpx.Response:
    return await client.post(ASK, json={"target_count": 5, "topic": topic}, headers=headers)


async def jobs_of(services: Services) -> list[GenerationRequested]:
    events = [decode(event).event for event in await services.log.read(types=[GenerationRequested.__name__])]
    return [event for event in events if isinstance(event, GenerationRequested)]


async def test_who_has_had_their_jobs_of_the_day_is_told_when_there_are_more(
    client, services, player, provider
) -> None:
    visitor = await guest(client)
    for headers, limit in ((visitor, 2), (player.headers, 3)):
        replies = await asyncio.gather(*[ask(client, headers, f"Topic {n} {limit}") for n in range(10)])
        assert sorted([reply.status_code for reply in replies]) == [202] * limit + [429] * (10 - limit)
        refused = next(reply for reply in replies if reply.status_code == 429)
        problem(refused, 429, "too-many-requests")
        assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert [(asked.guest, asked.network is None) for asked in await jobs_of(services)].count((True, False)) == 2


async def test_ever_new_guests_from_one_address_have_a_limit_too(client, services, provider) -> None:
    for n in range(10):
        reply = await ask(client, await guest(client), f"Topic {n}")
        assert reply.status_code == (202 if n < 6 else 429)
    assert len({asked.network for asked in await jobs_of(services)}) == 1
    assert not [event for event in await services.log.read() if "127.0.0.1" in event.data + event.metadata]


async def test_a_draw_of_somebody_who_has_had_their_jobs_starts_none_and_succeeds(client, services, provider) -> None:
    visitor = await guest(client)
    for n in range(6):
        reply = await client.get(f"/questions?topic=Invented+{n}", headers=visitor)
        assert (reply.status_code, reply.json()) == (200, [])
        assert ("X-Generation-Job" in reply.headers) == (n < 2)
    assert len(await jobs_of(services)) == 2


async def test_what_a_guest_has_a_model_make_is_given_to_nobody_before_somebody_approves_it(
    client, services, admin, provider
) -> None:
    visitor = await guest(client)
    job_id = (await ask(client, visitor, "Counting")).json()["job_id"]
    provider.gate.set()

    async def ended() -> bool:
        status = await client.get(f"/generation_status/{job_id}", headers=visitor)
        return bool(status.json()["completed_at"])

    await eventually(ended)
    added = [decode(event).event for event in await services.log.read(types=[CandidateAdded.__name__])]
    assert [event.pending for event in added] == ["guest"] * 5
    questions = [decode(event).event for event in await services.log.read(types=[QuestionAdded.__name__])]
    assert [question.pending for question in questions] == [True] * 5
    await services.pool_at(await services.log.head())
    assert (await client.get("/questions?topic=Counting", headers=visitor)).json() == []
    waiting = (await client.get("/questions/pending", headers=admin.headers)).json()
    assert waiting["total"] == 5


async def test_a_class_that_wishes_the_same_waits_for_one_job_and_each_pupil_sees_it(
    client, services, players: Players, provider
) -> None:
    pupils = [await players.make() for _ in range(6)]
    url = "/questions?topic=Volcanoes&age=12"
    replies = await asyncio.gather(*[client.get(url, headers=pupil.headers) for pupil in pupils])
    replies = [await client.get(url, headers=pupil.headers) for pupil in pupils]
    (job_id,) = {reply.headers["X-Generation-Job"] for reply in replies}
    (asked,) = await jobs_of(services)
    for pupil in pupils:
        status = await client.get(f"/generation_status/{job_id}", headers=pupil.headers)
        assert status.json()["job_id"] == job_id
        if pupil.id != asked.user:
            problem(await client.post(f"/generation_jobs/{job_id}/cancel", headers=pupil.headers), 403, "forbidden")
    stranger = await players.make()
    problem(await client.get(f"/generation_status/{job_id}", headers=stranger.headers), 404, "not-found")
    problem(await client.post(f"/generation_jobs/{job_id}/cancel", headers=stranger.headers), 404, "not-found")
    # Once all are known to wait, drawing again stores nothing.
    head = await services.log.head()

    async def drawn_again() -> bool:
        nonlocal head
        before, head = head, await services.log.head()
        for pupil in pupils:
            await client.get(url, headers=pupil.headers)
        return before == head == await services.log.head()

    await eventually(drawn_again)


async def test_what_a_host_asks_for_is_for_their_organisation_alone(client, players: Players, provider: Any) -> None:
    one, other = await players.make("host"), await players.make("host", org="quizzers")
    first, second = [await ask(client, user.headers, "Volcanoes") for user in (one, other)]
    assert first.json()["job_id"] != second.json()["job_id"]
