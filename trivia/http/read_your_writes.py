"""Reading one's own writes, through whichever process.

A response to a write says in X-Event-Position where in the log it was stored. A GET that sends it back as X-Min-Position is answered
only from state that has taken in as much. What a route reads is named in `opt["reads"]`: MEMORY, or projections by name. What it
completes from the log itself is never behind: such a route minds the header, too, and names nothing.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from events.log import EventLog
from projections.engine.live import LiveViews
from projections.engine.projection import Projection
from projections.engine.store import ReadModels
from trivia.http.problems import BadInput, FieldError, NotYet
from trivia.http.validation import parse_query

MIN_POSITION: Final = "X-Min-Position"
RAW_MIN_POSITION: Final = b"x-min-position"
MEMORY: Final = "memory"
"""In `opt["reads"]`: what this process holds in memory, such as the question pool."""

WAIT_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.05
"""How often a table's checkpoint is looked at while a request waits for it."""

_MAX_POSITION: Final = 2**63 - 1
_MAX_DIGITS: Final = 19


def parse_position(value: bytes) -> int:
    """The value of the header X-Min-Position. Raises BadInput."""
    if value.isdigit() and len(value) <= _MAX_DIGITS and int(value) <= _MAX_POSITION:
        return int(value)
    raise _refused("not a position in the log")


def _refused(why: str) -> BadInput:
    return BadInput(f"The header {MIN_POSITION} is not valid.", errors=[FieldError(MIN_POSITION, why)])


class Positions:
    """How far this process and the tables have taken in the log."""

    def __init__(self, log: EventLog, live: LiveViews, models: ReadModels, projections: Iterable[Projection]) -> None:
        self._log = log
        self._live = live
        self._models = models
        self._projections = {projection.name: projection for projection in projections}

    async def reach(self, position: int, reads: Iterable[str] = (MEMORY,)) -> None:
        """Wait until all that is read has taken in the log up to `position`. Raises NotYet, BadInput and LogUnavailable."""
        if position > self._live.position and position > (head := await self._log.head()):
            # Nobody was told of such a position by this log: it was restored from a backup, or the number is made up.
            raise _refused(f"the log ends at {head}")
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                for name in reads:
                    await self._reach_one(name, position)
        except TimeoutError:
            raise NotYet(f"Position {position} of the log is not taken in here yet; try again.") from None

    async def _reach_one(self, name: str, position: int) -> None:
        if name == MEMORY:
            if not await self._live.reach(position, WAIT_SECONDS):
                raise TimeoutError
            return
        projection = self._projections[name]
        while await self._models.checkpoint(projection) < position:  # noqa: ASYNC110 - it is another process that moves it
            await asyncio.sleep(LOOK_SECONDS)


async def await_position(request: Any) -> None:
    """Before a handler of Litestar that says what it reads: wait as the request asks. Raises BadInput and NotYet."""
    reads = request.route_handler.opt.get("reads")
    if reads is None:
        return
    for name, value in request.scope["headers"]:
        if name == RAW_MIN_POSITION:
            position = parse_position(value)
            if (query := request.route_handler.opt.get("query")) is not None:
                # Whoever will be refused is not kept waiting.
                parse_query(request.scope["query_string"], query)
            await request.app.state.services.positions.reach(position, reads)
