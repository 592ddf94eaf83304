"""Follows a log until the stream `end` has an event.

    python -m tests.crash.programs.follower URL AFTER PAGE

Says `following` once it has begun and, at the end, one line of JSON: the positions in the order in which they came.
"""

import asyncio
import sys

import msgspec

from events.subscription import follow
from tests.support.databases import open_log
from tests.support.programs import say


async def main(url: str, after: int, page: int) -> None:
    seen: list[int] = []
    async with open_log(url) as log:
        say("following")
        async for events in follow(log, after, page=page):
            seen.extend([event.position for event in events])
            if any(event.stream == "end" for event in events):
                break
    say(msgspec.json.encode(seen).decode())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
