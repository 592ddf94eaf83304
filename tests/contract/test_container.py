"""The recipe of the container image, as far as it can be read without building one."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = re.sub(r"\\\n", "", re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE))
STEPS = [(kind, rest.strip()) for kind, _, rest in (line.partition(" ") for line in DOCKERFILE.splitlines() if line)]
LAST_STAGE = STEPS[max(number for number, (kind, _) in enumerate(STEPS) if kind == "FROM") :]


def last(kind: str) -> str:
    """What follows the only step of its kind in the stage that becomes the image."""
    (found,) = [rest for name, rest in LAST_STAGE if name == kind]
    return found


def copied_from_the_tree() -> set[str]:
    sources = [rest.split()[:-1] for kind, rest in STEPS if kind == "COPY" and not rest.startswith("--from=")]
    return {source.partition("/")[0] for group in sources for source in group}


def test_the_build_is_given_what_it_copies_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    given = {line.removeprefix("!").rstrip("/") for line in lines[1:] if line.startswith("!")}
    assert given == copied_from_the_tree()
    assert [line for line in lines[1:] if not line.startswith("!")] == ["**/__pycache__"]


def test_every_package_is_copied_and_only_tracked_files_are() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert packages | {project["project"]["readme"], "pyproject.toml"} <= copied_from_the_tree()
    listed = subprocess.run(
        ["git", "ls-files", "--", *copied_from_the_tree()], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {name.partition("/")[0] for name in listed} == copied_from_the_tree()


def test_it_runs_as_a_user_who_is_not_root_and_signals_reach_it() -> None:
    assert int(last("USER").partition(":")[0]) > 0
    assert json.loads(last("ENTRYPOINT")) == ["trivia"]
    assert json.loads(last("CMD")) == ["serve"]
    command = json.loads(last("HEALTHCHECK").partition(" CMD ")[2])
    assert f"docker/healthcheck.py {command[1]}" == next(r for k, r in LAST_STAGE if k == "COPY" and "docker/" in r)


def test_all_that_it_writes_is_in_the_volume() -> None:
    volume = last("VOLUME")
    variables = dict(re.findall(r"(\w+)=(\S+)", last("ENV")))
    assert volume == last("WORKDIR") == variables["TRIVIA_DATA_DIR"]
    assert {variables[name] for name in ("HOME", "TMPDIR", "SQLITE_TMPDIR")} == {volume}
    assert variables["TRIVIA_DATABASE_URL"] == f"sqlite:///{volume}/trivia.db"


@pytest.mark.parametrize(("process_id", "outcome"), [(1, 143), (2, -15)])
def test_the_first_process_of_a_container_ends_when_it_is_told_to_before_it_serves(
    process_id: int, outcome: int
) -> None:
    program = (
        "import signal, sys; from trivia.cli.serving.container import end_on_sigterm_as_pid_1; "
        f"end_on_sigterm_as_pid_1({process_id}); print('started', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.terminate()
        assert process.wait(30) == outcome
