"""A projection in which an event that is missed or comes twice shows: it counts answers."""

from collections.abc import Sequence

from events.log import ANY, EventLog, StreamWrite
from events.vocabulary.assignments import QuestionAnswered
from projections.engine.projection import Projection
from projections.engine.projector import catch_up
from projections.engine.store import ReadModels
from projections.engine.user_state import stream_of
from projections.models.user_statistics import UserStatisticsProjection
from projections.rebuild.verify import Verdict, verify
from projections.storage.leadership import leadership_of
from trivia.platform.storage import Storage

USERS = 3


class Inline(UserStatisticsProjection):
    """Moves inside the appends."""

    inline = True
    interval = 0.0
    batch = 50


class Lagging(Inline):
    """The same, for processes that do not know that it does."""

    inline = False


def answers(seed: int, count: int = 1) -> list[StreamWrite]:
    """What is appended when users answer: one write for each of a few users, `count` events in each."""
    events = [QuestionAnswered(seed + n, "x", correct=(seed + n) % 3 > 0, topic=f"Topic {n % 2}") for n in range(count)]
    return [StreamWrite(stream_of(f"user-{user}"), ANY, events) for user in range(USERS)]


async def answer(log: EventLog, seed: int, count: int = 1) -> int:
    """Append answers; the position of the last."""
    return (await log.append(answers(seed, count))).last


async def assert_equals_a_fold_of_the_log(storage: Storage, models: ReadModels, projection: Projection) -> int:
    """Take it to the head and compare it; how many answers it has counted."""
    head = await storage.log.head()
    await catch_up(storage.log, models, projection, head)
    lock = leadership_of(storage.database, f"rebuild-{projection.name}")
    verdict: Verdict = await verify(storage.log, models, projection, lock, lambda *_: None)
    assert verdict.position == head
    assert verdict.differences == []
    rows: Sequence[tuple[int]] = await models.fetch("SELECT answered FROM user_statistics")
    return sum(counted for (counted,) in rows)
