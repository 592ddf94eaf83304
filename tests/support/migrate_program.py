"""Migrates a database once it is told to, and says what it applied.

python -m tests.support.migrate_program URL
"""

import asyncio
import sys

from migrations.runner import migrate_postgres, migrate_sqlite
from tests.support.databases import SQLITE_PREFIX
from tests.support.programs import say

if __name__ == "__main__":
    url = sys.argv[1]
    say("ready")
    sys.stdin.readline()
    path = url.removeprefix(SQLITE_PREFIX)
    for name in migrate_sqlite(path) if path != url else asyncio.run(migrate_postgres(url)):
        say(name)
