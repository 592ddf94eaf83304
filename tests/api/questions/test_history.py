"""GET /me/history, page by page."""

import re

from tests.support.banks import add_questions, question
from tests.support.problems import paths, problem
from trivia.http.cursors import write_cursor


async def test_history_is_read_page_by_page_the_latest_first_with_times_in_milliseconds(client, services, player):
    await services.pool_at(await add_questions(services.log, [question(n) for n in range(1, 8)]))
    for _ in range(7):
        await client.get("/questions?limit=1", headers=player.headers)
    seen, query = [], {"limit": "3"}
    while True:
        page = (await client.get("/me/history", params=query, headers=player.headers)).json()
        seen.append([item["position"] for item in page["items"]])
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", item["at"]) for item in page["items"])
        if page["cursor"] is None:
            break
        query["cursor"] = page["cursor"]
    assert [len(positions) for positions in seen] == [3, 3, 1]
    positions = [position for page in seen for position in page]
    assert positions == sorted(positions, reverse=True)


async def test_a_cursor_that_no_page_of_history_has_named_is_refused(client, player):
    for cursor in ("x", "djE", write_cursor(("jobs", 3)), write_cursor(("history", -1)), write_cursor(3)):
        reply = await client.get("/me/history", params={"cursor": cursor}, headers=player.headers)
        assert paths(problem(reply, 400, "bad-input")) == ["cursor"]
