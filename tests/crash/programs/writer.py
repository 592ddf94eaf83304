"""Appends in four ways at once: to a stream of its own, to shared ones, and to a counter that everybody fights over.

    python -m tests.crash.programs.writer URL NAME ROUNDS

Says one line of JSON for each acknowledged append: [first, last, replayed].
"""

import asyncio
import sys

import msgspec

from events.log import ANY, EXISTS, Guard, StreamMoved
from tests.support.databases import open_log
from tests.support.programs import say
from tests.support.sample_events import command, write


async def main(url: str, name: str, rounds: int) -> None:
    async with open_log(url) as log:

        async def acknowledged(first: int, last: int) -> None:
            say(msgspec.json.encode([first, last]).decode())

        async def own(number: int) -> None:
            for version in range(rounds):
                stream = f"own-{name}-{number}"
                done = await log.append(
                    [write(stream, version, version), write("shared", ANY, number)],
                    command=command(f"{stream}-{version}"),
                )
                await acknowledged(done.first, done.last)

        async def guarded() -> None:
            for _ in range(rounds):
                done = await log.append([write(f"guarded-{name}", ANY, 1, 2, 3)], guards=[Guard("start", EXISTS)])
                await acknowledged(done.first, done.last)

        async def counting() -> None:
            done = 0
            while done < rounds // 4:
                [version] = await log.versions(["counter"])
                try:
                    counted = await log.append([write("counter", version, version)])
                except StreamMoved:
                    continue
                done += 1
                await acknowledged(counted.first, counted.last)

        await asyncio.gather(*[own(number) for number in range(4)], guarded(), counting())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
