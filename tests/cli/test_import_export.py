"""`trivia import` and `trivia export`."""

import gzip
import json
import signal
from pathlib import Path

import pytest

from tests.support.commands import Trivia, wait_for_first_event
from tests.support.rows import lines, row

MANY = 15_000


def write(path: Path, numbers: range) -> Path:
    path.write_bytes(lines(row(number) for number in numbers))
    return path


def counts(trivia: Trivia) -> dict[str, int]:
    return json.loads(trivia("events", "stats", "--json").stdout)["types"]


def test_a_file_is_imported_and_exported_into_the_same_questions(trivia: Trivia, tmp_path: Path) -> None:
    file = write(tmp_path / "some.jsonl", range(1200))
    done = trivia("import", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{file}: 1200 imported, 0 skipped, 0 invalid; the bank has 1200 questions.\n"
    exported = trivia("export")
    assert exported.returncode == 0
    assert [json.loads(line)["prompt"] for line in exported.stdout.splitlines()] == [
        row(number)["prompt"] for number in range(1200)
    ]
    written = trivia("export", "--output", "bank.jsonl")
    assert written.stdout == "bank.jsonl: 1200 questions\n"
    assert (tmp_path / "bank.jsonl").read_text() == exported.stdout
    again = json.loads(trivia("import", "bank.jsonl", "--json").stdout)
    assert (again["imported"], again["skipped"], again["total_questions"]) == (0, 1200, 1200)


def test_compressed_files_and_json_are_taken_too(trivia: Trivia, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines([row(1)])))
    (tmp_path / "b.json").write_text(json.dumps({"questions": [row(2)]}))
    (tmp_path / "c.txt").write_bytes(lines([row(3)]))
    done = trivia("import", "a.jsonl.gz", "b.json", "--json")
    assert [json.loads(line)["imported"] for line in done.stdout.splitlines()] == [1, 1]
    unknown = trivia("import", "c.txt")
    assert (unknown.returncode, "give --format" in unknown.stderr) == (2, True)
    assert trivia("import", "c.txt", "--format", "jsonl").returncode == 0


def test_a_dry_run_adds_nothing(trivia: Trivia, tmp_path: Path) -> None:
    write(tmp_path / "some.jsonl", range(5))
    done = trivia("import", "some.jsonl", "--dry-run")
    assert done.stdout == "some.jsonl: 5 would be imported, 0 skipped, 0 invalid; the bank has 0 questions.\n"
    assert counts(trivia) == {}


def test_a_bad_row_fails_the_file_and_is_named(trivia: Trivia, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(lines([row(1), row(2, answer="?")]))
    done = trivia("import", "bad.jsonl")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Error: 1 of 2 rows has faults, so nothing was imported.",
        "  line 2 answer: is not one of the options",
    ]
    told = json.loads(trivia("import", "bad.jsonl", "--json").stdout)
    assert told["invalid"] == 1
    assert told["errors"] == [{"line": 2, "path": "answer", "message": "is not one of the options"}]
    assert counts(trivia) == {}
    skipping = trivia("import", "bad.jsonl", "--on-error", "skip")
    assert (skipping.returncode, "1 imported, 0 skipped, 1 invalid" in skipping.stdout) == (0, True)


@pytest.mark.parametrize("damage", [lambda data: data[:-20], lambda _: b"no gzip at all", lambda data: data[:30]])
def test_a_damaged_compressed_file_is_one_line_and_nothing_enters(trivia: Trivia, tmp_path: Path, damage) -> None:
    (tmp_path / "bad.jsonl.gz").write_bytes(damage(gzip.compress(lines(row(number) for number in range(2000)))))
    done = trivia("import", "bad.jsonl.gz")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert counts(trivia) == {}


def test_near_duplicates_are_counted_left_out_or_not_looked_for(trivia: Trivia, tmp_path: Path) -> None:
    rivers = {"options": ["Tagus", "Douro", "Ebro", "Minho"], "answer": "Tagus"}
    (tmp_path / "a.jsonl").write_bytes(lines([row(1, prompt="Which river runs through Lisbon?", **rivers)]))
    (tmp_path / "b.jsonl").write_bytes(lines([row(1, prompt="Name the river that runs through Lisbon.", **rivers)]))
    skipping = trivia("import", "a.jsonl", "b.jsonl", "--near-duplicates", "skip")
    assert skipping.stdout.splitlines() == [
        "a.jsonl: 1 imported, 0 skipped, 0 invalid; the bank has 1 questions.",
        "b.jsonl: 0 imported, 1 skipped, 0 invalid, 1 near duplicates; the bank has 1 questions.",
    ]
    off = json.loads(trivia("import", "b.jsonl", "--near-duplicates", "off", "--dry-run", "--json").stdout)
    assert (off["imported"], off["near_duplicates"]) == (1, None)
    counting = json.loads(trivia("import", "b.jsonl", "--json").stdout)
    assert (counting["imported"], counting["near_duplicates"], counting["total_questions"]) == (1, 1, 2)


def test_an_organisation_must_be_there(trivia: Trivia, tmp_path: Path) -> None:
    write(tmp_path / "some.jsonl", range(3))
    for command in (["import", "some.jsonl"], ["export"]):
        done = trivia(*command, "--org", "quizzers")
        assert done.returncode == 1
        assert "there is no organisation quizzers" in done.stderr
    trivia("orgs", "create", "quizzers")
    assert "the bank has 3 questions" in trivia("import", "some.jsonl", "--org", "quizzers").stdout
    assert len(trivia("export", "--org", "quizzers").stdout.splitlines()) == 3
    assert trivia("export").stdout == ""


def test_ctrl_c_leaves_whole_chunks_and_no_traceback(trivia: Trivia, database_url: str, tmp_path: Path) -> None:
    write(tmp_path / "many.jsonl", range(MANY))
    with trivia.start("import", "many.jsonl") as process:
        wait_for_first_event(database_url, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    added = counts(trivia)["QuestionAdded"]
    assert process.returncode == 1, (out, err)
    assert "Traceback" not in err
    assert "Run it again for the rest." in err
    assert added < MANY
    assert added % 1000 == 0
    again = json.loads(trivia("import", "many.jsonl", "--json").stdout)
    assert (again["imported"], again["skipped"]) == (MANY - added, added)
