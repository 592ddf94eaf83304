"""Where in the log a moment lies."""

from events.log import EventLog


async def position_at(log: EventLog, moment: int) -> int:
    """The position of the last event recorded at or before `moment`, in microseconds since 1970-01-01 UTC; 0 if there is none.

    `recorded_at` never falls as positions rise, so halving finds it, in about as many reads as the head has binary digits.
    """
    low, high = 0, await log.head()
    while low < high:
        middle = (low + high + 1) // 2
        (event,) = await log.read(middle - 1, limit=1)
        if event.recorded_at <= moment:
            low = middle
        else:
            high = middle - 1
    return low
