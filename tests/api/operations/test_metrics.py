"""GET /metrics: numbers from the log, for users as JSON and for scrapers as Prometheus reads them."""

from collections.abc import Iterable
from typing import Any, get_type_hints

import httpx
import msgspec
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from events.ids import uuid7
from events.log import ANY, StreamWrite
from events.registry import Event
from events.vocabulary.accounts import GuestJoined, SubjectForgotten
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned
from events.vocabulary.generation import (
    CandidateAdded,
    CandidateRejected,
    CandidatesReceived,
    GenerationCompleted,
    GenerationFailed,
    GenerationJobsRemoved,
    GenerationRequested,
    ProviderFailed,
)
from events.vocabulary.questions import QuestionRetired
from projections.engine.projector import catch_up
from projections.models.usage import Usage, UsageProjection, read_usage
from projections.storage.backends import models_of
from tests.api.conftest import MakeApp
from tests.support.accounts import Player, Players
from tests.support.banks import add_questions, question
from tests.support.problems import problem
from tests.support.serving import client_of
from trivia.operations.metrics import metrics_of
from trivia.services import Services

PROMISED = (
    "jobs_enqueued jobs_completed jobs_failed questions_generated duplicates_skipped auto_triggers manual_triggers success_rate "
    "uptime_seconds questions_per_minute total_questions_in_db total_users active_jobs total_job_history"
).split()
TOKEN = "a-token-for-scrapers"

JOBS: list[Event] = [
    *[GenerationRequested("u", "public", 5, trigger) for trigger in ("manual", "auto", "auto", "auto", "manual")],
    CandidatesReceived(0, "openai", ("{}",), "small", 700, 300, 1_250_000),
    ProviderFailed(1, "openai", "timeout", "slow"),
    CandidateAdded(0, 0, "c" * 64),
    CandidateRejected(0, 1, "near_duplicate", "nearly"),
    CandidateRejected(0, 2, "lint", "odd"),
    GenerationCompleted(1),
    GenerationCompleted(1),
    GenerationCompleted(1),
    GenerationFailed(0, "no"),
    GenerationJobsRemoved("public", ("a", "b")),
]
PLAY: list[Event] = [
    QuestionsAssigned((1, 2, 3)),
    QuestionAnswered(1, "x", correct=True, topic="Art"),
    QuestionAnswered(2, "x", correct=False, topic="Art"),
    QuestionRetired(3),
    GuestJoined("g", "public", "s"),
    GuestJoined("h", "public", "s"),
    SubjectForgotten("h"),
]


async def append(services: Services, events: list[Event]) -> None:
    await services.log.append([StreamWrite(f"anything-{uuid7()}", ANY, events)])


async def ask(client: httpx.AsyncClient, player: Player) -> dict[str, Any]:
    reply = await client.get("/metrics", headers=player.headers)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def fold(services: Services, until: int | None = None) -> None:
    """Take the counters as far as the log, or less far; the process's own projector may have been faster."""
    position = await services.log.head() if until is None else until
    if await services.models.checkpoint(UsageProjection()) < position:
        await catch_up(services.log, services.models, UsageProjection(), position)


@pytest.fixture
def settings(settings: Any) -> Any:
    return msgspec.structs.replace(settings, metrics_token=TOKEN)


async def test_everything_promised_is_there_and_counted_at_once(
    client: httpx.AsyncClient, services: Services, player: Player
) -> None:
    before = await ask(client, player)
    assert {name: before[name] for name in PROMISED if name not in ("total_users", "uptime_seconds")} == {
        **dict.fromkeys(PROMISED[:7], 0), "success_rate": 100.0, "questions_per_minute": 0.0,
        "total_questions_in_db": 0, "active_jobs": 0, "total_job_history": 0,
    }  # fmt: skip
    assert before["total_users"] == 1

    await add_questions(services.log, [question(n) for n in range(7)])
    await append(services, JOBS)
    await append(services, PLAY)
    after = await ask(client, player)
    assert {name: after[name] for name in PROMISED if name != "uptime_seconds"} == {
        "jobs_enqueued": 5, "jobs_completed": 3, "jobs_failed": 1, "questions_generated": 1, "duplicates_skipped": 1,
        "auto_triggers": 3, "manual_triggers": 2, "success_rate": 75.0, "questions_per_minute": 0.02,
        "total_questions_in_db": 7, "total_users": 2, "active_jobs": 1, "total_job_history": 3,
    }  # fmt: skip
    assert (after["draws"], after["questions_assigned"], after["answers"], after["answers_correct"]) == (1, 3, 2, 1)
    assert after["candidates_rejected"] == {"lint": 1, "near_duplicate": 1}
    assert after["provider_failures"] == {"timeout": 1}
    assert after["position"] == await services.log.head()
    assert 0 <= before["uptime_seconds"] <= after["uptime_seconds"] < 600


async def test_a_restart_changes_no_number_but_the_uptime(
    make_app: MakeApp, services: Services, player: Player
) -> None:
    async with client_of(await make_app()) as one:
        await append(services, JOBS + PLAY)
        before = await ask(one, player)
    async with client_of(await make_app()) as other:
        after = await ask(other, player)
    assert {**after, "uptime_seconds": 0} == {**before, "uptime_seconds": 0}
    assert before["jobs_enqueued"] == 5


