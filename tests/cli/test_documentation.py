"""The page about the command line tells of every command and every option."""

from collections.abc import Iterator

import click
import pytest

from tests.support.commands import ROOT
from trivia.cli import main

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
SECTIONS = {section.partition("\n")[0].strip("`"): section for section in PAGE.split("\n## ")[1:]}


def commands() -> Iterator[tuple[str, str, click.Command]]:
    """Section, the text that must name it there, command."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((f"trivia {name}", f"- `{sub}", inner) for sub, inner in command.commands.items())
        elif command is not None:
            yield f"trivia {name}", "", command


@pytest.mark.parametrize(("section", "entry", "command"), list(commands()), ids=lambda value: str(value)[:20])
def test_every_command_and_option_is_documented(section: str, entry: str, command: click.Command) -> None:
    text = next(part for part in SECTIONS[section].split("\n- ") if f"- {part}".startswith(entry) or not entry)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert f"`{max(parameter.opts, key=len)}`" in text
        else:
            assert parameter.human_readable_name.rstrip(".") in text


def test_no_command_is_documented_that_is_not_there() -> None:
    assert set(SECTIONS) == {section for section, _, _ in commands()}
