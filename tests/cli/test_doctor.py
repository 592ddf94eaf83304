"""`trivia doctor`."""

import json
from pathlib import Path

from tests.support.commands import Trivia


def test_the_doctor_finds_nothing_wrong_with_a_sound_installation_and_says_so(trivia: Trivia) -> None:
    done = trivia("doctor")

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "Nothing is wrong."
    assert {line[:5].strip() for line in lines[:-1]} <= {"ok", "note"}
    checks = dict.fromkeys(line[7:19].strip() for line in lines[:-1])
    assert list(checks) == [
        "settings",
        "disk",
        "keys",
        "provider",
        "database",
        "integrity",
        "clock",
        "log",
        "projections",
    ]


def test_what_is_wrong_is_marked_and_the_exit_code_says_so(trivia: Trivia, tmp_path: Path) -> None:
    key = tmp_path / "data" / "secret_key"
    key.parent.mkdir()
    key.write_text("k" * 64)
    key.chmod(0o644)

    done = trivia("doctor")
    assert done.returncode == 1
    assert f"WRONG  keys         {key.relative_to(tmp_path)} may be used by others" in done.stdout.replace("./", "")
    assert done.stdout.splitlines()[-1] == "1 of these have to be mended."

    told = json.loads(trivia("doctor", "--json").stdout)
    assert told["ok"] is False
    assert [finding["check"] for finding in told["findings"] if finding["verdict"] == "wrong"] == ["keys"]


def test_every_wrong_setting_is_a_finding_of_its_own(bare: Trivia) -> None:
    done = bare("doctor", "--json", port="many", colour="red")

    assert done.returncode == 1
    findings = json.loads(done.stdout)["findings"]
    assert [(finding["check"], finding["verdict"]) for finding in findings] == [("settings", "wrong")] * 2
    assert findings[0]["message"] == "TRIVIA_COLOUR: no such setting"
    assert findings[1]["message"].startswith("TRIVIA_PORT: ")


def test_before_the_first_start_the_doctor_says_what_to_run_and_makes_nothing(bare: Trivia, tmp_path: Path) -> None:
    done = bare("doctor")

    assert done.returncode == 1
    assert "There is no database at ./data/trivia.db; `trivia migrate` or `trivia serve` makes it." in done.stdout
    assert list(tmp_path.iterdir()) == []
