"""GET /questions/search, on either database."""

from typing import Any

import httpx
import msgspec

from events.log import ANY, StreamWrite
from events.vocabulary.questions import QuestionAdded, QuestionRetired
from projections.models.questions import QuestionsProjection
from tests.support.accounts import Player, Players
from tests.support.banks import add_questions, question
from tests.support.problems import paths, problem
from tests.support.waiting import eventually
from trivia.services import Services


def about(number: int, prompt: str, **changed: Any) -> QuestionAdded:
    return msgspec.structs.replace(question(number, topic="Rivers"), prompt=prompt, **changed)


async def fill(services: Services, *questions: QuestionAdded) -> None:
    position = await add_questions(services.log, questions)
    await services.pool_at(position)

    async def folded() -> bool:
        return await services.models.checkpoint(QuestionsProjection()) >= position

    await eventually(folded)


async def search(client: httpx.AsyncClient, user: Player, q: str | None = None, **query: Any) -> dict[str, Any]:
    query |= {} if q is None else {"q": q}
    reply = await client.get("/questions/search", params=query, headers=user.headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def ids(page: dict[str, Any]) -> list[int]:
    return [item["id"] for item in page["items"]]


async def all_pages(client: httpx.AsyncClient, user: Player, **query: Any) -> list[int]:
    found, cursor = [], {}
    while True:
        page = await search(client, user, **query, **cursor)
        found += ids(page)
        if page["cursor"] is None:
            return found
        cursor = {"cursor": page["cursor"]}


async def test_a_host_finds_questions_by_words_without_accents_and_by_the_beginning_of_the_last(
    client, services: Services, host: Player
):
    await fill(services, about(1, "Où coule le Rhône?"), about(2, "Where is Rhodes?"), about(3, "Who won?"))

    page = await search(client, host, "COULE rhon")

    assert page["cursor"] is None
    (found,) = page["items"]
    assert found == {
        "id": 1,
        "prompt": "Où coule le Rhône?",
        "options": ["1", "2", "3", "none of these"],
        "answer": "1",
        "topic": "Rivers",
        "min_age": 0,
        "max_age": 120,
        "difficulty": "medium",
        "explanation": "1 times 1 is 1.",
        "shared": True,
        "reports": 0,
    }
    assert sorted(ids(await search(client, host, "rho"))) == [1, 2]
    assert ids(await search(client, host, "rho where")) == []
    assert ids(await search(client, host, "+++")) == []
    # Nothing of this is an operator, and none of it an error.
    for typed in (
        '"',
        "rhône OR",
        "NOT rhône",
        "prompt:rhône*",
        "(",
        "^",
        "' & |",
        "\\",
        "NEAR(a, 2)",
        "🦆",
        "e\u0301",
    ):
        await search(client, host, typed)


async def test_without_words_the_newest_come_first_and_pages_meet(client, services: Services, host: Player):
    await fill(services, *[about(n, f"River {n}", difficulty="easy" if n % 2 else "hard") for n in range(1, 26)])

    assert await all_pages(client, host, limit=4) == list(range(25, 0, -1))
    assert await all_pages(client, host, limit=4, difficulty="hard", topic="RIVERS") == list(range(24, 0, -2))
    by_words = await all_pages(client, host, q="river", limit=4, difficulty="hard", topic="RIVERS")
    assert sorted(by_words) == list(range(2, 25, 2))
    assert by_words == ids(await search(client, host, "river", limit=100, difficulty="hard"))


async def test_a_host_finds_what_their_organisation_may_draw_and_nothing_else(
    client, services: Services, players: Players
):
    ours = await players.make("host", org="ours")
    await services.administration.make_organisation("alone", "Alone", shared_bank=False)
    alone = await players.make("host", org="alone")
    await fill(
        services,
        about(1, "River one", org="ours"),
        about(2, "River two", org="theirs"),
        about(3, "River three"),
        about(4, "River four", pending=True),
        about(5, "River five", org="alone"),
    )

    for q in ("river", None):
        page = await search(client, ours, q)
        assert {(item["id"], item["shared"], item["reports"]) for item in page["items"]} == {
            (1, False, 0),
            (3, True, None),
        }
        assert ids(await search(client, alone, q)) == [5]


async def test_what_was_retired_a_moment_ago_is_not_found(client, services: Services, host: Player):
    await fill(services, about(1, "River one"), about(2, "River two"))
    position = (await services.log.append([StreamWrite("retiring", ANY, [QuestionRetired(1)])])).last
    await services.pool_at(position)

    assert ids(await search(client, host, "river")) == [2]
    assert ids(await search(client, host)) == [2]


async def test_hosts_see_how_many_users_have_reported_a_question(
    client, services: Services, host: Player, player: Player
):
    await fill(services, about(1, "River one"))
    await client.get("/questions", headers=player.headers)
    body = {"reason": "That is a lake."}
    assert (await client.post("/questions/1/report", json=body, headers=player.headers)).status_code == 204

    async def counted() -> bool:
        return (await search(client, host, "river"))["items"][0]["reports"] == 1

    await eventually(counted)


async def test_a_search_that_makes_no_sense_is_refused_and_every_fault_named(client, host: Player):
    query = {"q": "x" * 301, "limit": 0, "cursor": "", "difficulty": "none", "age": 121, "colour": "red"}
    document = problem(await client.get("/questions/search", params=query, headers=host.headers), 400, "bad-input")
    assert paths(document) == ["age", "colour", "cursor", "difficulty", "limit", "q"]
    for cursor in ("!", "bm9wZQ", "WzAuMCwtMV0"):
        reply = await client.get("/questions/search", params={"cursor": cursor}, headers=host.headers)
        assert paths(problem(reply, 400, "bad-input")) == ["cursor"]
