"""A second database."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def there(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty, migrated database other than the test's own."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'there.sqlite')}"
