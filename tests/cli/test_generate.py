"""`trivia generate`: by itself, beside a service, interrupted."""

import asyncio
import json
import signal

import pytest

from events.log import EventLog
from events.vocabulary.decoding import decode
from events.vocabulary.generation import GenerationCancelled, GenerationRequested
from events.vocabulary.questions import QuestionAdded
from tests.support.commands import Trivia, wait_for_first_event
from tests.support.databases import open_log
from tests.support.generation import outcome_of
from trivia.generation.streams import job_of


def read(database_url: str, *kinds: type) -> list:
    async def work(log: EventLog) -> list:
        found, after = [], 0
        while page := await log.read(after, types=[kind.__name__ for kind in kinds]):
            after = page[-1].position
            found += page
        return found

    return run_on(database_url, work)


def run_on(database_url: str, work):
    async def main():
        async with open_log(database_url) as log:
            return await work(log)

    return asyncio.run(main())


def test_questions_are_made_without_a_service(trivia: Trivia, database_url: str) -> None:
    done = trivia("generate", "--topic", "geography", "--age", "8-15", "--count", "7", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["status"], said["target_count"], said["generated_count"], said["reason"]) == ("completed", 7, 7, None)
    outcome = run_on(database_url, lambda log: outcome_of(log, said["job_id"]))
    assert len(outcome.questions) == 7
    assert outcome.job.requested == GenerationRequested("command-line", "public", 7, "manual", "geography", 8, 15)
    again = trivia("generate", "--topic", "geography", "--age", "9", "--count", "2", "--difficulty", "easy")
    assert again.returncode == 0
    assert again.stdout.startswith("Added 2 questions; ")


def test_a_topic_of_which_nothing_is_known_fails_with_the_reason(trivia: Trivia) -> None:
    done = trivia("generate", "--topic", "Unheard of")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Failed: 0 of 5 questions were added")


def test_a_service_that_runs_does_the_work(trivia: Trivia, database_url: str) -> None:
    with trivia.serving(starter_bank=False) as server:
        server.wait_until_ready()
        done = trivia("generate", "--topic", "geography", "--count", "3", "--json")
        assert done.returncode == 0, done.stderr
        job_id = json.loads(done.stdout)["job_id"]
        outcome = run_on(database_url, lambda log: outcome_of(log, job_id))
        assert len(outcome.questions) == 3
        assert len(outcome.claims) == 1


def test_ctrl_c_stops_the_job_with_nothing_half_done(trivia: Trivia, database_url: str) -> None:
    with trivia.start("generate", "--count", "100") as process:
        wait_for_first_event(database_url, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert "Stopped; " in err
    assert "Traceback" not in err
    (requested,) = read(database_url, GenerationRequested)
    outcome = run_on(database_url, lambda log: outcome_of(log, job_of(requested.stream)))
    assert outcome.job.status == "cancelled"
    (cancelled,) = read(database_url, GenerationCancelled)
    assert decode(cancelled).event.generated == len(outcome.questions) == len(read(database_url, QuestionAdded))
    assert f"Stopped; {len(outcome.questions)} of 100" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--count", "0"],
        ["--count", "101"],
        ["--age", "15-8"],
        ["--age", "8-121"],
        ["--age", "young"],
        ["--age", "-8"],
        ["--topic", ""],
        ["--topic", "x" * 101],
        ["--topic", "a\nb"],
        ["--difficulty", "fiendish"],
    ],
    ids=" ".join,
)
def test_wrong_usage_starts_nothing(bare: Trivia, arguments: list[str]) -> None:
    done = bare("generate", *arguments)
    assert done.returncode == 2
    assert f"Invalid value for '{arguments[0]}'" in done.stderr
    assert not (bare.directory / "data").exists()


def test_an_organisation_that_is_not_there_is_named(trivia: Trivia, database_url: str) -> None:
    done = trivia("generate", "--org", "nobody")
    assert done.returncode == 1
    assert "there is no organisation nobody" in done.stderr
    assert read(database_url, GenerationRequested) == []
