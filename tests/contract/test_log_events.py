"""What is logged has a stable key, which docs/log-events.md explains."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("events", "migrations", "projections", "trivia")
KEY = re.compile(r"[a-z][a-z0-9_]*")
LEVELS = {
    "debug": "debug",
    "info": "info",
    "warning": "warning",
    "error": "error",
    "exception": "error",
    "critical": "critical",
    "log": "varies",
}


class Logged(NamedTuple):
    place: str
    key: str
    level: str


def find_logged() -> Iterator[Logged]:
    """Every call of a logger; the key is "" where it is not a constant."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_logger(node.func):
                    level = LEVELS.get(node.func.attr)
                    if level is not None:
                        first = next(iter(node.args[level == "varies" :]), None)
                        key = str(first.value) if isinstance(first, ast.Constant) else ""
                        yield Logged(f"{file}:{node.lineno}", key, level)


def is_logger(call: ast.Attribute) -> bool:
    """A logger is `_log` of a module. `self._log` is the event log, which has no method `log`."""
    match call.value:
        case ast.Name(id="_log"):
            return True
        case ast.Attribute(attr="_log"):
            return call.attr == "log"
        case _:
            return False


def is_key(logged: Logged) -> bool:
    return KEY.fullmatch(logged.key) is not None


LOGGED = list(find_logged())


def test_calls_of_loggers_are_found() -> None:
    assert len(LOGGED) > 10


@pytest.mark.parametrize("logged", LOGGED, ids=lambda logged: logged.place)
def test_every_log_event_has_a_stable_key(logged: Logged) -> None:
    assert is_key(logged), f"{logged.place}: {logged.key!r} is not a constant in snake_case"


def test_every_log_event_is_documented_with_its_level_and_none_that_is_not_there() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs" / "log-events.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted({(logged.key, logged.level) for logged in LOGGED})


def test_every_module_that_logs_names_its_logger_the_same_way() -> None:
    """So that no event is overlooked here."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for line in re.findall(r"^(.*)structlog\.get_logger\(", path.read_text(), re.MULTILINE):
                assert line == "_log = " or path.name == "middleware.py", path