async def test_however_far_the_counters_are_folded_the_tail_of_the_log_is_added(services: Services) -> None:
    await append(services, JOBS)
    middle = await services.log.head()
    await fold(services, middle)
    whole = (await read_usage(services.log, services.models)).counters
    await append(services, JOBS)
    twice = await read_usage(services.log, services.models)
    assert twice.counters == {name: 2 * count for name, count in whole.items()}
    await fold(services)
    assert await read_usage(services.log, services.models) == twice


async def test_a_counter_that_is_far_behind_says_where_it_stands_rather_than_read_the_log(database_url: str) -> None:
    from trivia.platform.storage import open_storage

    async with open_storage(database_url) as storage:
        for _ in range(4):
            await storage.log.append([StreamWrite(f"assignments-{uuid7()}", ANY, [QuestionsAssigned((1, 2))] * 5)])
        behind = await read_usage(storage.log, models_of(storage.database), tail=12)
    assert behind == Usage(12, {"draws": 12, "questions_assigned": 24}, {})


@pytest.mark.parametrize(("minutes", "rate"), [(0, 0.05), (30, 0.05), (59, 0.05), (60, 0.0), (-2, 0.0)])
def test_questions_a_minute_are_those_of_the_last_hour(minutes: int, rate: float) -> None:
    usage = Usage(1, {"questions_generated": 3}, {29_000_000: 3})
    assert metrics_of(usage, now=(29_000_000 + minutes) * 60 + 1, uptime=1).questions_per_minute == rate


def test_a_job_that_was_cancelled_is_neither_active_nor_a_failure() -> None:
    counted = metrics_of(Usage(1, {"jobs_enqueued": 2, "jobs_cancelled": 1}, {}), now=0, uptime=1)
    assert (counted.active_jobs, counted.success_rate, counted.jobs_cancelled) == (1, 100.0, 1)


FORMS = {
    None: "application/json",
    "*/*": "application/json",
    "application/json, text/plain, */*": "application/json",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "application/json",
    "image/png": "application/json",
    "text/plain": "text/plain; version=0.0.4; charset=utf-8",
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.1": "text/plain; version=0.0.4; charset=utf-8",
    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1": (
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    ),
}


async def test_the_form_is_what_the_client_accepts_best(client: httpx.AsyncClient, player: Player) -> None:
    for accept, content_type in FORMS.items():
        reply = await client.get("/metrics", headers={**player.headers, **({"Accept": accept} if accept else {})})
        assert reply.status_code == 200
        assert reply.headers["content-type"] == content_type, accept
        assert reply.headers["vary"] == "Accept"


async def test_a_scraper_reads_the_same_numbers_with_its_own_token(
    client: httpx.AsyncClient, services: Services, admin: Player
) -> None:
    await append(services, JOBS + PLAY)
    as_json = await ask(client, admin)
    for accept, parse in {"text/plain": parse_text, "application/openmetrics-text": parse_openmetrics}.items():
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": accept}
        check_samples(parse((await client.get("/metrics", headers=headers)).text), as_json)
    assert as_json["spending"] == {"input_tokens": 700, "output_tokens": 300, "cost_usd": 1.25}


def check_samples(families: Iterable[Metric], as_json: dict[str, Any]) -> None:
    samples = {
        (sample.name.removesuffix("_total"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }
    for name, value in as_json.items():
        if isinstance(value, int):
            assert samples[f"trivia_{name}".removesuffix("_total"),] == value
    assert samples["trivia_candidates_rejected", "lint"] == 1
    assert samples["trivia_provider_failures", "timeout"] == 1
    assert samples["trivia_provider_tokens", "input"] == 700
    assert samples["trivia_provider_cost_usd",] == 1.25


async def test_what_providers_cost_is_shown_to_those_who_run_the_installation_only(
    client: httpx.AsyncClient, services: Services, players: Players
) -> None:
    await append(services, JOBS)
    for role, org, shown in [
        ("player", "public", False),
        ("host", "public", False),
        ("admin", "quizzers", False),
        ("admin", "public", True),
    ]:
        player = await players.make(role, org=org)  # type: ignore[arg-type] # one of the roles
        assert ((await ask(client, player))["spending"] is not None) is shown
        reply = await client.get("/metrics", headers={**player.headers, "Accept": "text/plain"})
        assert ("trivia_provider_cost_usd" in reply.text) is shown
    names = set(get_type_hints(type(metrics_of(Usage(0, {}, {}), now=0, uptime=0))))
    assert set(PROMISED) < names


async def test_nobody_else_may_look(client: httpx.AsyncClient) -> None:
    wrong = (
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer  {TOKEN}",
        "Bearer \xe9",
        "Bearer",
        "",
    )
    for value in wrong:
        headers = [(b"Authorization", value.encode("latin-1"))]
        problem(await client.get("/metrics", headers=headers), 401, "unauthenticated")
    problem(await client.get("/metrics"), 401, "unauthenticated")


async def test_without_a_token_set_no_scraper_gets_in(make_app: MakeApp) -> None:
    async with client_of(await make_app(metrics_token=None)) as client:
        for value in (f"Bearer {TOKEN}", "Bearer None", "Bearer "):
            problem(await client.get("/metrics", headers={"Authorization": value}), 401, "unauthenticated")
