"""`trivia events`."""

import json
import signal
from pathlib import Path

import pytest

from tests.support.commands import Trivia
from tests.support.rows import lines, row
from tests.support.waiting import eventually_sync
from trivia.questions.bank.identity import content_identity, question_stream


@pytest.fixture
def filled(trivia: Trivia, tmp_path: Path) -> Trivia:
    (tmp_path / "some.jsonl").write_bytes(lines([row(n) for n in range(4)] + [row(4, prompt="\ue00031m?")]))
    assert trivia("import", "some.jsonl").returncode == 0
    return trivia


def test_tail_shows_the_last_events_in_order(filled: Trivia) -> None:
    shown = [json.loads(line) for line in filled("events", "tail", "-n", "3", "--json").stdout.splitlines()]
    assert [event["position"] for event in shown] == [4, 5, 6]
    assert [event["type"] for event in shown] == ["QuestionAdded", "QuestionAdded", "ImportCompleted"]
    assert shown[0]["data"]["prompt"] == row(3)["prompt"]
    assert shown[0]["metadata"]["actor"] == "command-line"
    words = filled("events", "tail", "-n", "2").stdout.splitlines()
    assert len(words) == 2
    assert "\ue000" not in words[0]


def test_tail_filters_by_stream_and_type(filled: Trivia) -> None:
    stream = question_stream("public", content_identity(row(2)["prompt"], row(2)["options"]))
    (event,) = filled("events", "tail", "--stream", stream, "--json").stdout.splitlines()
    assert json.loads(event)["position"] == 3
    found = filled("events", "tail", "--type", "QuestionAdded", "--type", "Another", "-n", "2", "--json").stdout
    assert [json.loads(line)["position"] for line in found.splitlines()] == [4, 5]


def test_tail_follows_what_happens(filled: Trivia, tmp_path: Path) -> None:
    with filled.start("events", "tail", "-n", "1", "-f", "--json") as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["position"] == 6
            (tmp_path / "more.jsonl").write_bytes(lines([row(9)]))
            assert filled("import", "more.jsonl").returncode == 0
            assert [json.loads(process.stdout.readline())["position"] for _ in range(2)] == [7, 8]
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
            assert process.stderr is not None
            assert process.stderr.read() == ""
        finally:
            process.kill()


def test_show_shows_one_event_whole(filled: Trivia) -> None:
    assert json.loads(filled("events", "show", "1", "--json").stdout)["data"]["prompt"] == row(0)["prompt"]
    words = filled("events", "show", "1").stdout
    assert "type: QuestionAdded" in words
    assert '"prompt": "What is 0 plus 0?"' in words
    missing = filled("events", "show", "99")
    assert (missing.returncode, missing.stderr) == (1, "Error: there is no event at position 99\n")


def test_stats_count_what_is_there(filled: Trivia) -> None:
    counts = json.loads(filled("events", "stats", "--json").stdout)
    assert (counts["events"], counts["streams"]) == (6, 6)
    assert counts["types"] == {"QuestionAdded": 5, "ImportCompleted": 1}
    assert counts["first_at"] <= counts["last_at"]
    assert "6 events in 6 streams" in filled("events", "stats").stdout


def test_a_reader_that_goes_away_is_no_error(filled: Trivia) -> None:
    with filled.start("events", "tail", "-n", "6") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert eventually_sync(lambda: process.poll() is not None, 30)
        assert "Traceback" not in process.stderr.read()
