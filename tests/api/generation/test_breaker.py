"""The circuit breaker of the model, which all processes on a database share."""

import asyncio
from pathlib import Path

import httpx
import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.generation import BreakerClosed, BreakerOpened
from projections.models.questions import QuestionsProjection
from tests.api.conftest import MakeApp
from tests.support.accounts import Player
from tests.support.model_endpoint import ModelEndpoint, fails
from tests.support.serving import client_of, services_of
from tests.support.waiting import eventually
from trivia.generation.breakers import FAILURES
from trivia.generation.providers.provider import ProviderError, Wanted
from trivia.generation.streams import breaker_stream
from trivia.http.middleware import RequestMiddleware
from trivia.services import Services
from trivia.settings import Settings

WANTED = Wanted(2, "Sums", 8, 15, None)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, endpoint: ModelEndpoint) -> Settings:
    return Settings(
        database_url=database_url,
        data_dir=str(tmp_path / "data"),
        starter_bank=False,
        generation_provider="openai",
        openai_base_url=endpoint.url,
        openai_retries=0,
    )


async def state(app: RequestMiddleware, user: Player) -> str:
    async with client_of(app) as client:
        return str((await client.get("/generation/health", headers=user.headers)).json()["breaker"])


async def until_all_say(expected: str, user: Player, *apps: RequestMiddleware) -> None:
    async def say() -> bool:
        return await asyncio.gather(*[state(app, user) for app in apps]) == [expected] * len(apps)

    await eventually(say)


async def ask(services: Services) -> str:
    """What became of a call: its fault, if there is one."""
    try:
        await services.generation.provider.generate(WANTED)
    except ProviderError as error:
        return error.fault
    return "answered"


async def _is_folded(services: Services, head: int) -> bool:
    return await services.models.checkpoint(QuestionsProjection()) >= head


async def test_when_one_process_has_had_enough_of_an_endpoint_all_leave_it_alone(
    app: RequestMiddleware,
    make_app: MakeApp,
    client: httpx.AsyncClient,
    services: Services,
    player: Player,
    endpoint: ModelEndpoint,
) -> None:
    other = await make_app()
    await until_all_say("closed", player, app, other)
    endpoint.then(*[fails(503)] * FAILURES)
    assert [await ask(services) for _ in range(FAILURES)] == ["server_error"] * FAILURES
    await until_all_say("open", player, app, other)
    assert [await ask(services), await ask(services_of(other))] == ["breaker_open"] * 2
    # As after a restart, once the log has moved on: what is replayed then does not tell it.
    head = await services.log.head()
    await eventually(lambda: _is_folded(services, head))
    started = await make_app()
    assert await state(started, player) == "open"
    assert await ask(services_of(started)) == "breaker_open"
    assert len(endpoint.received) == FAILURES
    assert (await client.get("/metrics", headers=player.headers)).json()["breaker_openings"] == 1


async def test_once_a_call_of_one_process_succeeded_all_ask_again(
    app: RequestMiddleware, make_app: MakeApp, services: Services, player: Player, endpoint: ModelEndpoint
) -> None:
    other = await make_app()
    # It opened long ago.
    await services.log.append([StreamWrite(breaker_stream("openai"), ANY, [BreakerOpened("openai", 1)])])
    await until_all_say("half_open", player, app, other)
    endpoint.then(fails(503))
    assert await ask(services_of(other)) == "server_error"
    await until_all_say("open", player, app, other)
    await services.log.append([StreamWrite(breaker_stream("openai"), ANY, [BreakerOpened("openai", 1)])])
    await until_all_say("half_open", player, app, other)
    assert await ask(services) == "answered"
    await until_all_say("closed", player, app, other)
    (last,) = await services.log.read_stream(breaker_stream("openai"), 3)
    assert last.type == BreakerClosed.__name__
    assert await ask(services_of(other)) == "answered"
