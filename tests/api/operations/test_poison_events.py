"""Events that cannot be read keep no process from starting or from following the log; the status names them."""

import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.accounts import OrganisationMade, RoleChanged
from events.vocabulary.generation import BreakerClosed, GenerationRequested
from events.vocabulary.questions import QuestionAdded
from projections.rebuild.status import overview
from tests.support.accounts import Players
from tests.support.banks import add_questions, question
from tests.support.problems import problem
from tests.support.serving import client_of, core_of


async def append_unreadable(log, monkeypatch: pytest.MonkeyPatch, user: str = "nobody") -> int:
    """One event of each live view, as software of tomorrow writes it."""
    with monkeypatch.context() as tomorrow:
        for kind in (OrganisationMade, RoleChanged, BreakerClosed, GenerationRequested, QuestionAdded):
            tomorrow.setattr(kind, "schema", 99)
        writes = [
            StreamWrite("organisation-other", ANY, [OrganisationMade("other", "Other", shared_bank=True)]),
            StreamWrite(f"user-{user}", ANY, [RoleChanged("player")]),
            StreamWrite("provider-openai", ANY, [BreakerClosed("openai")]),
            StreamWrite("generation-1", ANY, [GenerationRequested("nobody", "public", 5, "auto", topic="Art")]),
            StreamWrite("question-1", ANY, [question(99)]),
        ]
        return (await log.append(writes)).last


async def test_a_service_starts_and_follows_a_log_with_events_that_it_cannot_read(make_app, monkeypatch) -> None:
    first = core_of(await make_app())
    await first.pool_at(await add_questions(first.log, [question(1)]))
    await append_unreadable(first.log, monkeypatch)
    app = await make_app()
    core = core_of(app)
    head = await append_unreadable(core.log, monkeypatch)
    await core.pool_at(await add_questions(core.log, [question(2)]))

    player = await Players(core).make("player")
    async with client_of(app) as client:
        assert (await client.get("/health/ready")).status_code == 200
        reply = await client.get("/questions?limit=10", headers=player.headers)
    assert [each["id"] for each in reply.json()] in ([1, 4], [4, 1])
    assert not core.broken.is_set()
    assert await core.live.reach(head, 5)
    found = {view.name for view in (await overview(core.log, core.models, core.projections)).live_views}
    assert found == {"questions", "accounts", "generation_jobs", "breakers"}


async def test_a_user_with_a_revocation_that_cannot_be_read_has_to_sign_in_again(make_app, monkeypatch) -> None:
    app = await make_app()
    core = core_of(app)
    player = await Players(core).make("player")
    await core.pool_at(await append_unreadable(core.log, monkeypatch, player.id))
    async with client_of(app) as client:
        problem(await client.get("/topics", headers=player.headers), 401, "unauthenticated")
