"""What the routes of playing use."""

from typing import Protocol

import msgspec

from events.log import Context, EventLog
from projections.engine.store import ReadModels
from projections.models.question_pool import Filter, QuestionPool
from trivia.http.access import Identity
from trivia.questions.play.assigning import Assigning


class Replenisher(Protocol):
    """Has new questions made where a draw found too few."""

    async def replenish(self, identity: Identity, wanted: Filter, deficit: int, context: Context) -> str | None:
        """The id of the job that makes at least `deficit` such questions, if there is one."""


class Play(msgspec.Struct, frozen=True):
    """The services of playing as one dependency: Litestar resolves several in tasks."""

    assigning: Assigning
    pool: QuestionPool
    log: EventLog
    models: ReadModels
    replenisher: Replenisher
