"""The state of a user, or of any stream, at an earlier time, folded from the log up to there."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from events.encryption import SubjectKeys
from events.log import EventLog, RecordedEvent
from events.log_time import position_at
from events.registry import UnknownEvent
from events.vocabulary.assignments import QuestionsAssigned, SeenReset
from events.vocabulary.decoding import Decoded, decode
from projections.engine.user_state import STREAM_PREFIX, stream_of
from projections.models.seen_sets import SeenSet
from projections.models.user_statistics import UserStatistics
from trivia.accounts.decide import User, evolve_holder, evolve_invitation, evolve_user
from trivia.accounts.streams import user_stream

_PAGE: Final = 1_000
_MICROSECONDS: Final = 1_000_000


class NotThere(LookupError):
    """The log had nothing of the kind then; the message says what."""


class UserThen(NamedTuple):
    """What was known of a user at a position.

    `user` is None for one who was given questions and is no user of ours; `profile` None where they
    are forgotten by now or have none.
    """

    position: int
    user: User | None
    profile: dict[str, Any] | None
    seen: SeenSet
    statistics: UserStatistics
    history: list[Decoded]


class StreamThen(NamedTuple):
    """The events of a stream up to a position, and its state where streams of its kind have one."""

    position: int
    events: list[RecordedEvent]
    state: dict[str, Any] | None


async def position_of(log: EventLog, at: int | datetime | None) -> int:
    """The position of the last event at a moment, or of a position given; the head without one.

    Raises NotThere beyond the head.
    """
    if isinstance(at, datetime):
        return await position_at(log, round(at.timestamp() * _MICROSECONDS))
    head = await log.head()
    if at is not None and at > head:
        raise NotThere(f"the log ends at position {head}")
    return head if at is None else at


async def replay_user(log: EventLog, keys: SubjectKeys, user: str, position: int) -> UserThen:
    """What was known of a user at a position. Raises NotThere, LogUnavailable and UnknownEvent."""
    known: User | None = None
    async for recorded in _events(log, user_stream(user), position):
        known = evolve_user(known, decode(recorded))
    seen, statistics, history = SeenSet(), UserStatistics(), []
    async for recorded in _events(log, stream_of(user), position):
        decoded = decode(recorded)
        seen.evolve(decoded.event, recorded.version)
        statistics.evolve(decoded.event, recorded.version)
        if isinstance(decoded.event, QuestionsAssigned | SeenReset):
            history.append(decoded)
    if known is None and not seen.version:
        raise NotThere(f"there was no user {user} at position {position}")
    # A user who was erased since has no profile at any earlier time either: the key is gone.
    profile = await keys.decrypt(known.id, known.encrypted) if known else None
    return UserThen(position, known, profile, seen, statistics, history)


async def replay_stream(log: EventLog, stream: str, position: int) -> StreamThen:
    """A stream up to a position.

    Events that only a newer version knows are there too. Raises NotThere and LogUnavailable.
    """
    events = [recorded async for recorded in _events(log, stream, position)]
    if not events:
        raise NotThere(f"there was no stream {stream} at position {position}")
    try:
        state = _fold(stream, [decode(recorded) for recorded in events])
    except UnknownEvent:
        state = None
    return StreamThen(position, events, state)


async def _events(log: EventLog, stream: str, until: int) -> AsyncIterator[RecordedEvent]:
    after = 0
    while page := await log.read_stream(stream, after, limit=_PAGE):
        for recorded in page:
            if recorded.position > until:
                return
            yield recorded
        after = page[-1].version


def _fold(stream: str, events: list[Decoded]) -> dict[str, Any] | None:
    kind = stream.partition("-")[0] + "-"
    if kind == STREAM_PREFIX:
        seen, statistics = SeenSet(), UserStatistics()
        for decoded in events:
            seen.evolve(decoded.event, decoded.recorded.version)
            statistics.evolve(decoded.event, decoded.recorded.version)
        return {**describe_seen(seen), "statistics": describe_statistics(statistics)}
    evolve = _EVOLVE.get(kind)
    if evolve is None:
        return None
    state: Any = None
    for decoded in events:
        state = evolve(state, decoded)
    if isinstance(state, User):
        return describe_user(state)
    return {"holder": state} if kind == "email-" else msgspec.to_builtins(state)


_EVOLVE: Final[dict[str, Callable[[Any, Decoded], Any]]] = {
    "user-": evolve_user,
    "email-": evolve_holder,
    "invitation-": evolve_invitation,
}


def describe_user(user: User) -> dict[str, Any]:
    """A user's state without what signs them in."""
    return {
        "user": user.id,
        "kind": user.kind,
        "org": user.org,
        "role": user.role,
        "created_at": user.created_at,
        "version": user.version,
        "forgotten": user.forgotten,
    }


def describe_seen(seen: SeenSet) -> dict[str, Any]:
    """Counts of questions and their numbers, by what became of them."""
    return {
        "version": seen.version,
        "seen_count": len(seen.seen),
        "seen": list(seen.seen),
        "given": list(seen.ever_given()),
        "answered": list(seen.answered or ()),
    }


def describe_statistics(statistics: UserStatistics) -> dict[str, Any]:
    """The counts, by topic as well."""
    return {
        "answered": statistics.answered,
        "correct": statistics.correct,
        "streak": statistics.streak,
        "best_streak": statistics.best_streak,
        "by_topic": {topic: {"answered": a, "correct": c} for topic, (a, c) in statistics.by_topic.items()},
    }
