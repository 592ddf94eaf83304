"""Docstrings are short enough to be read beside the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.test_glossary import cleaned_files

ROOT = Path(__file__).parents[2]
COLUMNS = 100


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of all docstrings, those of constants and fields too, with their numbers."""
    lines = path.read_text().splitlines()
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                yield number, lines[number - 1]


@pytest.mark.parametrize(
    "path",
    [path for path in cleaned_files() if path.suffix == ".py"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_docstrings_are_at_most_100_columns_wide(path: Path) -> None:
    assert [number for number, line in docstrings(path) if len(line) > COLUMNS] == []
