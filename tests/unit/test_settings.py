"""Where the values of settings come from."""

import os
from pathlib import Path

import pytest

from trivia.settings import KNOWN_ELSEWHERE, Origin, SettingsError, load

KEY = "sk-test-0123456789"


def source(origins: list[Origin], name: str) -> str:
    return dict(origins)[name]


def test_names_that_other_software_has_given_do_as_well(tmp_path: Path) -> None:
    for variable, name in KNOWN_ELSEWHERE.items():
        value = "http://host/v1" if name.endswith("url") else KEY
        settings, origins = load({variable: value}, tmp_path)
        assert getattr(settings, name) == value
        assert source(origins, name) == f"environment {variable}"
        file = tmp_path / "value"
        file.write_text(f"{value}\n")
        file.chmod(0o600)
        settings, origins = load({f"{variable}_FILE": str(file)}, tmp_path)
        assert getattr(settings, name) == value
        assert source(origins, name) == f"file {file}"


def test_our_own_name_goes_before_another_and_that_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "trivia.toml").write_text('openai_api_key = "sk-of-the-file"\n')
    other = {"OPENAI_API_KEY": "sk-of-others"}
    secret = tmp_path / "secret"
    secret.write_text("sk-of-a-mount")
    secret.chmod(0o600)
    (tmp_path / "trivia.toml").chmod(0o640)
    for environment, value in (
        ({}, "sk-of-the-file"),
        ({"OPENAI_API_KEY": ""}, "sk-of-the-file"),
        (other, "sk-of-others"),
        (other | {"TRIVIA_OPENAI_API_KEY": KEY}, KEY),
        (other | {"TRIVIA_OPENAI_API_KEY_FILE": str(secret)}, "sk-of-a-mount"),
    ):
        assert load(environment, tmp_path)[0].openai_api_key == value


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("OPENAI_API_KEY", "two words", "TRIVIA_OPENAI_API_KEY"),
        ("OPENAI_API_KEY", "sk-with-a-line\nfeed", "TRIVIA_OPENAI_API_KEY"),
        ("OPENAI_API_KEY_FILE", "missing", "OPENAI_API_KEY_FILE"),
        ("OPENAI_BASE_URL", "localhost:11434", "TRIVIA_OPENAI_BASE_URL"),
        ("OPENAI_BASE_URL", "https://user:key@host/v1", "TRIVIA_OPENAI_BASE_URL"),
        ("OPENAI_BASE_URL", "https://host/v1?key=secret", "TRIVIA_OPENAI_BASE_URL"),
        ("TRIVIA_OPENAI_TIMEOUT_SECONDS", "0", "TRIVIA_OPENAI_TIMEOUT_SECONDS"),
        ("TRIVIA_OPENAI_DAILY_TOKENS", "-1", "TRIVIA_OPENAI_DAILY_TOKENS"),
        ("TRIVIA_GENERATION_PROVIDER", "../x", "TRIVIA_GENERATION_PROVIDER"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(tmp_path: Path, variable: str, value: str, named: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load({variable: value}, tmp_path)
    assert str(raised.value).startswith(named)
    assert "key@" not in str(raised.value)
    assert "sk-" not in str(raised.value)


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602])
def test_a_secret_that_others_can_read_or_change_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "secret"
    file.write_text(KEY)
    file.chmod(mode)
    with pytest.raises(SettingsError, match=f"{file} can be read by others; run: chmod 600 {file}"):
        load({"TRIVIA_OPENAI_API_KEY_FILE": str(file)}, tmp_path)
    toml = tmp_path / "trivia.toml"
    toml.write_text(f'openai_api_key = "{KEY}"\n')
    toml.chmod(mode)
    with pytest.raises(SettingsError, match=f"{toml} can be read by others; run: chmod 600 {toml}"):
        load({}, tmp_path)
    # A file without secrets may be read by anybody.
    toml.write_text('port = 9000\ndatabase_url = "sqlite:///./data/trivia.db"\n')
    assert load({}, tmp_path)[0].port == 9_000


def test_a_secret_on_a_read_only_file_system_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are mounted into containers, where nobody can change them."""
    file = tmp_path / "secret"
    file.write_text(KEY)
    file.chmod(0o444)

    class ReadOnly:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "statvfs", lambda _: ReadOnly)
    assert load({"TRIVIA_OPENAI_API_KEY_FILE": str(file)}, tmp_path)[0].openai_api_key == KEY
