"""Where modules are: names that say what they are, and folders that can be taken in at a glance."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("events", "migrations", "projections", "trivia")
ANYWHERE = {"__init__", "__main__", "decide", "routes", "service", "streams"}
"""Names that mean the same in every folder."""
REPEATED = {
    "archive": "the same of SQLite and of PostgreSQL",
    "backend": "what a database has to offer, for the log and for read models, and the two that offer it",
    "errors": "the exceptions of the log, and how exceptions are answered over HTTP",
    "keys": "the same of SQLite and of PostgreSQL",
    "seals": "the same of SQLite and of PostgreSQL",
    "accounts": "the subject's events, and its read model",
    "commands": "the commands of one group of the command line",
    "connection": "the same of SQLite and of PostgreSQL",
    "log": "the contract, and its two implementations",
    "provider": "a provider, and the doctor's examination of it",
    "questions": "the subject's events, and its read model",
    "registry": "of event types, and of providers of questions",
    "replay": "what it does, and its command",
    "runner": "runs what its folder is about: migrations, generation jobs",
    "settings": "the settings, and their command",
    "throttle": "slows down what its folder is about: password guessing, a rebuild",
    "verify": "verifies what its folder is about: seals, projections",
}
"""Other names that occur more than once, and why that is."""
MOST_MODULES = 13
LARGE = {"events": 15, "trivia/generation/facts": 45, "trivia/http": 20}
"""Folders with more modules than that, and how many at most."""


def modules() -> list[Path]:
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [path.relative_to(ROOT) for path in found]


def test_no_two_modules_share_a_name_without_a_reason() -> None:
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for path in modules():
        by_name[path.stem].append(path.as_posix())
    repeated = {name: paths for name, paths in by_name.items() if len(paths) > 1 and name not in ANYWHERE}
    assert {name: paths for name, paths in repeated.items() if name not in REPEATED} == {}
    assert [name for name in REPEATED if name not in repeated] == [], "no longer repeated: take them out"


def test_no_folder_has_more_than_about_a_dozen_modules() -> None:
    counts: defaultdict[str, int] = defaultdict(int)
    for path in modules():
        counts[path.parent.as_posix()] += path.stem != "__init__"
    too_many = {folder: count for folder, count in counts.items() if count > LARGE.get(folder, MOST_MODULES)}
    assert too_many == {}
    assert [folder for folder in LARGE if counts[folder] <= MOST_MODULES] == [], "not large any more: take them out"


def test_no_module_only_passes_on_what_others_define() -> None:
    for path in modules():
        if path.stem in {"__init__", "__main__"}:
            continue
        body = ast.parse((ROOT / path).read_text()).body
        own = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)]
        assert own, f"{path} defines nothing"
