"""What lies around the database is looked at, and each fault said in a sentence."""

from pathlib import Path

import msgspec
import pytest

from trivia.operations.doctor.findings import Finding
from trivia.operations.doctor.surroundings import check_disk, check_keys
from trivia.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path / 'database' / 'trivia.db'}", data_dir=str(tmp_path / "data"))


def key(settings: Settings, name: str, mode: int = 0o600, text: str = "x" * 64) -> Path:
    path = Path(settings.data_dir, name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def told(findings: list[Finding], verdict: str) -> list[str]:
    return [finding.message for finding in findings if finding.verdict == verdict]


def test_keys_for_their_owner_alone_are_well(settings):
    key(settings, "secret_key")
    key(settings, "seal_key")

    findings = list(check_keys(settings))

    assert [finding.verdict for finding in findings] == ["ok", "ok"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_key_that_others_may_use_is_named_with_the_command_that_mends_it(settings, mode):
    path = key(settings, "seal_key", mode)

    (message,) = told(list(check_keys(settings)), "wrong")

    assert message == f"{path} may be used by others than its owner (mode {mode:04o}): run `chmod 600 {path}`."


def test_a_key_without_anything_in_it_is_named(settings):
    path = key(settings, "secret_key", text=" \n")

    assert told(list(check_keys(settings)), "wrong") == [f"{path} is empty."]


def test_a_key_that_is_not_there_is_worth_a_note_and_one_that_is_set_is_well(settings):
    findings = list(check_keys(msgspec.structs.replace(settings, secret_key="s" * 32)))

    assert [finding.verdict for finding in findings] == ["ok", "note"]
    assert "seal_key is not there; the next start makes one" in findings[1].message


def test_a_disk_that_is_nearly_full_is_wrong_and_one_that_soon_may_be_is_worth_a_note(settings, tmp_path):
    for name in ("data", "database"):
        (tmp_path / name).mkdir()

    assert [finding.verdict for finding in check_disk(settings, 0, 0)] == ["ok", "ok"]
    assert [finding.verdict for finding in check_disk(settings, 0, 2**60)] == ["note", "note"]
    findings = list(check_disk(settings, 2**60, 2**60))
    assert [finding.verdict for finding in findings] == ["wrong", "wrong"]
    assert findings[0].message.startswith("Only ")
    assert findings[0].message.endswith(
        f"MiB free for {tmp_path / 'data'} (data directory): nothing can be stored once that is used up."
    )
    assert "(database)" in findings[1].message


def test_a_place_that_is_no_directory_is_wrong_and_one_that_is_yet_to_be_made_is_not(settings, tmp_path):
    (tmp_path / "data").write_text("")

    findings = list(check_disk(settings))

    assert told(findings, "wrong") == [f"{tmp_path / 'data'} (data directory) is no directory."]
    assert told(findings, "note") == [f"{tmp_path / 'database'} (database) is not there yet; the first start makes it."]


def test_one_place_for_everything_is_looked_at_once(settings):
    shared = msgspec.structs.replace(settings, database_url=f"sqlite:///{settings.data_dir}/trivia.db")

    assert ["data directory and database" in finding.message for finding in check_disk(shared)] == [True]
