"""GET /questions/export, on either database."""

import asyncio
import json

import httpx
import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.questions import QuestionRetired
from projections.models.questions import QuestionsProjection
from tests.support.accounts import Player, Players
from tests.support.rows import NDJSON, lines, row
from tests.support.waiting import eventually
from trivia.services import Services

MORE = {"min_age": 8, "max_age": 12, "difficulty": "hard", "explanation": "Count.", "source": "a bóok"}


async def fill(client: httpx.AsyncClient, user: Player, numbers: range) -> None:
    body = lines(row(number, **MORE) if number % 2 else row(number) for number in numbers)
    assert (await client.post("/questions/import", content=body, headers={**NDJSON, **user.headers})).status_code == 200


async def export(client: httpx.AsyncClient, user: Player) -> str:
    answer = await client.get("/questions/export", headers=user.headers, params={"format": "jsonl"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return answer.text


def prompts(exported: str) -> list[str]:
    return [json.loads(line)["prompt"] for line in exported.splitlines()]


async def test_an_export_has_every_question_as_it_was_imported(client, host) -> None:
    await fill(client, host, range(4))
    first, second, *_ = [json.loads(line) for line in (await export(client, host)).splitlines()]
    nothing = {"min_age": 0, "max_age": 120, "difficulty": None, "explanation": None, "source": None}
    assert first == {**row(0), **nothing}
    assert second == {**row(1), **MORE}


async def test_an_export_imports_into_the_same_questions(client, services: Services, host, players: Players) -> None:
    await fill(client, host, range(2500))
    exported = await export(client, host)
    again = await client.post("/questions/import", content=exported, headers={**NDJSON, **host.headers})
    assert (again.json()["imported"], again.json()["skipped"]) == (0, 2500)
    assert await export(client, host) == exported


async def test_an_export_has_what_the_read_model_lacks_yet_and_what_it_has_once(
    client, services: Services, host
) -> None:
    await fill(client, host, range(10))

    async def folded() -> bool:
        return await services.models.checkpoint(QuestionsProjection()) > 0

    await eventually(folded)
    everything = range(10, 1500)
    filling = asyncio.create_task(fill(client, host, everything))
    while not filling.done():
        found = prompts(await export(client, host))
        assert len(set(found)) == len(found) >= 10
    await filling
    assert sorted(prompts(await export(client, host))) == sorted(row(number)["prompt"] for number in range(1500))


@pytest.mark.parametrize("wait", [False, True])
async def test_an_export_leaves_out_what_is_retired(client, services: Services, host, wait) -> None:
    await fill(client, host, range(3))
    _, added, _ = await services.log.read(types=["QuestionAdded"])
    if wait:
        head = await services.log.head()

        async def folded() -> bool:
            return await services.models.checkpoint(QuestionsProjection()) >= head

        await eventually(folded)
    await services.log.append([StreamWrite(added.stream, ANY, [QuestionRetired(2)])])
    assert prompts(await export(client, host)) == [row(0)["prompt"], row(2)["prompt"]]


async def test_an_export_has_the_organisations_own_bank_alone(client, host, players: Players) -> None:
    other = await players.make("host", org="quizzers")
    await fill(client, host, range(3))
    await fill(client, other, range(3, 5))
    assert prompts(await export(client, other)) == [row(3)["prompt"], row(4)["prompt"]]
    assert prompts(await export(client, host)) == [row(number)["prompt"] for number in range(3)]


async def test_only_hosts_and_admins_export(client, player, admin) -> None:
    assert (await client.get("/questions/export")).status_code == 401
    assert (await client.get("/questions/export", headers=player.headers)).status_code == 403
    assert await export(client, admin) == ""


async def test_a_format_that_is_not_known_is_refused(client, host) -> None:
    answer = await client.get("/questions/export", headers=host.headers, params={"format": "docx"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == "format"
