"""GET /generation/health, and whole jobs with a model behind them."""

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from events.vocabulary.decoding import decode
from events.vocabulary.generation import CandidatesReceived, ProviderFailed
from events.vocabulary.questions import QuestionAdded
from tests.api.conftest import MakeClient
from tests.support.accounts import Player
from tests.support.model_endpoint import ModelEndpoint, fails, question, questions, says
from tests.support.waiting import eventually
from trivia.generation.streams import job_stream
from trivia.services import Services
from trivia.settings import Settings

KEY = "sk-test-very-secret-0123456789"
HEALTH = "/generation/health"


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path, endpoint: ModelEndpoint) -> Settings:
    return Settings(
        database_url=sqlite_url,
        data_dir=str(tmp_path / "data"),
        starter_bank=False,
        openai_api_key=KEY,
        openai_base_url=endpoint.url,
        openai_model="a-model",
        openai_retries=0,
        openai_daily_tokens=100_000,
        openai_daily_cost=2.5,
        openai_input_price=1.0,
        blind_check=True,
    )


async def health(client: httpx.AsyncClient, user: Player) -> dict[str, Any]:
    reply = await client.get(HEALTH, headers=user.headers)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


async def run_job(client: httpx.AsyncClient, user: Player, **changed: Any) -> dict[str, Any]:
    body = {"target_count": 4, "age_range": [8, 15], "topic": "Sums"} | changed
    job = (await client.post("/generate_questions_async", json=body, headers=user.headers)).json()["job_id"]

    async def ended() -> dict[str, Any] | None:
        told: dict[str, Any] = (await client.get(f"/generation_status/{job}", headers=user.headers)).json()
        return told if told["completed_at"] else None

    return await eventually(ended) or {}


async def added_to(services: Services) -> list[QuestionAdded]:
    events = [decode(event).event for event in await services.log.read()]
    return [event for event in events if isinstance(event, QuestionAdded)]


async def test_every_signed_in_user_learns_how_the_model_does(
    client: httpx.AsyncClient, player: Player, endpoint: ModelEndpoint
) -> None:
    assert (await client.get(HEALTH)).status_code == 401
    told = await health(client, player)
    assert isinstance(told.pop("latency_ms"), float)
    assert told == {
        "configured": "auto",
        "provider": "openai",
        "model": "a-model",
        "reachable": True,
        "breaker": "closed",
        "budget_left": {"tokens": 100_000, "cost": 2.5},
        "detail": None,
    }
    assert endpoint.asked_for_models == 1


async def test_an_endpoint_that_is_away_is_told_and_not_an_error(make_client: MakeClient, player: Player) -> None:
    client = await make_client(openai_base_url="http://127.0.0.1:1/v1")
    told = await health(client, player)
    assert told["reachable"] is False
    assert told["detail"]
    assert "127.0.0.1" not in told["detail"]


async def test_facts_need_no_endpoint(make_client: MakeClient, player: Player) -> None:
    client = await make_client(openai_api_key=None, openai_base_url=None)
    told = await health(client, player)
    assert (told["provider"], told["reachable"], told["model"], told["latency_ms"]) == ("facts", True, None, None)
    assert told["budget_left"] == {"tokens": None, "cost": None}


async def test_a_job_brings_the_models_questions_into_the_bank_and_its_cost_off_the_budget(
    client: httpx.AsyncClient, services: Services, player: Player, make_client: MakeClient
) -> None:
    told = await run_job(client, player)
    assert (told["status"], told["generated_count"]) == ("completed", 4)
    added = await added_to(services)
    assert [(question.topic, question.min_age, question.max_age) for question in added] == [("Sums", 8, 15)] * 4
    # One call that made them, and one for each that solved it.
    left = {"tokens": 100_000 - 5 * 300, "cost": pytest.approx(2.5 - 5 * 200e-6)}
    assert (await health(client, player))["budget_left"] == left
    # Another process, as after a restart, knows of it as well.
    assert (await health(await make_client(), player))["budget_left"] == left


async def test_a_blind_check_keeps_wrong_keys_out_of_the_bank(
    client: httpx.AsyncClient, services: Services, player: Player, endpoint: ModelEndpoint
) -> None:
    wrong = question(3, answer="12", wrong_options=["13", "14", "15"], prompt="What is 3 plus 10?")
    endpoint.then(says(questions([wrong, question(4)])))
    told = await run_job(client, player, target_count=1)
    assert (told["status"], told["generated_count"], told["rejected"]) == ("completed", 1, 1)
    assert [added.prompt for added in await added_to(services)] == [question(4)["prompt"]]


async def test_where_facts_stand_in_for_the_model_its_fault_is_in_the_log_and_counted(
    client: httpx.AsyncClient, services: Services, player: Player, endpoint: ModelEndpoint
) -> None:
    endpoint.then(fails(401, code="invalid_api_key"))
    told = await run_job(client, player, topic="Geography", target_count=2)
    assert (told["status"], told["reason"]) == ("completed", None)
    events = [decode(event).event for event in await services.log.read_stream(job_stream(told["job_id"]))]
    (received,) = [number for number, event in enumerate(events) if isinstance(event, CandidatesReceived)]
    assert isinstance(events[received], CandidatesReceived)
    assert events[received].provider == "facts"
    detail = "the endpoint answered 401 (invalid_api_key)"
    assert events[received + 1] == ProviderFailed(0, "openai", "client_error", detail)
    metrics = (await client.get("/metrics", headers=player.headers)).json()
    assert metrics["provider_failures"] == {"client_error": 1}


async def test_a_job_whose_model_writes_what_is_of_no_use_ends_with_facts(
    client: httpx.AsyncClient, services: Services, player: Player, endpoint: ModelEndpoint
) -> None:
    endpoint.then(*[says(questions([{"prompt": "Which river?"}]))] * 2)
    told = await run_job(client, player, topic="Geography", target_count=2)
    assert (told["status"], told["generated_count"], told["rejected"]) == ("completed", 2, 2)
    events = [decode(event).event for event in await services.log.read_stream(job_stream(told["job_id"]))]
    providers = [event.provider for event in events if isinstance(event, CandidatesReceived)]
    assert providers == ["openai", "openai", "facts"]


async def test_the_key_is_nowhere_but_in_requests_to_the_endpoint(
    make_client: MakeClient, services: Services, player: Player, endpoint: ModelEndpoint, settings: Settings,
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    client = await make_client(generation_provider="openai")
    echo = f"Incorrect API key provided: {KEY}. Authorization: Bearer {KEY}"
    endpoint.then(fails(401, message=echo, code="invalid_api_key"))
    endpoint.models = fails(403, message=echo)
    failed = await run_job(client, player, topic="Failing")
    told = await health(client, player)
    completed = await run_job(client, player)
    assert (failed["status"], completed["status"]) == ("failed", "completed")
    events = [decode(event).event for event in await services.log.read()]
    assert [event.detail for event in events if isinstance(event, ProviderFailed)] == [
        "the endpoint answered 401 (invalid_api_key)"
    ]
    assert any(isinstance(event, CandidatesReceived) for event in events)
    assert all(received.headers["authorization"] == f"Bearer {KEY}" for received in endpoint.received)
    captured = capfd.readouterr()
    for text in (captured.out, captured.err, caplog.text, str(failed), str(completed), str(told)):
        assert KEY not in text
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    files = [path for path in database.parent.rglob("*") if path.is_file()]
    assert database in files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
