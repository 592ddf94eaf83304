"""Users for measurements: guests that the log knows, so that tokens made for them are good."""

from collections.abc import Sequence

from events.log import NO_STREAM, EventLog, StreamWrite
from events.vocabulary.accounts import PUBLIC_ORG, GuestJoined
from trivia.accounts.streams import user_stream

_AT_ONCE = 500


async def add_guests(log: EventLog, users: Sequence[str]) -> None:
    """Append a guest with each of these ids."""
    for start in range(0, len(users), _AT_ONCE):
        joined = [GuestJoined(user, PUBLIC_ORG, "") for user in users[start : start + _AT_ONCE]]
        await log.append([StreamWrite(user_stream(guest.user), NO_STREAM, [guest]) for guest in joined])
