"""What differs between databases is known to their backends alone."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
BACKENDS = ("events/sqlite/", "events/postgres/", "projections/storage/")


def test_nobody_but_a_backend_asks_which_database_it_is() -> None:
    asked = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for floor in ("events", "projections", "trivia")
        for path in sorted((ROOT / floor).rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(BACKENDS)
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"isinstance\(.*(Sqlite|Postgres)|case (Sqlite|Postgres)\w*\(", line)
    ]
    assert asked == []
