"""`trivia events seal`, `verify`, `proof` and `check-proof`."""

import json
from pathlib import Path

import pytest

from tests.support.commands import Trivia
from tests.support.postgres import PostgresServer
from tests.support.rows import lines, row
from tests.support.sealed import Tamper, tamperer


@pytest.fixture
def filled(trivia: Trivia, tmp_path: Path) -> Trivia:
    """A log of 24 events, in blocks of ten."""
    trivia.settings["seal_every"] = 10
    (tmp_path / "some.jsonl").write_bytes(lines([row(n) for n in range(23)]))
    assert trivia("import", "some.jsonl").returncode == 0
    return trivia


@pytest.fixture
def tamper(database_url: str, postgres_server: PostgresServer) -> Tamper:
    return tamperer(database_url, postgres_server)


def seal(trivia: Trivia) -> str:
    """Seal all; the public key."""
    return str(json.loads(trivia("events", "seal", "--json").stdout)["public_key"])


def test_a_log_is_sealed_and_verified(filled: Trivia, tmp_path: Path) -> None:
    before = filled("events", "verify")
    assert (before.returncode, before.stdout.splitlines()[:2]) == (
        0,
        ["Nothing is sealed yet: 24 events.", "  not yet sealed: the events from 1 to 24"],
    )
    words = filled("events", "seal").stdout
    assert "Sealed up to 24, with 3 seals in all" in words
    assert seal(filled) in words
    verified = filled("events", "verify", "--streams")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert verified.stdout == "The log is as it was sealed: 24 events from 1 to 24, under 3 seals.\n"
    assert len((tmp_path / "data" / "seals.ndjson").read_text().splitlines()) == 3


def test_what_was_tampered_with_is_named(filled: Trivia, tamper: Tamper) -> None:
    seal(filled)
    tamper("UPDATE events SET data = '{}' WHERE position = 12; DELETE FROM events WHERE position = 3")
    found = filled("events", "verify")
    assert found.returncode == 1
    one = filled("events", "verify", "--from", "12").stdout
    assert one.endswith(" 1 fault:\n  position 12: the event is not as it was sealed\n")
    assert found.stdout.splitlines() == [
        "The log is NOT as it was sealed (23 events from 1 to 24, under 3 seals); 2 faults:",
        "  position 3: the event is missing",
        "  position 12: the event is not as it was sealed",
    ]
    report = json.loads(filled("events", "verify", "--json").stdout)
    assert report["ok"] is False
    assert [fault["position"] for fault in report["report"]["faults"]] == [3, 12]
    assert filled("events", "verify", "--from", "21", "--to", "24").returncode == 0
    assert filled("events", "verify", "--from", "12").returncode == 1


def test_an_end_that_was_taken_away_is_known_to_the_file(filled: Trivia, tamper: Tamper, tmp_path: Path) -> None:
    seal(filled)
    tamper(
        "DELETE FROM events WHERE position > 10; DELETE FROM seals WHERE number > 1; UPDATE log_head SET position = 10"
    )
    assert filled("events", "verify").returncode == 1
    kept = tmp_path / "elsewhere.ndjson"
    (tmp_path / "data" / "seals.ndjson").rename(kept)
    assert filled("events", "verify").returncode == 0
    found = filled("events", "verify", "--seal-file", str(kept))
    assert found.returncode == 1
    assert "position 11: seal 2 of the file outside and the events under it were taken from the end" in found.stdout
    assert filled("events", "verify", seal_file=str(kept)).returncode == 1


def test_seals_are_believed_by_their_key(filled: Trivia, tmp_path: Path) -> None:
    key = seal(filled)
    other = "0" * 64
    assert filled("events", "verify", "--public-key", key).returncode == 0
    assert filled("events", "verify", "--public-key", other, "--public-key", key).returncode == 0
    refused = filled("events", "verify", "--public-key", other)
    assert refused.returncode == 1
    assert "not believed" in refused.stdout
    wrong = filled("events", "verify", "--public-key", "none")
    assert wrong.returncode == 2
    assert "neither 64 hexadecimal digits nor a file" in wrong.stderr
    assert filled("events", "verify", "--from", "5", "--to", "4").returncode == 2


def test_a_proof_is_checked_without_a_database(filled: Trivia, bare: Trivia, tmp_path: Path) -> None:
    unsealed = filled("events", "proof", "7")
    assert (unsealed.returncode, unsealed.stderr) == (1, "Error: the event at position 7 is not yet sealed\n")
    key = seal(filled)
    printed = filled("events", "proof", "7")
    assert printed.returncode == 0
    (tmp_path / "proof.json").write_text(printed.stdout)
    held = bare("events", "check-proof", "proof.json", "--public-key", key, database_url="sqlite:///nowhere/at.all")
    assert (held.returncode, held.stderr) == (0, "")
    assert held.stdout.startswith("The proof holds: QuestionAdded at position 7, stream question-")
    assert not (tmp_path / "nowhere").exists()
    changed = printed.stdout.replace("What is", "What was")
    failed = bare("events", "check-proof", "-", "--public-key", key, "--json", said=changed)
    assert failed.returncode == 1
    assert json.loads(failed.stdout) == {
        "ok": False,
        "position": 7,
        "faults": ["the event is not the one whose hash is given"],
    }
    assert bare("events", "check-proof", "proof.json", "--public-key", "1" * 64).returncode == 1
    garbage = bare("events", "check-proof", "-", "--public-key", key, said="{")
    assert garbage.returncode == 1
    assert "<stdin> holds no proof" in garbage.stderr
    assert filled("events", "proof", "99").stderr == "Error: there is no event at position 99\n"
