"""Positions are those of one history of the log: a client that holds those of another hears so at once."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from events.epoch import OtherHistory
from events.log import LogUnavailable
from tests.support.banks import add_questions, question
from tests.support.postgres import PostgresServer, database_name
from tests.support.problems import problem
from tests.support.serving import client_of, services_of
from trivia.services import Services
from trivia.settings import Settings

EPOCH = "X-Log-Epoch"
OTHER = "0123456789abcdef"


async def test_every_answer_tells_the_epoch_and_all_processes_tell_the_same(make_app, client, services, host, player):
    position = await add_questions(services.log, [question(1)])
    await services.pool_at(position)
    replies = [
        await client.get("/health"),
        await client.get("/questions", headers=player.headers),
        await client.get("/questions"),
        await client.get("/questions/availability", headers=player.headers),
        await client.post("/questions/import", headers=host.headers),
    ]
    async with client_of(await make_app()) as other:
        replies.append(await other.get("/topics", headers=player.headers))
    epochs = {reply.headers.get(EPOCH) for reply in replies}
    assert epochs == {services.log.epoch}
    assert re.fullmatch("[0-9a-f]{16}", services.log.epoch)


@pytest.mark.parametrize("path", ["/questions", "/topics", "/me/history", "/api/v1/questions/availability"])
async def test_a_position_of_another_epoch_is_refused_and_not_waited_for(client, services, player, path):
    head = await services.log.head()
    own = {**player.headers, "X-Min-Position": str(head), EPOCH: services.log.epoch}
    assert (await client.get(path, headers=own)).status_code == 200
    # Whether this log has such a position or not.
    for position in (0, head, head + 1_000_000):
        reply = await client.get(path, headers={**player.headers, "X-Min-Position": str(position), EPOCH: OTHER})
        problem(reply, 409, "other-epoch")
        assert reply.headers[EPOCH] == services.log.epoch


async def test_nobody_is_told_the_epoch_before_they_are_known(client):
    problem(await client.get("/topics", headers={EPOCH: OTHER}), 401, "unauthenticated")


async def test_an_id_of_another_epochs_stream_is_refused(client, services, admin):
    reply = await client.get("/events/stream", headers={**admin.headers, "Last-Event-ID": f"{OTHER}:1"})
    problem(reply, 409, "other-epoch")


@pytest.mark.parametrize("value", ["x:1", f"{OTHER}:", f"{OTHER}:x", ":", "1:1:1"])
async def test_a_bad_id_of_a_stream_is_refused(client, admin, value):
    reply = await client.get("/events/stream", headers={**admin.headers, "Last-Event-ID": value})
    assert reply.status_code in {400, 409}


def restore_older(settings: Settings, postgres_server: PostgresServer | None) -> None:
    """Put an older copy of the log in its place, under whoever has it open."""
    if postgres_server is None:
        path = Path(settings.database_url.removeprefix("sqlite:///"))
        older = path.with_name("older.sqlite")
        for journal in ("-wal", "-shm"):
            path.with_name(path.name + journal).unlink()
        older.rename(path)
    else:
        postgres_server.sql(
            "ALTER TABLE events DISABLE TRIGGER USER; DELETE FROM events WHERE position = (SELECT max(position) FROM events);"
            "ALTER TABLE events ENABLE TRIGGER USER; UPDATE log_head SET position = position - 1",
            database_name(settings.database_url),
        )


async def test_a_process_whose_log_was_restored_under_it_stores_nothing_more_and_wants_to_start_again(
    request: pytest.FixtureRequest, settings: Settings, client, services: Services, make_app
):
    server = None
    if settings.database_url.startswith("sqlite"):
        path = settings.database_url.removeprefix("sqlite:///")
        shutil.copy(path, f"{Path(path).parent}/older.sqlite")
    else:
        server = request.getfixturevalue("postgres_server")
    epoch = services.log.epoch
    await add_questions(services.log, [question(1)])
    restore_older(settings, server)

    with pytest.raises(LogUnavailable):
        await add_questions(services.log, [question(2)])
    await asyncio.wait_for(services.readiness.stopped.wait(), 5)
    assert services.readiness.starts_again
    assert (await client.get("/health/ready")).status_code == 503
    with pytest.raises(OtherHistory):
        await services.log.head()

    again = services_of(await make_app())
    assert again.log.epoch != epoch
    await add_questions(again.log, [question(2)])
