import pytest

from events.log import EventLog
from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from tests.unit.events.compliance.appending import AppendingCompliance
from tests.unit.events.compliance.commands import CommandCompliance
from tests.unit.events.compliance.reading import ReadingCompliance


class TestMemoryLog(AppendingCompliance, CommandCompliance, ReadingCompliance):
    @pytest.fixture
    def log(self) -> EventLog:
        return MemoryLog(REGISTRY)
