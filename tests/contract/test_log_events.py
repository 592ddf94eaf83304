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
}
EXEMPT = ("projections/", "trivia/http/", "trivia/services.py")
"""Places whose events have no keys yet. Take one out when it has them; none is to be added."""


class Logged(NamedTuple):
    place: str
    key: str
    level: str


def find_logged() -> Iterator[Logged]:
    """Every call of a logger; the key is "" where it is not a constant."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            if file.startswith(EXEMPT):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_logger(node.func.value):
                    level = LEVELS.get(node.func.attr)
                    if level is not None:
                        first = node.args[0] if node.args else None
                        key = str(first.value) if isinstance(first, ast.Constant) else ""
                        yield Logged(f"{file}:{node.lineno}", key, level)


def is_logger(node: ast.expr) -> bool:
    """A logger is `_log`: `self._log` is the event log wherever there is one."""
    return isinstance(node, ast.Name) and node.id == "_log"


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
                file = path.relative_to(ROOT).as_posix()
                assert line == "_log = " or file.startswith(EXEMPT), file
