"""Whether an assignment costs more when the bank is large and the user has seen nearly all of it.

The choice, the event and its append are measured together on a log in memory, since a disk's share would hide the difference.
"""

import asyncio
import random
import time
from statistics import median

from bench.databases import Databases
from bench.report import Comparison, Result
from events.log import StreamWrite
from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.assignments import QuestionsAssigned
from events.vocabulary.questions import QuestionAdded
from projections.engine.user_state import stream_of
from projections.models.question_pool import Filter, QuestionPool
from projections.storage.backends import models_of
from trivia.http.access import Identity
from trivia.platform.storage import open_storage
from trivia.questions.play.assigning import Assigning, Draw

ROUNDS = 7
DRAWS = 300
LARGE, SMALL = 1_000_000, 10_000
SEEN_SHARE = 0.99
ASKED = Draw(10, Filter(age=12))


def run(databases: Databases) -> list[Result]:
    """Measure."""
    return asyncio.run(_run(databases.log_url("sqlite")))


async def _nothing() -> None:
    """The pool is whole from the start."""


async def _run(url: str) -> list[Result]:
    async with open_storage(url) as storage:
        models = models_of(storage.database)
        large, small = _pool(LARGE), _pool(SMALL)
        log = MemoryLog(REGISTRY)
        seen = random.Random(20).sample(range(1, LARGE + 1), int(LARGE * SEEN_SHARE))
        ours: list[list[float]] = [[], []]
        peer: list[list[float]] = [[], []]
        for number in range(ROUNDS):
            used_up, fresh = f"used-up-{number}", f"fresh-{number}"
            await log.append([StreamWrite(stream_of(used_up), 0, [QuestionsAssigned(tuple(seen))])])
            for user, pool, costs in ((used_up, large, ours), (fresh, small, peer)):
                first, later = await _costs(Assigning(log, models, pool, 100, show_all=_nothing), user)
                costs[0].append(later)
                costs[1].append(first)
        name = f"one of {SMALL:,}, none seen"
        what = f"a bank of {LARGE:,}, {SEEN_SHARE:.0%} seen"
        return [
            Comparison(
                f"{what}: one of {DRAWS} draws in a row", "us", ours[0], peer[0], name, 1.5, lower_is_better=True
            ),
            Comparison(f"{what}: the first draw of a user at hand", "us", ours[1], peer[1], name, lower_is_better=True),
        ]


async def _costs(assigning: Assigning, user: str) -> tuple[float, float]:
    """Microseconds of the first draw and, in the median, of those after it. The user is loaded first, which is not counted."""
    identity = Identity(user, PUBLIC_ORG, "player", 2**40)
    await assigning.seen(identity)
    took = []
    for _ in range(DRAWS + 1):
        began = time.perf_counter()
        drawn = await assigning.draw(identity, ASKED)
        took.append((time.perf_counter() - began) * 1e6)
        if len(drawn.questions) != ASKED.limit:
            raise RuntimeError(f"{len(drawn.questions)} questions were given")
    return took[0], median(took[1:])


def _pool(questions: int) -> QuestionPool:
    pool = QuestionPool()
    options = ("Paris", "London", "Rome", "Madrid")
    for number in range(1, questions + 1):
        text = f"What is the capital of country number {number} in the atlas?"
        topic, low = f"topic {number % 8}", 6 + number % 4
        pool.add(number, QuestionAdded(f"{number:064x}", PUBLIC_ORG, text, options, "Paris", topic, low, 99))
    return pool
