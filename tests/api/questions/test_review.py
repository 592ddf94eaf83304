"""What becomes of a question once it is in the log: approved, retired, reported; on either database."""

import asyncio
import json

import httpx
import msgspec
import pytest
from structlog.testing import capture_logs

from events.vocabulary.questions import QuestionAdded
from projections.engine.projector import catch_up
from projections.models.seen_sets import SeenSetsProjection
from tests.support.accounts import Player, Players
from tests.support.banks import add_questions, question
from tests.support.problems import paths, problem
from tests.support.serving import client_of, services_of
from tests.support.waiting import eventually
from trivia.questions.review.service import BURST
from trivia.services import Services


def waiting(number: int, *, org: str = "public") -> QuestionAdded:
    return msgspec.structs.replace(question(number, org=org), pending=True)


async def fill(services: Services, *questions: QuestionAdded) -> None:
    await services.pool_at(await add_questions(services.log, questions))


async def drawn(client: httpx.AsyncClient, user: Player) -> list[int]:
    reply = await client.get("/questions", params={"limit": 100}, headers=user.headers)
    assert reply.status_code == 200
    return sorted(question["id"] for question in reply.json())


async def approve(client: httpx.AsyncClient, user: Player, number: int) -> httpx.Response:
    return await client.post(f"/questions/{number}/approve", headers=user.headers)


async def retire(client: httpx.AsyncClient, user: Player, number: int, **query: str) -> httpx.Response:
    return await client.delete(f"/questions/{number}", params=query, headers=user.headers)


async def report(client: httpx.AsyncClient, user: Player, number: int, reason: str = "It is wrong.") -> httpx.Response:
    return await client.post(f"/questions/{number}/report", json={"reason": reason}, headers=user.headers)


async def restore(client: httpx.AsyncClient, user: Player, number: int) -> httpx.Response:
    return await client.post(f"/questions/{number}/restore", headers=user.headers)


async def reported(client: httpx.AsyncClient, user: Player, **query: object) -> dict:
    reply = await client.get("/questions/reported", params=query, headers=user.headers)
    assert reply.status_code == 200
    return reply.json()


async def events_of(services: Services, *types: str) -> list[tuple[str, dict]]:
    found = await services.log.read(types=types)
    return [(event.type, json.loads(event.data)) for event in found]


async def test_a_pending_question_is_given_to_nobody_until_a_host_approves_it(
    client, services: Services, players: Players
):
    host, player = await players.make("host", org="ours"), await players.make("player", org="ours")
    await fill(services, waiting(1, org="ours"), waiting(2, org="ours"), waiting(3, org="theirs"))

    assert await drawn(client, player) == []
    assert (await client.get("/topics", headers=player.headers)).json() == []
    assert (await client.get("/questions/availability", headers=player.headers)).json()["available"] == 0
    assert (await client.get("/questions/export", headers=host.headers)).text == ""
    listed = (await client.get("/questions/pending", headers=host.headers)).json()
    assert (listed["total"], listed["cursor"], [item["id"] for item in listed["items"]]) == (2, None, [1, 2])
    assert listed["items"][0]["answer"] == "1"
    assert listed["items"][0]["explanation"] == "1 times 1 is 1."
    assert listed["items"][0]["review_reason"] is None

    done = await approve(client, host, 2)

    assert (done.status_code, done.content) == (204, b"")
    assert int(done.headers["x-event-position"]) == await services.log.head()
    assert await drawn(client, player) == [2]
    assert len((await client.get("/questions/export", headers=host.headers)).text.splitlines()) == 1
    listed = (await client.get("/questions/pending", headers=host.headers)).json()
    assert [item["id"] for item in listed["items"]] == [1]
    problem(await approve(client, host, 2), 409, "conflict")


async def test_a_reviewer_is_told_what_to_look_at(client, services: Services, admin):
    reason = "may be the same as question 17: How much is 2 times 2?"
    await fill(services, waiting(1), msgspec.structs.replace(waiting(2), review_reason=reason))
    listed = (await client.get("/questions/pending", headers=admin.headers)).json()
    assert [item["review_reason"] for item in listed["items"]] == [None, reason]


