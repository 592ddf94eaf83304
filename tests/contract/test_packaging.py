"""What is installed: declared, locked with hashes, the same anywhere, and free of this or that machine's particulars."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PACKAGES = ("events", "projections", "migrations", "trivia")
LOCKS = ("runtime", "test", "bench", "build", "lock")

# Spelt so that this file does not find itself.
FORBIDDEN = {
    "a note of work that is left": re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b"),
    "a package index": re.compile(r"(?:pypi|pythonhosted|npmjs)\." + r"(?:org|com)|--(?:extra-)?index-" + "url[= ]|--find-" + "links[= ]"),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:" + "|".join(["ro" + "ot/", "wo" + "rk/", "ho" + "me/\\w"]) + ")"),
}  # fmt: skip


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def locked(name: str) -> dict[str, str]:
    """Version by distribution, of every line that pins one."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return {canonicalize_name(m[1]): m[2] for m in re.finditer(r"^([A-Za-z0-9._-]+)==([^\s;]+)", text, re.MULTILINE)}


def declared(group: str | None = None) -> list[Requirement]:
    entries = project()["project"]["dependencies"] if group is None else project()["dependency-groups"][group]
    return [Requirement(entry) for entry in entries if isinstance(entry, str)]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_an_exact_version_and_hashes_and_says_nothing_of_where_it_came_from(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert re.fullmatch(r"[\w.-]+==[\w.+!]+(?: ; [^\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n*", entry), entry


@pytest.mark.parametrize(
    ("group", "name"),
    [(None, "runtime"), (None, "test"), (None, "bench"), ("dev", "test"), ("bench", "bench"), ("build", "build"), ("lock", "lock")],
)  # fmt: skip
def test_the_locks_hold_what_the_project_declares(group: str | None, name: str) -> None:
    versions = locked(name)
    unmet = [
        str(requirement)
        for requirement in declared(group)
        if not requirement.specifier.contains(versions.get(canonicalize_name(requirement.name), "0"), prereleases=True)
    ]
    assert unmet == [], "run `make lock`"


def test_a_package_has_the_same_version_in_every_lock() -> None:
    tests = locked("test")
    for name in LOCKS:
        differing = {
            package: version for package, version in locked(name).items() if tests.get(package, version) != version
        }
        assert differing == {}, name


def imported() -> Iterator[str]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0]


def test_everything_that_the_service_imports_is_declared_as_a_dependency() -> None:
    names = {canonicalize_name(requirement.name) for requirement in declared()}
    modules = set(imported()) - set(sys.stdlib_module_names) - set(PACKAGES)
    providers = packages_distributions()
    undeclared = {
        module
        for module in modules
        if names.isdisjoint([canonicalize_name(distribution) for distribution in providers.get(module, [module])])
    }
    assert undeclared == set()


def test_no_tracked_file_holds_unfinished_work_an_index_or_a_machines_paths() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {what}: {line.strip()[:80]}"
        for path in tracked_files()
        if path.name != "test_packaging.py"
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]
    assert found == []
