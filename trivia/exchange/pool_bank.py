"""The bank as the question pool of this process has it."""

from events.log import EventLog
from projections.engine.store import ReadModels
from projections.models.question_pool import QuestionPool
from trivia.http.read_your_writes import Positions
from trivia.questions.bank.stored_bank import StoredBank


class PoolBank(StoredBank):
    """What was imported counts once this process gives it out."""

    def __init__(self, log: EventLog, models: ReadModels, pool: QuestionPool, positions: Positions) -> None:
        super().__init__(log, models)
        self._pool = pool
        self._positions = positions

    async def wait_for(self, position: int) -> None:
        """See Bank.wait_for. Raises Unavailable."""
        await self._positions.show(position)

    async def count(self, org: str) -> int:
        """See Bank.count."""
        return self._pool.count(org)
