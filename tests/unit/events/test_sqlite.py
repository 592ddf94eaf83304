from collections.abc import AsyncIterator

import pytest

from events.log import EventLog
from tests.support.databases import open_log
from tests.unit.events.compliance.appending import AppendingCompliance
from tests.unit.events.compliance.commands import CommandCompliance
from tests.unit.events.compliance.reading import ReadingCompliance
from tests.unit.events.compliance.sharing import Opener, SharingCompliance


class TestSqliteLog(AppendingCompliance, CommandCompliance, ReadingCompliance, SharingCompliance):
    @pytest.fixture
    async def log(self, sqlite_url: str) -> AsyncIterator[EventLog]:
        async with open_log(sqlite_url) as log:
            yield log

    @pytest.fixture
    def open_other(self, sqlite_url: str) -> Opener:
        return lambda: open_log(sqlite_url)
