"""The key that signs seals: kept outside the database, made once whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trivia.platform.sealing import load_key, read_public_key
from trivia.settings import SettingsError

HEXADECIMAL = "0123456789abcdefABCDEF0123456789" * 2


def test_the_first_to_need_a_key_makes_it_for_all(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: load_key(None, directory), range(32)))
    (key,) = keys
    assert len(key) == 32
    assert [entry.name for entry in directory.iterdir()] == ["seal_key"]
    assert (directory / "seal_key").stat().st_mode & 0o777 == 0o600
    assert load_key(None, directory) == key


def test_a_key_that_is_given_is_not_kept(tmp_path: Path) -> None:
    assert load_key(HEXADECIMAL, tmp_path) == bytes.fromhex(HEXADECIMAL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "too short", HEXADECIMAL[:-1], HEXADECIMAL + "0", "é" * 32])
def test_a_file_without_a_key_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "seal_key").write_text(text, encoding="utf-8")
    (tmp_path / "seal_key").chmod(0o600)
    with pytest.raises(SettingsError, match="seal_key does not hold a key of 64 hexadecimal digits"):
        load_key(None, tmp_path)


def test_a_key_that_others_can_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    load_key(None, tmp_path)
    path = tmp_path / "seal_key"
    path.chmod(0o644)
    with pytest.raises(SettingsError, match=f"{path} can be read by others; run: chmod 600 {path}"):
        load_key(None, tmp_path)


def test_a_directory_that_cannot_be_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="the key that signs seals"):
        load_key(None, tmp_path / "file")


def test_a_public_key_is_given_as_it_is_or_by_its_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{HEXADECIMAL}\n")
    assert read_public_key(HEXADECIMAL) == read_public_key(str(file)) == bytes.fromhex(HEXADECIMAL)
    file.write_text("none")
    with pytest.raises(ValueError, match="does not hold 64 hexadecimal digits"):
        read_public_key(str(file))
    with pytest.raises(FileNotFoundError):
        read_public_key(HEXADECIMAL[:-1])
