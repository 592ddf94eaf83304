"""Everything a process of the service holds open, put together in one place: the composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from events.log import EventLog
from trivia.settings import Settings
from trivia.storage import Storage, open_storage


class Core:
    """The services of one process, as HTTP routes and the command line use them."""

    def __init__(self, settings: Settings, storage: Storage) -> None:
        self.settings = settings
        self.storage = storage
        self.log: EventLog = storage.log


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Open everything on a migrated database, and close it in the end. Raises LogUnavailable."""
    async with open_storage(settings.database_url) as storage:
        yield Core(settings, storage)
