"""An append made ready for storing: checked, encoded, flat. What all three backends share before the database is asked."""

from collections.abc import Sequence
from typing import Final

import msgspec

from events.ids import uuid7, uuid7_run
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
from events.registry import Registry

Row = tuple[str, str, int, str, str]
"""stream, type, schema, data, metadata"""

SEPARATOR: Final = "\x1f"
"""A control character that no stored text has in it, so that a backend may join texts with it."""

_MAX_VERSION = 2**63 - 1
_FINGERPRINT_LENGTHS = (16, 64)

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
    registry: Registry,
    writes: Sequence[StreamWrite],
    guards: Sequence[Guard],
    command: Command | None,
    context: Context,
) -> PreparedAppend:
    """Encode every event and check what needs no database.

    Raises ValueError, which names all that is wrong, and UnknownEvent.
    """
    conditions = [(write.stream, write.expect) for write in writes]
    if guards:
        conditions += [(guard.stream, guard.expect) for guard in guards]
    if faults := _faults(writes, conditions, command):
        raise ValueError("; ".join(faults))
    try:
        rows = _rows(registry, writes, command, context)
    except UnicodeEncodeError as error:
        raise ValueError(
            f"text that is no Unicode, for it holds half of a surrogate pair: {error.object[:40]!r}"
        ) from error
    # Names are printable and JSON escapes control characters; what would come apart elsewhere must not be stored at all.
    for _, type_name, _, data, metadata in rows:
        if SEPARATOR in data or SEPARATOR in metadata or SEPARATOR in type_name:
            raise ValueError(f"the stored text of {type_name!r} must not contain U+001F")
    return PreparedAppend(rows, conditions, frozenset([write.stream for write in writes]), command)


def _rows(registry: Registry, writes: Sequence[StreamWrite], command: Command | None, context: Context) -> list[Row]:
    count = len(writes[0].events) if len(writes) == 1 else sum([len(write.events) for write in writes])
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
    ids = iter(uuid7_run(count) if count > 1 else (uuid7(),))
    encode = registry.encode
    return [
        (write.stream, type(event).__name__, event.schema, encode(event), f'{{"event_id":"{next(ids)}{tail}')
        for write in writes
        for event in write.events
    ]


def _faults(writes: Sequence[StreamWrite], conditions: list[tuple[str, int]], command: Command | None) -> list[str]:
    """All that keeps an append from being stored by any log, in words.

    One that got past here must not fail in a database, where it would trouble the appends that share its transaction.
    """
    faults = [] if writes else ["an append needs at least one write"]
    if len(conditions) > 1 and len({stream for stream, _ in conditions}) != len(conditions):
        faults.append("a stream may be named only once in an append")
    faults += [f"no events to write to {write.stream[:40]!r}" for write in writes if not write.events]
    for stream, expect in conditions:
        if not is_name(stream):
            faults.append(f"not the name of a stream: {stream[:40]!r}")
        if not ANY <= expect <= _MAX_VERSION:
            faults.append(f"not a version: {expect}")
    if command:
        faults += command_faults(command)
    return faults


def command_faults(command: Command) -> list[str]:
    """What is wrong with a command, in words."""
    faults = []
    if not is_name(command.id):
        faults.append(f"a command id has 1 to {MAX_STREAM_LENGTH} printable characters")
    if not _FINGERPRINT_LENGTHS[0] <= len(command.fingerprint) <= _FINGERPRINT_LENGTHS[1]:
        faults.append(f"a command's fingerprint has 16 to 64 bytes, not {len(command.fingerprint)}")
    return faults


def check_command(command: Command) -> None:
    """Raises ValueError for a command that no append could have had."""
    if faults := command_faults(command):
        raise ValueError("; ".join(faults))


def is_name(name: str) -> bool:
    """Whether a stream or a command may be called so. Printable excludes NUL and surrogates, which databases refuse."""
    return 0 < len(name) <= MAX_STREAM_LENGTH and name.isprintable()


def askable(stream: str) -> str:
    """The name to ask a database for: one that no stream can have is asked for as the empty name, which no stream has."""
    return stream if is_name(stream) else ""


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
