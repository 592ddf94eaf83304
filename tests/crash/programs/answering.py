"""Appends answers until a line comes in, knowing of the inline projection or not.

    python -m tests.crash.programs.answering URL knowing|unknowing SEED

Says a line for each append: the position of its last event and, where it knows of the projection, that of the checkpoint after it.
"""

import asyncio
import itertools
import sys

from projections.storage.backends import models_of
from tests.support.answering import Inline, answer
from tests.support.programs import say
from trivia.platform.storage import open_storage


async def main(url: str, knowing: bool, seed: int) -> None:  # noqa: FBT001 - a word of the command line
    stop = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    async with open_storage(url, [Inline] if knowing else []) as storage:
        models = models_of(storage.database)
        for number in itertools.count(seed):
            head = await answer(storage.log, number)
            say(f"{head} {await models.checkpoint(Inline())}" if knowing else str(head))
            if stop.done():
                return


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2] == "knowing", int(sys.argv[3])))
