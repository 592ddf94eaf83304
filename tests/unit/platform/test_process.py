"""A command that gives way leaves its session as it was."""

import signal
from pathlib import Path

import pytest

from trivia.platform import process as interpreter
from trivia.platform.process import lowered_priority


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What Linux would keep for the session, as it says it."""
    file = tmp_path / "autogroup"
    file.write_text("/autogroup-7 nice 0\n")
    monkeypatch.setattr(interpreter, "SESSION", file)
    monkeypatch.setattr(interpreter, "lower_priority", lambda: None)
    return file


def test_the_session_gives_way_until_the_command_is_done(session: Path):
    with lowered_priority():
        assert session.read_text() == "10"

    assert session.read_text() == "0"


def test_sigterm_ends_the_command_with_the_session_put_back(session: Path):
    usual = signal.getsignal(signal.SIGTERM)

    with pytest.raises(SystemExit) as ended, lowered_priority():
        signal.raise_signal(signal.SIGTERM)

    assert ended.value.code == 143
    assert session.read_text() == "0"
    assert signal.getsignal(signal.SIGTERM) is usual


def test_of_two_commands_of_a_session_the_one_that_lowered_it_puts_it_back(session: Path):
    with lowered_priority():
        session.write_text("/autogroup-7 nice 10\n")
        with lowered_priority():
            pass
        assert session.read_text() == "/autogroup-7 nice 10\n"

    assert session.read_text() == "0"


def test_a_session_that_gives_way_further_stays_as_it_is(session: Path):
    session.write_text("/autogroup-7 nice 15\n")

    with lowered_priority():
        assert session.read_text() == "/autogroup-7 nice 15\n"

    assert session.read_text() == "/autogroup-7 nice 15\n"


def test_where_there_is_no_such_thing_the_command_goes_on_without(session: Path):
    session.unlink()

    with lowered_priority():
        pass

    assert not session.exists()


@pytest.mark.parametrize("says", ["", "\n", "something else\n"], ids=["nothing", "an empty line", "what is not known"])
def test_a_process_that_belongs_to_no_session_s_group_goes_on_without(session: Path, says: str):
    session.write_text(says)

    with lowered_priority():
        assert session.read_text() == says

    assert session.read_text() == says


def test_a_session_that_may_not_be_put_back_yet_is_put_back_a_little_later(
    session: Path, monkeypatch: pytest.MonkeyPatch
):
    write, refused = Path.write_text, []

    def refuse_once(path: Path, text: str, **how: str) -> int:
        if text == "0" and not refused:
            refused.append(text)
            raise BlockingIOError
        return write(path, text, **how)

    monkeypatch.setattr(Path, "write_text", refuse_once)
    monkeypatch.setattr(interpreter, "_PAUSE_SECONDS", 0)

    with lowered_priority():
        assert session.read_text() == "10"

    assert refused == ["0"]
    assert session.read_text() == "0"
