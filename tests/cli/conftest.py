"""Commands on either database."""

from pathlib import Path

import pytest

from tests.support.commands import Installed, Trivia


@pytest.fixture
def trivia(database_url: str, tmp_path: Path) -> Trivia:
    """The command line on a fresh, migrated database of either kind."""
    return Trivia(tmp_path, database_url=database_url, starter_bank=False)


@pytest.fixture
def bare(tmp_path: Path) -> Trivia:
    """The command line in an empty directory, without any setting."""
    return Trivia(tmp_path)


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """As `bare`, with an interpreter that has imported nothing yet: slow, and just what users have."""
    return Installed(tmp_path)
