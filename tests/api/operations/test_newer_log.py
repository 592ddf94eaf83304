"""A log that newer software has written to: what this one cannot read is said, what it can goes on."""

import httpx
import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.assignments import QuestionsAssigned
from projections.engine.user_state import stream_of
from tests.support.accounts import Player, Players
from tests.support.banks import add_questions, question
from tests.support.problems import problem
from trivia.services import Services


async def test_who_has_events_of_a_newer_schema_is_told_to_wait_and_nobody_else_is(
    client: httpx.AsyncClient, services: Services, players: Players, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.pool_at(await add_questions(services.log, [question(n) for n in range(5)]))
    with monkeypatch.context() as patch:
        patch.setattr(QuestionsAssigned, "schema", 7)
        await services.log.append([StreamWrite(stream_of(player.id), ANY, [QuestionsAssigned((1,))])])

    for path in ("/questions", "/user_quiz_stats"):
        reply = await client.get(path, headers=player.headers)
        assert "newer version" in problem(reply, 503, "unavailable")["detail"]
    other = await players.make("player")
    assert len((await client.get("/questions", headers=other.headers)).json()) == 5
