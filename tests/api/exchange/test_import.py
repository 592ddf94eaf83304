"""POST /questions/import, on either database."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from events.vocabulary import REGISTRY
from events.vocabulary.questions import ImportCompleted, QuestionAdded
from tests.api.conftest import MakeClient
from tests.support.accounts import Player, Players
from tests.support.problems import problem
from tests.support.rows import NDJSON, lines, row
from trivia.exchange.routes import MAX_JSON_COMMAS
from trivia.exchange.spool import CHUNK
from trivia.questions.bank.identity import content_identity
from trivia.questions.bank.question_row import MAX_ROW_BYTES
from trivia.services import Services

PATH = "/questions/import"


async def send(
    client: httpx.AsyncClient, user: Player, body: Any, headers: dict[str, str] = NDJSON, **query: Any
) -> httpx.Response:
    return await client.post(PATH, content=body, headers={**headers, **user.headers}, params=query)


async def of_type(services: Services, kind: type[Any]) -> list[Any]:
    found = []
    after = 0
    while page := await services.log.read(after, types=[kind.__name__]):
        after = page[-1].position
        found += [REGISTRY.decode(event.type, event.schema, event.data) for event in page]
    return found


async def test_ndjson_enters_whole(client, services, host) -> None:
    answer = await send(client, host, lines(row(number) for number in range(30)))
    assert answer.status_code == 200
    assert answer.json() == {
        "imported": 30,
        "skipped": 0,
        "near_duplicates": 0,
        "invalid": 0,
        "total_questions": 30,
        "errors": [],
    }
    questions = await of_type(services, QuestionAdded)
    assert [question.prompt for question in questions] == [row(number)["prompt"] for number in range(30)]
    (completed,) = await of_type(services, ImportCompleted)
    assert completed == ImportCompleted("public", "http", 30, 0, 0)
    (origin,) = {question.origin for question in questions}
    assert origin.startswith("import-")
    assert await services.log.versions([origin]) == [1]


@pytest.mark.parametrize("media_type", [{}, {"Content-Type": "application/json; charset=utf-8"}])
async def test_a_json_body_enters_whole(client, host, media_type) -> None:
    body = msgspec.json.encode({"questions": [row(1), row(2)]})
    answer = await send(client, host, body, media_type)
    assert answer.json() == {
        "imported": 2,
        "skipped": 0,
        "near_duplicates": 0,
        "invalid": 0,
        "total_questions": 2,
        "errors": [],
    }


async def test_what_was_imported_is_given_out_at_once(client, host, player) -> None:
    await send(client, host, lines([row(1)]))
    given = await client.get("/questions", headers=player.headers)
    assert [question["prompt"] for question in given.json()] == [row(1)["prompt"]]


async def test_a_question_the_bank_has_is_skipped(client, services, host) -> None:
    await send(client, host, lines([row(1), row(2)]))
    reordered = row(1, options=row(1)["options"][::-1], prompt=row(1)["prompt"].upper(), topic="Another")
    answer = await send(client, host, lines([reordered, row(3), row(2)]))
    assert answer.json() == {
        "imported": 1,
        "skipped": 2,
        "near_duplicates": 0,
        "invalid": 0,
        "total_questions": 3,
        "errors": [],
    }
    assert len(await of_type(services, QuestionAdded)) == 3


async def test_a_question_that_is_in_the_file_twice_enters_once(client, services, host) -> None:
    far_apart = [row(1), row(1), *[row(number) for number in range(2, CHUNK + 50)], row(1)]
    answer = await send(client, host, lines(far_apart))
    assert answer.json()["imported"] == CHUNK + 49
    assert answer.json()["skipped"] == 2
    contents = [question.content for question in await of_type(services, QuestionAdded)]
    assert len(set(contents)) == len(contents) == CHUNK + 49


async def test_one_bad_row_and_nothing_enters(client, services, host) -> None:
    head = await services.log.head()
    rows = [row(number) for number in range(5)]
    rows[1] = row(1, answer="9", difficulty="x")
    rows[3] = row(3, options=["6", "6", "7", "8"])
    answer = await send(client, host, lines(rows))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["detail"] == "2 of 5 rows have faults, so nothing was imported."
    assert {(fault["line"], fault["path"]) for fault in problem["errors"]} == {
        (2, "answer"),
        (2, "difficulty"),
        (4, "options[1]"),
    }
    assert await services.log.head() == head


async def test_the_good_rows_enter_where_that_is_asked_for(client, host) -> None:
    answer = await send(client, host, lines([row(1), row(2, answer="?"), "nonsense", row(3)]), on_error="skip")
    assert answer.status_code == 200
    reply = answer.json()
    assert (reply["imported"], reply["skipped"], reply["invalid"], reply["total_questions"]) == (2, 0, 2, 2)
    assert [(fault["line"], fault["path"]) for fault in reply["errors"]] == [(2, "answer"), (3, "")]


async def test_faults_in_a_json_body_are_named_by_their_path(client, host) -> None:
    body = msgspec.json.encode({"questions": [row(0), row(1, answer="?", hint=1)]})
    answer = await send(client, host, body, {})
    assert answer.status_code == 422
    assert {fault["path"] for fault in answer.json()["errors"]} == {"questions[1].answer", "questions[1].hint"}
    assert "line" not in answer.json()["errors"][0]


async def test_faults_are_counted_in_full_and_listed_up_to_a_limit(client, host) -> None:
    answer = await send(client, host, lines(row(number, answer="?") for number in range(1500)), on_error="skip")
    assert answer.json()["invalid"] == 1500
    assert len(answer.json()["errors"]) == 1000


async def test_a_dry_run_adds_nothing_and_says_what_would_be(client, services, host) -> None:
    await send(client, host, lines([row(1)]))
    head = await services.log.head()
    rows = [row(1), row(2), row(2), row(3), row(4, answer="?")]
    answer = await send(client, host, lines(rows), dry_run="true", on_error="skip")
    reply = answer.json()
    assert (reply["imported"], reply["skipped"], reply["invalid"], reply["total_questions"]) == (2, 2, 1, 1)
    assert (await send(client, host, lines(rows), dry_run="true")).status_code == 422
    assert await services.log.head() == head


async def test_an_empty_file_is_an_import_of_nothing(client, host) -> None:
    for body, headers in ((b"", NDJSON), (b'{"questions":[]}', {})):
        answer = await send(client, host, body, headers)
        assert answer.json() == {
            "imported": 0,
            "skipped": 0,
            "near_duplicates": 0,
            "invalid": 0,
            "total_questions": 0,
            "errors": [],
        }


async def test_a_file_that_was_cut_off_is_refused_by_its_last_line(client, services, host) -> None:
    body = lines([row(1), row(2)])
    answer = await send(client, host, body[:-20])
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["line"], fault["path"]) == (2, "")
    assert "truncated" in fault["message"]
    assert await of_type(services, QuestionAdded) == []


async def test_a_line_that_is_too_long_is_a_fault_of_its_line(client, host) -> None:
    body = lines([row(1)]) + b"x" * (MAX_ROW_BYTES + 1) + b"\n" + lines([row(2)])
    answer = await send(client, host, body, on_error="skip")
    assert answer.json()["imported"] == 2
    assert answer.json()["errors"] == [{"line": 2, "path": "", "message": f"longer than {MAX_ROW_BYTES} bytes"}]


@pytest.mark.parametrize("headers", [NDJSON, {}])
async def test_a_body_over_the_limit_is_refused(make_client: MakeClient, services, host, headers) -> None:
    client = await make_client(max_import_bytes=2048)
    body = lines(row(number) for number in range(100))

    async def unannounced() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 500):
            yield body[start : start + 500]

    for content in (body, unannounced()):
        answer = await send(client, host, content, headers)
        assert answer.status_code == 413
    assert await of_type(services, QuestionAdded) == []


async def test_another_media_type_is_refused(client, host) -> None:
    answer = await send(client, host, b"a,b", {"Content-Type": "text/csv"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "query",
    [{"near_duplicates": "maybe"}, {"on_error": "ignore"}, {"dry_run": "perhaps"}, {"on_error": "skip", "x": 1}],
)
async def test_a_parameter_that_is_not_understood_is_refused(client, services, host, query) -> None:
    answer = await send(client, host, lines([row(1)]), **query)
    assert answer.status_code == 400
    assert await of_type(services, QuestionAdded) == []


async def test_only_hosts_and_admins_import(client, player, admin) -> None:
    assert (await client.post(PATH, content=lines([row(1)]), headers=NDJSON)).status_code == 401
    assert (await send(client, player, lines([row(1)]))).status_code == 403
    assert (await send(client, admin, lines([row(1)]))).status_code == 200


async def test_an_organisation_has_a_bank_of_its_own(client, services, players: Players) -> None:
    host, other = await players.make("host", org="quizzers"), await players.make("host", org="teachers")
    for user in (host, other):
        answer = await send(client, user, lines([row(1), row(2)]))
        assert answer.json() == {
            "imported": 2,
            "skipped": 0,
            "near_duplicates": 0,
            "invalid": 0,
            "total_questions": 2,
            "errors": [],
        }
    identity = content_identity(row(1)["prompt"], row(1)["options"])
    streams = [f"question-{identity}", f"question-quizzers-{identity}", f"question-teachers-{identity}"]
    assert await services.log.versions(streams) == [0, 1, 1]


async def test_what_the_shared_bank_has_does_not_enter_an_organisations_own(client, host, players: Players) -> None:
    await send(client, host, lines([row(1)]))
    other = await players.make("host", org="quizzers")
    answer = await send(client, other, lines([row(1), row(2)]))
    assert answer.json() == {
        "imported": 1,
        "skipped": 1,
        "near_duplicates": 0,
        "invalid": 0,
        "total_questions": 1,
        "errors": [],
    }


@pytest.mark.parametrize("orgs", [("public", "public"), ("quizzers", "quizzers")])
async def test_two_imports_of_the_same_file_at_once_add_each_question_once(
    make_client: MakeClient, services, players: Players, orgs
) -> None:
    count = 3 * CHUNK + 7
    body = lines(row(number) for number in range(count))
    clients = [await make_client(), await make_client()]
    users = [await players.make("host", org=org) for org in orgs]
    answers = await asyncio.gather(*[send(c, user, body) for c, user in zip(clients, users, strict=True)])
    replies = [answer.json() for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sum(reply["imported"] for reply in replies) == count
    assert sum(reply["skipped"] for reply in replies) == count
    contents = [question.content for question in await of_type(services, QuestionAdded)]
    assert len(set(contents)) == len(contents) == count


async def test_a_race_with_the_shared_bank_leaves_each_question_in_one_of_the_two_at_most_twice(
    make_client: MakeClient, services, host, players: Players
) -> None:
    count = 2 * CHUNK
    body = lines(row(number) for number in range(count))
    clients = [await make_client(), await make_client()]
    users = [host, await players.make("host", org="quizzers")]
    answers = await asyncio.gather(*[send(c, user, body) for c, user in zip(clients, users, strict=True)])
    assert answers[0].json()["imported"] == count
    shared, own = answers[1].json()["skipped"], answers[1].json()["imported"]
    assert shared + own == count
    assert len(await of_type(services, QuestionAdded)) == count + own


async def test_a_client_that_goes_away_in_the_middle_leaves_nothing(app, services, host) -> None:
    sent: list[dict[str, Any]] = []
    parts = [lines(row(number) for number in range(2 * CHUNK)), lines([row(-1)])[:30]]

    async def receive() -> dict[str, Any]:
        if parts:
            return {"type": "http.request", "body": parts.pop(0), "more_body": True}
        return {"type": "http.disconnect"}

    async def note(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in {**NDJSON, **host.headers}.items()]
    head = await services.log.head()
    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": b"on_error=skip",
            "root_path": "",
            "headers": headers,
            "client": ("203.0.113.7", 40_000),
            "server": ("trivia.test", 80),
            "state": {},
            "extensions": {},
        },
        receive,
        note,
    )
    assert sent[0]["status"] == 400
    assert await services.log.head() == head


async def test_others_are_answered_while_a_large_file_is_read(client, host) -> None:
    body = lines(row(number) for number in range(5 * CHUNK))
    answered = 0

    async def ask() -> None:
        nonlocal answered
        while True:
            assert (await client.get("/health")).status_code == 200
            answered += 1
            # A request over a socket gives others a turn; one that is handed to the application need not.
            await asyncio.sleep(0)

    asking = asyncio.create_task(ask())
    answer = await send(client, host, body)
    asking.cancel()
    assert answer.json()["imported"] == 5 * CHUNK
    # The body has 20 batches to be read in and 5 chunks to be added; between any two there is a turn for others.
    assert answered >= 20


FACT = {"prompt": "Which river runs through Lisbon?", "options": ["Tagus", "Douro", "Ebro", "Minho"], "answer": "Tagus"}
REWORDED = {
    "prompt": "Name the river that runs through Lisbon.",
    "options": ["Tagus", "Po", "Ebro", "Don"],
    "answer": "Tagus",
}
OTHER = {"prompt": "Which river runs through Porto?", "options": ["Tagus", "Douro", "Ebro", "Minho"], "answer": "Douro"}


def facts(*rows: dict[str, Any]) -> bytes:
    return lines([{**fact, "topic": "Rivers"} for fact in rows])


async def counted(
    client: httpx.AsyncClient, user: Player, body: bytes, **query: Any
) -> tuple[int, int, int | None, int]:
    answer = await send(client, user, body, **query)
    assert answer.status_code == 200, answer.text
    reply = answer.json()
    return reply["imported"], reply["skipped"], reply["near_duplicates"], reply["total_questions"]


async def test_near_duplicates_enter_and_are_counted(client, host) -> None:
    assert await counted(client, host, facts(FACT, OTHER)) == (2, 0, 0, 2)
    assert await counted(client, host, facts(REWORDED)) == (1, 0, 1, 3)


async def test_near_duplicates_are_left_out_where_that_is_asked_for(client, host) -> None:
    assert await counted(client, host, facts(FACT, REWORDED, OTHER), near_duplicates="skip") == (2, 1, 1, 2)
    assert await counted(client, host, facts(REWORDED, FACT), near_duplicates="skip") == (0, 2, 1, 2)


async def test_what_may_be_a_near_duplicate_waits_for_a_reviewer_where_near_duplicates_are_left_out(
    client, host
) -> None:
    options = ["Tagus and Trancão", "Douro", "Ebro", "Minho"]
    rivers = {"prompt": "Which rivers run through Lisbon?", "options": options, "answer": options[0]}
    assert await counted(client, host, facts(FACT, rivers), near_duplicates="skip") == (2, 0, 0, 1)
    waiting = (await client.get("/questions/pending", headers=host.headers)).json()["items"]
    reason = "may be the same as a question that is being added: Which river runs through Lisbon?"
    assert [(item["id"], item["review_reason"]) for item in waiting] == [(2, reason)]


async def test_near_duplicates_are_not_looked_for_where_nobody_wants_that(client, host) -> None:
    assert await counted(client, host, facts(FACT, REWORDED), near_duplicates="off") == (2, 0, None, 2)


async def test_a_dry_run_says_how_many_near_duplicates_there_are_and_leaves_no_trace(client, host) -> None:
    dry = {"dry_run": "true", "near_duplicates": "skip"}
    assert await counted(client, host, facts(FACT, REWORDED), **dry) == (1, 1, 1, 0)
    assert await counted(client, host, facts(REWORDED, OTHER), **dry) == (2, 0, 0, 0)


async def test_another_organisations_questions_are_no_near_duplicates(client, host, players: Players) -> None:
    await send(client, await players.make("host", org="quizzers"), facts(FACT))
    assert await counted(client, host, facts(REWORDED)) == (1, 0, 0, 1)


async def test_the_shared_banks_questions_are_near_duplicates_for_everyone(client, host, players: Players) -> None:
    await send(client, host, facts(FACT))
    assert await counted(client, await players.make("host", org="quizzers"), facts(REWORDED)) == (1, 0, 1, 1)


async def test_an_organisation_imports_one_file_at_a_time(client, host, players: Players) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly():
        yield lines([row(1)])
        begun.set()
        await go_on.wait()
        yield lines([row(2)])

    first = asyncio.create_task(client.post("/questions/import", content=slowly(), headers={**host.headers, **NDJSON}))
    await begun.wait()
    problem(await send(client, await players.make("host"), lines([row(3)])), 409, "conflict")
    assert (await send(client, await players.make("host", org="quizzers"), lines([row(3)]))).status_code == 200
    go_on.set()
    assert (await first).json()["imported"] == 2
    assert (await send(client, host, lines([row(3)]))).status_code == 200


async def test_json_with_more_values_than_fit_into_memory_is_refused_before_it_is_read(client, host) -> None:
    body = b'{"questions":[' + b"0," * MAX_JSON_COMMAS + b"0,0]}"
    refused = await client.post("/questions/import", content=body, headers=host.headers)
    problem(refused, 413, "too-large")


async def test_beyond_the_faults_that_are_listed_bad_rows_are_only_counted(client, host) -> None:
    bad = lines([row(number, answer="x", topic=" ") for number in range(700)])
    refused = (await send(client, host, bad)).json()
    assert len(refused["errors"]) == 1000
    assert "700 of 700 rows" in refused["detail"]
