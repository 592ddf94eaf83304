"""GET /topics, in pages."""

import msgspec

from tests.support.accounts import Player
from tests.support.banks import add_questions, question
from tests.support.problems import paths, problem
from trivia.http.headers import NEXT_CURSOR
from trivia.services import Services


async def test_topics_come_in_pages_and_new_ones_move_none(client, services: Services, player: Player):
    names = ["Art", "biology", "Chess", "déjà vu", "Epics", "日" * 100, "Art of war"]
    added = [question(n, topic=name) for n, name in enumerate(names, 1)]
    await services.pool_at(await add_questions(services.log, added))
    whole = await client.get("/topics", headers=player.headers)
    assert NEXT_CURSOR not in whole.headers
    listed = [topic["topic"] for topic in whole.json()]
    assert listed == sorted(names, key=str.casefold)

    paged, query = [], {"limit": 2}
    while True:
        page = await client.get("/topics", params=query, headers=player.headers)
        paged += [topic["topic"] for topic in page.json()]
        if NEXT_CURSOR not in page.headers:
            break
        query["cursor"] = page.headers[NEXT_CURSOR]
        if len(paged) == 2:
            late = msgspec.structs.replace(question(99), topic="Aardvarks")
            await services.pool_at(await add_questions(services.log, [late]))
    assert paged == listed

    for bad in ({"limit": 0}, {"limit": 1001}, {"cursor": "?"}):
        refused = await client.get("/topics", params=bad, headers=player.headers)
        assert paths(problem(refused, 400, "bad-input")) == list(bad)
