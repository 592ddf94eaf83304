"""Read-your-writes: a client sees what it has stored, through whichever process it asks.

A response to a write has the event's position in the log in X-Event-Position. A request that sends
it back as X-Min-Position is answered only once what its route reads has caught up with that
position. What the route reads is in its contract: MEMORY, or projections by name. What a route
completes from the log itself is never behind: such a route honours the header, too, and names
nothing.

Positions are those of one history of the log, whose name is its epoch: every response has it in
X-Log-Epoch. A request that sends another back is refused, whatever it asks for.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from events.log import EventLog
from projections.engine.live import LiveViews
from projections.engine.projection import Projection
from projections.engine.store import ReadModels
from trivia.http.headers import EVENT_POSITION, LOG_EPOCH, MIN_POSITION, WAIT_SECONDS
from trivia.http.problems import BadInput, FieldError, NotYet, OtherEpoch, Unavailable
from trivia.http.validation import parse_query

MEMORY: Final = "memory"
"""What this process holds in memory, such as the question pool."""

LOOK_SECONDS: Final = 0.05
"""How often a table's checkpoint is looked at while a request waits for it."""
CAUGHT_UP_SECONDS: Final = 10.0
"""How long a request waits until this process has applied what the request itself has stored."""

_RAW_MIN_POSITION: Final = MIN_POSITION.lower().encode()
_RAW_LOG_EPOCH: Final = LOG_EPOCH.lower().encode()
_RAW_EVENT_POSITION: Final = EVENT_POSITION.lower().encode()
_MAX_POSITION: Final = 2**63 - 1
_MAX_DIGITS: Final = 19


def position_headers(position: int) -> dict[str, str]:
    """The headers of a response to what was stored at `position`; none for 0: nothing was."""
    return {EVENT_POSITION: str(position)} if position else {}


def raw_position_headers(position: int) -> list[tuple[bytes, bytes]]:
    """The same for a raw ASGI response."""
    return [(_RAW_EVENT_POSITION, b"%d" % position)] if position else []


def min_position(scope: Any) -> int | None:
    """The position that a request names in X-Min-Position, if it does. Raises BadInput."""
    for name, value in scope["headers"]:
        if name == _RAW_MIN_POSITION:
            return parse_position(value, MIN_POSITION)
    return None


def log_epoch(scope: Any) -> str | None:
    """The epoch that a request names in X-Log-Epoch, if it does."""
    for name, value in scope["headers"]:
        if name == _RAW_LOG_EPOCH:
            return str(value, "latin-1")
    return None


def parse_position(value: bytes, header: str) -> int:
    """The position that is the value of a header. Raises BadInput."""
    if value.isdigit() and len(value) <= _MAX_DIGITS and int(value) <= _MAX_POSITION:
        return int(value)
    raise _refused(header, "not a position in the log")


def _refused(header: str, why: str) -> BadInput:
    return BadInput(f"The header {header} is not valid.", errors=[FieldError(header, why)])


class Positions:
    """How far this process and the tables have caught up with the log."""

    def __init__(self, log: EventLog, live: LiveViews, models: ReadModels, projections: Iterable[Projection]) -> None:
        self._log = log
        self._live = live
        self._models = models
        self._projections = {projection.name: projection for projection in projections}

    @property
    def epoch(self) -> str:
        """The epoch of the log that positions are of."""
        return self._log.epoch

    @property
    def epoch_headers(self) -> list[tuple[bytes, bytes]]:
        """The header that tells it, for a raw ASGI response."""
        return [(_RAW_LOG_EPOCH, self._log.epoch.encode())]

    def require_epoch(self, epoch: str) -> None:
        """Raise OtherEpoch unless this is the log's epoch."""
        if epoch != self._log.epoch:
            raise OtherEpoch(
                "The log has another history than the one this position is of: it was restored, or its database failed over. "
                "Forget the positions you have."
            )

    async def await_requested(self, scope: Any, reads: Sequence[str], query: type[msgspec.Struct] | None) -> None:
        """Wait until what a route `reads` has caught up with the position that the request names.

        Raises as `reach`; and BadInput at once where the `query` is wrong, for such a request need not wait.
        """
        position = min_position(scope)
        if position is None:
            return
        if query is not None:
            parse_query(scope["query_string"], query)
        await self.reach(position, reads)

    async def reach(self, position: int, reads: Iterable[str] = (MEMORY,)) -> None:
        """Wait until all that is read has caught up with `position`.

        Raises NotYet, BadInput and LogUnavailable.
        """
        if position > self._live.position and position > (head := await self._log.head()):
            # This log never gave out such a position: it was restored from a backup, or the number is made up.
            raise _refused(MIN_POSITION, f"the log ends at {head}")
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
        while await self._models.checkpoint(projection) < position:  # noqa: ASYNC110 - another process moves it
            await asyncio.sleep(LOOK_SECONDS)

    async def show(self, position: int) -> None:
        """Wait until what was stored at `position` shows in this process. Raises Unavailable."""
        if not await self._live.reach(position, CAUGHT_UP_SECONDS):
            raise Unavailable("What was stored does not show yet; try again.")

    async def show_all(self) -> None:
        """Wait until all that the log has now shows in this process. Raises Unavailable and LogUnavailable.

        To be called before something is refused because this process does not know of it.
        """
        await self.show(await self._log.head())