async def test_pending_questions_come_in_pages_and_what_is_approved_meanwhile_makes_no_gap(
    client, services: Services, admin
):
    await fill(services, *[waiting(number) for number in range(1, 8)])
    first = (await client.get("/questions/pending", params={"limit": 3}, headers=admin.headers)).json()
    assert (await approve(client, admin, 2)).status_code == 204
    seen = [item["id"] for item in first["items"]]
    while cursor := first["cursor"]:
        query = {"limit": 3, "cursor": cursor}
        first = (await client.get("/questions/pending", params=query, headers=admin.headers)).json()
        seen += [item["id"] for item in first["items"]]

    assert seen == [1, 2, 3, 4, 5, 6, 7]
    refused = await client.get("/questions/pending", params={"cursor": "bm9wZQ"}, headers=admin.headers)
    assert paths(problem(refused, 400, "bad-input")) == ["cursor"]


async def test_a_retired_question_is_given_out_no_more_and_what_was_given_can_still_be_answered(
    client, services: Services, admin, player
):
    await fill(services, question(1), question(2))
    assert await drawn(client, player) == [1, 2]

    done = await retire(client, admin, 1, reason="out of date")

    assert (done.status_code, done.content) == (204, b"")
    assert int(done.headers["x-event-position"]) == await services.log.head()
    await client.post("/me/seen/reset", headers=player.headers)
    assert await drawn(client, player) == [2]
    answered = await client.post("/questions/1/answer", json={"answer": "1"}, headers=player.headers)
    assert answered.json()["correct"] is True
    assert await events_of(services, "QuestionRetired") == [
        ("QuestionRetired", {"question": 1, "reason": "out of date"})
    ]
    problem(await retire(client, admin, 1), 409, "conflict")
    problem(await retire(client, admin, 3), 404, "not-found")
    problem(await retire(client, admin, 2, reason=""), 400, "bad-input")


async def test_a_question_that_was_turned_down_cannot_be_approved(client, services: Services, admin):
    await fill(services, waiting(1))
    assert (await retire(client, admin, 1)).status_code == 204
    problem(await approve(client, admin, 1), 409, "conflict")


async def test_the_bank_of_another_organisation_is_not_there_and_the_shared_one_has_keepers_of_its_own(
    client, services: Services, players: Players, host, admin
):
    await fill(services, question(1), waiting(2), waiting(3, org="ours"), question(4, org="ours"))
    strangers = [await players.make("admin", org="theirs"), admin]
    for stranger in strangers:
        problem(await approve(client, stranger, 3), 404, "not-found")
        problem(await retire(client, stranger, 4), 404, "not-found")

    # Whoever draws from the shared bank knows its questions, but not those that wait.
    theirs = strangers[0]
    problem(await retire(client, theirs, 1), 403, "forbidden")
    problem(await approve(client, theirs, 2), 404, "not-found")
    problem(await approve(client, host, 2), 403, "forbidden")
    await services.administration.make_organisation("alone", "Alone", shared_bank=False)
    await services.pool_at(await services.log.head())
    problem(await retire(client, await players.make("admin", org="alone"), 1), 404, "not-found")

    assert (await approve(client, admin, 2)).status_code == 204
    assert (await retire(client, admin, 1)).status_code == 204


async def test_a_report_is_for_who_was_given_the_question_once_and_hosts_read_it(
    client, services: Services, players: Players, host, player
):
    await fill(services, question(1), question(2), question(3, org="ours"))
    problem(await report(client, player, 1), 404, "not-found")
    await drawn(client, player)

    done = await report(client, player, 1, "It is 2, naïvely 🦆")
    assert (done.status_code, done.content) == (204, b"")
    problem(await report(client, player, 1), 409, "conflict")
    assert paths(problem(await report(client, player, 1, ""), 400, "bad-input")) == ["reason"]
    assert (await report(client, player, 2)).status_code == 204

    page = await eventually_reported(client, host, 2)
    assert [(item["id"], item["count"], item["retired"]) for item in page["items"]] == [(2, 1, False), (1, 1, False)]
    assert page["items"][1]["prompt"] == "What is 1 times 1?"
    assert [told["reason"] for told in page["items"][1]["reports"]] == ["It is 2, naïvely 🦆"]
    assert player.id not in json.dumps(page)
    assert [item["id"] for item in (await reported(client, host, limit=1))["items"]] == [2]
    assert (await reported(client, await players.make("host", org="ours")))["items"] == []


