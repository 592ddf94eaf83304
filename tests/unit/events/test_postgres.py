from collections.abc import AsyncIterator

import pytest

from events.log import EventLog
from tests.support.databases import open_log
from tests.unit.events.compliance.appending import AppendingCompliance
from tests.unit.events.compliance.commands import CommandCompliance
from tests.unit.events.compliance.reading import ReadingCompliance
from tests.unit.events.compliance.sharing import Opener, SharingCompliance


class TestPostgresLog(AppendingCompliance, CommandCompliance, ReadingCompliance, SharingCompliance):
    @pytest.fixture
    async def log(self, postgres_url: str) -> AsyncIterator[EventLog]:
        async with open_log(postgres_url) as log:
            yield log

    @pytest.fixture
    def open_other(self, postgres_url: str) -> Opener:
        return lambda: open_log(postgres_url)
