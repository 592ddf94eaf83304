"""`trivia events replay`."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from events.log import ANY, NO_STREAM, StreamWrite
from events.registry import Event
from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from tests.support.commands import Trivia
from tests.support.databases import SQLITE_PREFIX, open_log, open_sqlite

pytestmark = pytest.mark.timeout(120)

EMAIL = "ada@example.org"
PASSWORD = "correct horse battery staple\n"


@pytest.fixture
def ada(trivia: Trivia, database_url: str) -> str:
    """The id of a user who was given questions at positions 3, 5 and 6, and answered at 4; 7 and 8 are another's and a reset."""
    made = trivia("users", "create", EMAIL, "--name", "Ada", "--password-stdin", "--json", said=PASSWORD)
    user = str(json.loads(made.stdout)["user"])
    told: list[tuple[str, Event]] = [
        (user, QuestionsAssigned((4, 7, 9))),
        (user, QuestionAnswered(7, "x", True, "Science")),
        (user, QuestionsAssigned((1,), topic="Science")),
        (user, QuestionAnswered(1, "y", False, "Science")),
        ("another", QuestionsAssigned((5,))),
        (user, SeenReset()),
    ]

    async def append() -> None:
        async with open_log(database_url) as log:
            assert await log.head() == 2
            for name, event in told:
                await log.append([StreamWrite(f"assignments-{name}", ANY, [event])])

    asyncio.run(append())
    return user


def replay(trivia: Trivia, *arguments: str) -> dict[str, object]:
    done = trivia("events", "replay", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_what_was_known_of_a_user_is_told_as_it_was(trivia: Trivia, ada: str) -> None:
    then = replay(trivia, "--user", ada, "--at", "4")
    assert then["position"] == 4
    assert (then["seen"], then["given"], then["answered"]) == ([4, 7, 9], [4, 7, 9], [7])
    assert then["statistics"] == {
        "answered": 1,
        "correct": 1,
        "streak": 1,
        "best_streak": 1,
        "by_topic": {"Science": {"answered": 1, "correct": 1}},
    }
    assert [(row["position"], row["questions"]) for row in then["history"]] == [(3, [4, 7, 9])]  # type: ignore[attr-defined] # a list
    assert then["profile"]["email"] == EMAIL  # type: ignore[index] # an object
    now = replay(trivia, "--user", EMAIL)
    assert (now["position"], now["user"], now["seen_count"], now["given"]) == (8, ada, 0, [1, 4, 7, 9])
    assert now["statistics"]["correct"] == 1  # type: ignore[index] # an object
    words = trivia("events", "replay", "--user", ada, "--at", "6").stdout
    assert "4 questions seen, 4 ever given; 2 answered, 1 of them right" in words
    assert "QuestionsAssigned  4, 7, 9" in words


def test_a_time_stands_for_the_last_position_until_then(trivia: Trivia, ada: str) -> None:
    shown = json.loads(trivia("events", "show", "4", "--json").stdout)["recorded_at"]
    after = datetime.fromisoformat(shown) + timedelta(milliseconds=1)
    then = replay(trivia, "--user", ada, "--at", after.astimezone(UTC).isoformat())
    assert then["position"] >= 4  # type: ignore[operator] # a number
    future = replay(trivia, "--user", ada, "--at", "2999-01-01T00:00:00+02:00")
    assert future["position"] == 8
    long_ago = trivia("events", "replay", "--user", ada, "--at", "2001-01-01T00:00:00Z")
    assert (long_ago.returncode, long_ago.stderr) == (1, f"Error: there was no user {ada} at position 0\n")


def test_times_are_kept_apart_to_the_microsecond(trivia: Trivia, ada: str, database_url: str) -> None:
    async def recorded() -> list[int]:
        async with open_log(database_url) as log:
            return [event.recorded_at for event in await log.read()]

    times = asyncio.run(recorded())
    for position in (2, 5):
        moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=times[position - 1])
        then = replay(trivia, "--stream", f"user-{ada}", "--at", moment.isoformat())
        assert then["position"] == max(n for n, at in enumerate(times, 1) if at <= times[position - 1])


def test_a_user_who_was_erased_is_told_of_without_what_was_personal(trivia: Trivia, ada: str) -> None:
    assert trivia("users", "erase", EMAIL, "--yes").returncode == 0
    before = replay(trivia, "--user", ada, "--at", "8")
    assert (before["profile"], before["account"]["forgotten"]) == (None, False)  # type: ignore[index] # an object
    now = replay(trivia, "--user", ada)
    assert (now["profile"], now["account"]["forgotten"]) == (None, True)  # type: ignore[index] # an object
    assert now["given"] == before["given"]
    assert EMAIL not in json.dumps([before, now])


def test_a_stream_is_told_with_what_it_comes_to(trivia: Trivia, ada: str) -> None:
    then = replay(trivia, "--stream", f"assignments-{ada}", "--at", "5")
    events = then["events"]
    assert [(event["position"], event["type"]) for event in events] == [  # type: ignore[attr-defined] # a list
        (3, "QuestionsAssigned"),
        (4, "QuestionAnswered"),
        (5, "QuestionsAssigned"),
    ]
    assert then["state"]["seen"] == [1, 4, 7, 9]  # type: ignore[index] # an object
    account = replay(trivia, "--stream", f"user-{ada}")
    assert account["state"]["role"] == "player"  # type: ignore[index] # an object
    assert "state: {" in trivia("events", "replay", "--stream", f"assignments-{ada}").stdout


def test_what_was_not_there_is_said_in_a_line(trivia: Trivia, ada: str) -> None:
    for arguments, words in [
        (["--user", "nobody"], "there was no user nobody at position 8"),
        (["--user", "nobody@example.org"], "No user has this e-mail address."),
        (["--stream", "nothing"], "there was no stream nothing at position 8"),
        (["--stream", f"assignments-{ada}", "--at", "2"], f"there was no stream assignments-{ada} at position 2"),
        (["--user", ada, "--at", "9"], "the log ends at position 8"),
    ]:
        done = trivia("events", "replay", *arguments)
        assert (done.returncode, done.stderr) == (1, f"Error: {words}\n")


def test_events_that_only_a_newer_version_knows_are_shown_as_stored(tmp_path, sqlite_url: str) -> None:
    trivia = Trivia(tmp_path, database_url=sqlite_url)

    async def add() -> None:
        async with open_log(sqlite_url) as log:
            await log.append([StreamWrite("assignments-a", NO_STREAM, [QuestionsAssigned((1,))])])
        async with open_sqlite(sqlite_url.removeprefix(SQLITE_PREFIX)) as database:
            await database.write(
                lambda c: c.execute(
                    "INSERT INTO events VALUES (2, 'assignments-a', 2, 'Unheard', 3, '{\"of\":1}', '{}', 4000000000000000)"
                )
            )
            await database.write(lambda c: c.execute("UPDATE log_head SET position = 2"))

    asyncio.run(add())
    then = replay(trivia, "--stream", "assignments-a")
    assert then["state"] is None
    assert then["events"][1]["data"] == {"of": 1}  # type: ignore[index] # a list
    refused = trivia("events", "replay", "--user", "a")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