async def eventually_reported(client: httpx.AsyncClient, user: Player, questions: int) -> dict:
    async def listed() -> dict | None:
        page = await reported(client, user)
        return page if len(page["items"]) == questions else None

    return await eventually(listed)


async def test_reported_questions_come_in_pages_the_latest_report_first(client, services: Services, host, player):
    await fill(services, *[question(number) for number in range(1, 6)])
    await drawn(client, player)
    for number in (3, 1, 5, 2, 4):
        assert (await report(client, player, number)).status_code == 204
    await eventually_reported(client, host, 5)

    seen, cursor = [], None
    while True:
        page = await reported(client, host, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        if not (cursor := page["cursor"]):
            break
    assert seen == [4, 2, 5, 1, 3]


async def test_what_a_forgotten_user_reported_cannot_be_read_any_more_and_still_counts(
    client, services: Services, host, player
):
    await fill(services, question(1))
    await drawn(client, player)
    await report(client, player, 1, "My name is Ada and it is wrong.")
    (_, stored), *_ = await events_of(services, "QuestionReported")
    assert "Ada" not in json.dumps(stored)
    await eventually_reported(client, host, 1)

    assert (await client.delete("/me", headers=player.headers)).status_code == 204

    (item,) = (await reported(client, host))["items"]
    assert (item["count"], item["reports"][0]["reason"]) == (1, None)


@pytest.mark.parametrize(("threshold", "left"), [(2, []), (0, [1])])
async def test_enough_users_who_report_a_question_retire_it(
    make_app, players: Players, threshold: int, left: list[int]
):
    app = await make_app(report_threshold=threshold)
    services = services_of(app)
    users = [await players.make() for _ in range(3)]
    await fill(services, question(1))
    async with client_of(app) as client:
        for user in users:
            assert await drawn(client, user) == [1]
        for user in users:
            assert (await report(client, user, 1)).status_code == 204
        assert await drawn(client, await players.make()) == left

    said = [data for _, data in await events_of(services, "QuestionRetired")]
    assert said == ([{"question": 1, "reason": "reported by 2 users"}] if not left else [])


async def given_and_reported_by(client: httpx.AsyncClient, users: list[Player]) -> None:
    for user in users:
        assert await drawn(client, user) == [1]
    for user in users:
        assert (await report(client, user, 1)).status_code == 204


async def test_reports_of_guests_and_of_new_accounts_retire_nothing_and_hosts_see_them(make_app, host: Player):
    app = await make_app(report_account_hours=24)
    services = services_of(app)
    await fill(services, question(1))
    async with client_of(app) as client:
        for number in range(5):
            guest = (await client.post("/auth/guest", json={"nickname": f"Guest {number}"})).json()
            headers = {"Authorization": f"Bearer {guest['access_token']}"}
            assert len((await client.get("/questions", headers=headers)).json()) == 1
            reply = await client.post("/questions/1/report", json={"reason": "no"}, headers=headers)
            assert reply.status_code == 204
        await given_and_reported_by(client, [await Players(services).make() for _ in range(4)])
        assert await drawn(client, await Players(services).make()) == [1]

        async def seen() -> bool:
            return [item["count"] for item in (await reported(client, host))["items"]] == [9]

        await eventually(seen)
    assert await events_of(services, "QuestionRetired") == []
    assert {data["counts"] for _, data in await events_of(services, "QuestionReported")} == {False}


async def test_the_more_were_given_a_question_the_more_have_to_report_it(make_app, players: Players):
    app = await make_app(report_threshold=1, report_percent=50)
    services = services_of(app)
    await fill(services, question(1))
    users = [await players.make() for _ in range(8)]
    async with client_of(app) as client:
        for user in users:
            assert await drawn(client, user) == [1]
        # How many were given it is counted in the read model, which is folded every half minute.
        await catch_up(services.log, services.models, SeenSetsProjection(), await services.log.head())
        left = []
        for user in users[:4]:
            assert (await report(client, user, 1)).status_code == 204
            left.append(bool(await events_of(services, "QuestionRetired")))
    assert left == [False, False, False, True]


async def test_a_restored_question_is_given_out_again_and_old_reports_do_not_retire_it(
    make_app, players: Players, admin
):
    app = await make_app(report_threshold=2, report_percent=0)
    services = services_of(app)
    await fill(services, question(1))
    users = [await players.make() for _ in range(4)]
    async with client_of(app) as client:
        await given_and_reported_by(client, users[:2])
        assert await drawn(client, users[2]) == []
        problem(await restore(client, users[2], 1), 403, "forbidden")

        done = await restore(client, admin, 1)

        assert (done.status_code, done.content) == (204, b"")
        assert int(done.headers["x-event-position"]) == await services.log.head()
        problem(await restore(client, admin, 1), 409, "conflict")
        problem(await restore(client, admin, 2), 404, "not-found")
        await given_and_reported_by(client, users[2:3])
        assert await drawn(client, users[3]) == [1]
        assert (await report(client, users[3], 1)).status_code == 204
        assert await drawn(client, await players.make()) == []
    kinds = [kind for kind, _ in await events_of(services, "QuestionRetired", "QuestionRestored")]
    assert kinds == ["QuestionRetired", "QuestionRestored", "QuestionRetired"]


async def test_keepers_of_a_bank_restore_and_what_waited_waits_again(
    client, services: Services, players: Players, host, admin
):
    await fill(services, question(1), waiting(2, org="ours"))
    ours = await players.make("admin", org="ours")
    our_host = await players.make("host", org="ours")
    assert (await retire(client, admin, 1)).status_code == 204
    assert (await retire(client, ours, 2)).status_code == 204
    problem(await restore(client, admin, 2), 404, "not-found")
    problem(await restore(client, ours, 1), 403, "forbidden")
    problem(await restore(client, host, 1), 403, "forbidden")

    problem(await restore(client, our_host, 2), 403, "forbidden")
    assert (await restore(client, ours, 2)).status_code == 204

    listed = (await client.get("/questions/pending", headers=ours.headers)).json()
    assert [item["id"] for item in listed["items"]] == [2]
    assert await drawn(client, our_host) == []


async def test_a_burst_of_reports_is_an_alert_without_anything_personal(client, services: Services, players: Players):
    await fill(services, question(1))
    users = [await players.make() for _ in range(BURST)]
    with capture_logs() as logged:
        await given_and_reported_by(client, users)
    bursts = [entry for entry in logged if entry["event"] == "question_reports_burst"]
    assert [(entry["log_level"], entry["org"], entry["reports"]) for entry in bursts] == [("warning", "public", BURST)]


async def test_reporters_at_once_in_two_processes_retire_a_question_exactly_once(
    make_app, services: Services, client, players
):
    users = [await players.make() for _ in range(4)]
    await fill(services, question(1))
    for user in users:
        assert await drawn(client, user) == [1]
    other_app = await make_app()
    await services_of(other_app).pool_at(await services.log.head())
    async with client_of(other_app) as other:
        replies = await asyncio.gather(
            *[report(each, user, 1) for user, each in zip(users, [client, other] * 2, strict=True)]
        )

    assert [reply.status_code for reply in replies] == [204] * 4
    kinds = [kind for kind, _ in await events_of(services, "QuestionReported", "QuestionRetired")]
    assert kinds.count("QuestionRetired") == 1
    assert kinds.index("QuestionRetired") == 3


async def test_two_approvals_at_once_are_one_and_a_retirement_at_the_same_time_has_the_last_word(
    make_app, services: Services, client, admin, player
):
    await fill(services, *[waiting(number) for number in range(1, 9)])
    other_app = await make_app()
    await services_of(other_app).pool_at(await services.log.head())
    async with client_of(other_app) as other:
        for number in range(1, 5):
            both = await asyncio.gather(approve(client, admin, number), approve(other, admin, number))
            assert sorted(reply.status_code for reply in both) == [204, 409]
        for number in range(5, 9):
            approved, gone = await asyncio.gather(approve(client, admin, number), retire(other, admin, number))
            assert gone.status_code == 204
            assert approved.status_code in {204, 409}
        await services.pool_at(await services.log.head())
        assert await drawn(client, player) == [1, 2, 3, 4]
    approvals = [data["question"] for kind, data in await events_of(services, "QuestionApproved")]
    assert sorted(approvals)[:4] == [1, 2, 3, 4]
    assert len(approvals) == len(set(approvals))
