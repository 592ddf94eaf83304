"""Runs the projector, when it leads, until it is killed.

    python -m tests.crash.programs.projecting URL

Says `waits` when it has found that another leads, and `leads` when it does.
"""

import asyncio
import sys

from projections.engine.projector import Leadership, Projector
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.answering import Lagging
from tests.support.programs import say
from trivia.platform.storage import open_storage


class Telling(Leadership):
    """Says when it is acquired, or not, for the first time."""

    def __init__(self, inner: Leadership) -> None:
        self._inner = inner
        self._said = ""

    async def acquire(self) -> bool:
        """See Leadership.acquire."""
        leads = await self._inner.acquire()
        word = "leads" if leads else "waits"
        if word != self._said:
            say(word)
        self._said = word
        return leads

    async def release(self) -> None:
        """See Leadership.release."""
        await self._inner.release()


async def main(url: str) -> None:
    async with open_storage(url) as storage:
        leadership = Telling(leadership_of(storage.database))
        await Projector(storage.log, models_of(storage.database), [Lagging()], leadership).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
