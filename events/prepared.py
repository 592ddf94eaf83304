"""An append made ready for storing: checked, encoded, flat. What all three backends share before the database is asked."""

from collections.abc import Sequence

import msgspec

from events.ids import uuid7_run
from events.log import (
    ANY,
    MAX_STREAM_LENGTH,
    Appended,
    Command,
    CommandReused,
    Conflict,
    Context,
    Guard,
    Metadata,
    StreamWrite,
)
from events.vocabulary import REGISTRY

Row = tuple[str, str, int, str, str]
"""stream, type, schema, data, metadata"""

_encode_text = msgspec.json.Encoder().encode


class PreparedAppend(msgspec.Struct, frozen=True, gc=False):
    """`rows` in the order in which they take positions; `conditions` holds each stream once, written or guarded."""

    rows: list[Row]
    conditions: list[tuple[str, int]]
    written: frozenset[str]
    command: Command | None


class Moved(msgspec.Struct, frozen=True):
    """The outcome of an append whose expectations did not hold."""

    conflicts: list[Conflict]


class Reused(msgspec.Struct, frozen=True):
    """The outcome of an append whose command id was used for something else."""

    command_id: str


Outcome = Appended | Moved | Reused
"""What became of one append. Backends return these; the caller of `append` sees errors raised from them."""


def prepare(
    writes: Sequence[StreamWrite], guards: Sequence[Guard], command: Command | None, context: Context
) -> PreparedAppend:
    """Encode every event and check what needs no database. Raises ValueError."""
    conditions = [(write.stream, write.expect) for write in writes] + [(guard.stream, guard.expect) for guard in guards]
    _check(writes, conditions, command)
    count = sum([len(write.events) for write in writes])
    # Metadata differs from event to event in its id alone, so the rest is encoded once and joined on as text.
    shared = _encode_text(
        Metadata(
            "",
            context.org,
            context.actor,
            command.id if command else None,
            context.correlation_id,
            context.causation_id,
        )
    ).decode()
    tail = shared[len('{"event_id":"') :]
    ids = iter(uuid7_run(count))
    encode = REGISTRY.encode
    rows = [
        (write.stream, type(event).__name__, event.schema, encode(event), f'{{"event_id":"{next(ids)}{tail}')
        for write in writes
        for event in write.events
    ]
    return PreparedAppend(rows, conditions, frozenset([write.stream for write in writes]), command)


def _check(writes: Sequence[StreamWrite], conditions: list[tuple[str, int]], command: Command | None) -> None:
    if not writes:
        raise ValueError("an append needs at least one write")
    if len({stream for stream, _ in conditions}) != len(conditions):
        raise ValueError("a stream may be named only once in an append")
    for write in writes:
        if not write.events:
            raise ValueError(f"no events to write to {write.stream}")
    for stream, expect in conditions:
        if not stream or len(stream) > MAX_STREAM_LENGTH or not stream.isprintable():
            raise ValueError(f"not the name of a stream: {stream[:40]!r}")
        if expect < ANY:
            raise ValueError(f"not a version: {expect}")
    if command and not (0 < len(command.id) <= MAX_STREAM_LENGTH and command.id.isprintable()):
        raise ValueError("a command id has 1 to 200 printable characters")


def unmet(conditions: Sequence[tuple[str, int]], actual: Sequence[int]) -> list[Conflict]:
    """Which of an append's conditions do not hold, given the actual version of each of its streams."""
    return [
        Conflict(stream, expect, version)
        for (stream, expect), version in zip(conditions, actual, strict=True)
        if not (expect in (version, ANY) or expect < 0 < version)
    ]


def replay(command: Command, fingerprint: bytes, first: int, last: int) -> Outcome:
    """The outcome for a command that was stored before, with `fingerprint`, at `first` to `last`."""
    if fingerprint != command.fingerprint:
        return Reused(command.id)
    return Appended(first, last, replayed=True)


def reused(outcome: Outcome) -> Appended:
    """An outcome of `replay` as what `find_command` returns. Raises CommandReused."""
    if isinstance(outcome, Appended):
        return outcome
    raise CommandReused(outcome.command_id if isinstance(outcome, Reused) else "")
