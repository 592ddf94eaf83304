"""The Dockerfile, as far as it can be tested without building an image; its wheel is built from what it copies."""

import json
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Instruction(NamedTuple):
    """`flags` are options of the instruction itself, such as `{"from": "build"}`."""

    name: str
    flags: dict[str, str]
    text: str

    @property
    def words(self) -> list[str]:
        """Its arguments, in the form of JSON or in that of a shell."""
        if self.text.startswith("["):
            return [str(word) for word in json.loads(self.text)]
        return shlex.split(self.text)


def parse_dockerfile(text: str) -> list[Instruction]:
    """Its instructions: comments left out, continued lines joined, as Docker's reference says."""
    lines = [line.strip() for line in text.splitlines()]
    joined = "\n".join(line for line in lines if line and not line.startswith("#")).replace("\\\n", " ")
    found = []
    for line in joined.splitlines():
        name, _, rest = line.partition(" ")
        flags = {}
        while (rest := rest.strip()).startswith("--"):
            flag, _, rest = rest.partition(" ")
            key, _, value = flag.removeprefix("--").partition("=")
            flags[key] = value
        found.append(Instruction(name.upper(), flags, rest))
    return found


STEPS = parse_dockerfile((ROOT / "Dockerfile").read_text())
LAST_STAGE = STEPS[max(number for number, step in enumerate(STEPS) if step.name == "FROM") :]


def test_a_dockerfile_is_parsed_as_docker_parses_it() -> None:
    text = '# syntax=x\nFROM a AS b\ncopy --from=b --chown=1:1 x \\\n  # why\n  y /z/\nCMD ["a", "b c"]\n'
    assert [(step.name, step.flags, step.words) for step in parse_dockerfile(text)] == [
        ("FROM", {}, ["a", "AS", "b"]),
        ("COPY", {"from": "b", "chown": "1:1"}, ["x", "y", "/z/"]),
        ("CMD", {}, ["a", "b c"]),
    ]


def last(name: str) -> Instruction:
    """The only instruction with this name in the stage that becomes the image."""
    (found,) = [step for step in LAST_STAGE if step.name == name]
    return found


def sources() -> set[str]:
    """What is copied from the context of the build."""
    copies = [step.words[:-1] for step in STEPS if step.name == "COPY" and "from" not in step.flags]
    return {source.rstrip("/") for group in copies for source in group}


def copied_from_the_tree() -> set[str]:
    return {source.partition("/")[0] for source in sources()}


def test_what_is_copied_is_enough_to_build_the_wheel(tmp_path: Path) -> None:
    context = tmp_path / "src"
    for source in sources():
        target = context / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, target)
    program = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=context, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "--", "events", "migrations", "projections", "trivia"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert {name for name in tracked if (ROOT / name).exists()} - names == set()


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
    assert int(last("USER").text.partition(":")[0]) > 0
    # In the form of JSON: there is no shell in between, which would keep signals from the service.
    assert json.loads(last("ENTRYPOINT").text) == ["trivia"]
    assert json.loads(last("CMD").text) == ["serve"]
    check = json.loads(last("HEALTHCHECK").text.removeprefix("CMD "))
    assert ["docker/healthcheck.py", check[1]] in [step.words for step in LAST_STAGE if step.name == "COPY"]


def test_all_that_it_writes_is_in_the_volume() -> None:
    volume = last("VOLUME").text
    variables = dict(word.split("=", 1) for word in last("ENV").words)
    assert volume == last("WORKDIR").text == variables["TRIVIA_DATA_DIR"]
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
