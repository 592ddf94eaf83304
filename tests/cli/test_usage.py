"""Help, settings, migrations, and what wrong usage looks like."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.support.commands import ROOT, Installed, Trivia
from trivia.cli import COMMANDS, main
from trivia.settings import Settings


def paths_of(command: click.Command, *path: str) -> Iterator[list[str]]:
    """The words of a command, and of every command below it."""
    if path:
        yield list(path)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from paths_of(below, *path, name)


PATHS = list(paths_of(main))


def test_the_commands_are_found() -> None:
    assert {path[0] for path in PATHS} == set(COMMANDS)
    assert ["events", "check-proof"] in PATHS


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_command_has_help(bare: Trivia, path: list[str]) -> None:
    done = bare(*path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: python -m trivia {' '.join(path)}")


def test_help_lists_every_command_and_imports_none(bare: Trivia) -> None:
    done = bare("--help")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.partition("Commands:\n")[2].splitlines()] == list(COMMANDS)
    program = "import sys; from trivia.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"msgspec", "litestar", "uvicorn", "asyncio", "asyncpg", "rich"}.isdisjoint(
        loaded.stdout.splitlines()[-1].split()
    )


def test_version_is_told(installed: Installed) -> None:
    assert installed("--version").stdout.startswith("trivia, version ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["serve", "--port", "70000"],
        ["serve", "--workers", "0"],
        ["serve", "--reload", "--workers", "2"],
        ["import"],
        ["import", "missing.jsonl"],
        ["import", "--format", "docx", "x"],
        ["users", "token", "ada@example.org", "--ttl", "soon"],
        ["users", "token", "ada@example.org", "--ttl", "2d"],
        ["users", "create", "ada@example.org", "--role", "king"],
        ["events", "show", "0"],
        ["events", "replay"],
        ["events", "replay", "--user", "ada", "--stream", "user-ada"],
        ["events", "replay", "--user", "ada", "--at", "yesterday"],
        ["events", "replay", "--user", "ada", "--at", "2026-11-01T12:00:00"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_no_traceback(bare: Trivia, arguments: list[str]) -> None:
    done = bare(*arguments)
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert list(bare.directory.iterdir()) == []


def test_every_wrong_setting_is_named(bare: Trivia) -> None:
    done = bare("migrate", port="high", workers=0, nonsense=1)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert {line.partition(":")[0] for line in done.stderr.splitlines()[1:]} == {
        "TRIVIA_PORT",
        "TRIVIA_WORKERS",
        "TRIVIA_NONSENSE",
    }


@pytest.mark.parametrize("command", [["export"], ["users", "list"], ["events", "stats"], ["serve", "--port", "0"]])
def test_a_database_that_cannot_be_reached_is_one_line(bare: Trivia, command: list[str]) -> None:
    done = bare(*command, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")


def test_commands_ask_for_a_migrated_database(bare: Trivia) -> None:
    for command in (["export"], ["users", "list"], ["events", "tail"]):
        done = bare(*command)
        assert done.returncode == 1
        assert "run `trivia migrate` first" in done.stderr


def test_migrate_brings_the_schema_up_to_date_once(empty_postgres_url: str, tmp_path: Path) -> None:
    for url in (empty_postgres_url, "sqlite:///./data/trivia.db"):
        trivia = Trivia(tmp_path, database_url=url)
        pending = trivia("migrate", "--check")
        assert (pending.returncode, pending.stdout[:18]) == (1, "Pending: 0001_log,")
        names = json.loads(trivia("migrate", "--check", "--json").stdout)["pending"]
        assert json.loads(trivia("migrate", "--json").stdout)["applied"] == names
        again = trivia("migrate", "--check")
        assert (again.returncode, again.stdout) == (0, "The schema is up to date.\n")
        assert trivia("migrate").returncode == 0


def test_settings_shows_all_of_them_and_no_secret(installed: Installed) -> None:
    (installed.directory / "trivia.toml").write_text("port = 9000\n")
    secrets = {"secret_key": "k" * 40, "database_url": "postgresql://me:pass@db/x"}
    done = installed("settings", "--json", **secrets, log_level="error")
    assert done.returncode == 0
    shown = {row["setting"]: row for row in json.loads(done.stdout)}
    assert list(shown) == list(Settings.__struct_fields__)
    assert all(row["meaning"] for row in shown.values())
    assert (shown["port"]["value"], shown["port"]["source"]) == (9000, "file trivia.toml")
    assert (shown["log_level"]["value"], shown["log_level"]["source"]) == ("error", "environment")
    assert (shown["host"]["value"], shown["host"]["source"]) == ("127.0.0.1", "default")
    assert shown["secret_key"]["value"] == shown["database_url"]["value"] == "(secret)"
    words = installed("settings", **secrets).stdout
    assert "TRIVIA_PORT = 9000  [file trivia.toml]" in words
    assert "k" * 40 not in words
    assert "pass" not in words.replace("password", "")
