"""The documents name what there is: a setting, command or target that is added without a word there fails here."""

import re
from pathlib import Path

import msgspec
import pytest

from trivia.cli import COMMANDS
from trivia.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
COMMAND_LINE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def in_table(cell: str, page: str) -> str:
    """The line of a page whose first cell this is."""
    found = [line for line in page.splitlines() if line.startswith(f"| `{cell}` |")]
    assert len(found) == 1, f"{cell} should be in one table"
    return found[0]


def test_every_setting_is_documented_with_its_default_and_none_that_is_not_there() -> None:
    fields = msgspec.structs.fields(Settings)
    for field in fields:
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        line = in_table(PREFIX + field.name.upper(), SETTINGS)
        assert default is None or f"| `{default}` |" in line, line
    documented = set(re.findall(rf"^\| `{PREFIX}(\w+)`", SETTINGS, re.MULTILINE))
    assert documented == {field.name.upper() for field in fields}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_documented(command: str) -> None:
    in_table(f"trivia {command}", COMMAND_LINE)


def test_no_command_is_documented_that_is_not_there() -> None:
    assert set(re.findall(r"^\| `trivia (\w+)`", COMMAND_LINE, re.MULTILINE)) == set(COMMANDS)


def test_links_between_the_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "bench" / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
