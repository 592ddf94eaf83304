"""Walks the log and its seals again, and says of everything that differs where it is."""

import asyncio
import struct
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from events.tamper_evidence.merkle import HASH_BYTES, root
from events.tamper_evidence.seal import NO_SEAL, Row, Seal, Signatures, leaf_of, leaves_of
from events.tamper_evidence.seal_store import SealStore

SHOWN_FAULTS: Final = 20
BATCH: Final = 8_000
"""Events read at a time, about."""
MAX_BLOCK: Final = 10_000
"""No seal is over more events."""
_SEALS: Final = 64
_LOWEST: Final = -(2**63)
_EXTRA: Final = 1_000
"""Rows read beyond those that a block should have, so that what was put in between is seen."""


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is not as it was sealed. `position` is where, in the log; `seal` the number of the seal that says so."""

    message: str
    position: int | None = None
    seal: int | None = None


class Report(msgspec.Struct, omit_defaults=False):
    """What verifying found. `first` and `last` bound what was looked at, whole blocks; `sealed` is the last position under a seal.

    `faults` are the first SHOWN_FAULTS; `fault_count` counts all. `notes` are no faults, but worth knowing.
    """

    first: int = 1
    last: int = 0
    head: int = 0
    sealed: int = 0
    events: int = 0
    seals: int = 0
    fault_count: int = 0
    faults: list[Fault] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)

    def add(self, message: str, *, position: int | None = None, seal: int | None = None) -> None:
        """Count a fault, and keep it if it is among the first."""
        self.fault_count += 1
        if len(self.faults) < SHOWN_FAULTS:
            self.faults.append(Fault(message, position, seal))


Progress = Callable[[int, int], None]
"""Called with the position reached, and the one at which the walk ends."""


async def verify(
    store: SealStore,
    signatures: Signatures,
    *,
    outside: Sequence[Seal] = (),
    after: int = 0,
    until: int | None = None,
    progress: Progress | None = None,
    streams: bool = False,
    batch: int = BATCH,
) -> Report:
    """Compare the events beyond `after`, up to `until`, and the blocks they are in with the seals; these with those kept `outside`.

    With `streams` the versions of every stream are looked at too. Some `batch` events are read at a time. Raises LogUnavailable.
    """
    walk = _Walk(store, signatures, outside, progress, batch)
    return await walk.run(after, until, streams=streams)


class _Walk:
    """One verification. `_at` is the position up to which events were looked at."""

    def __init__(
        self,
        store: SealStore,
        signatures: Signatures,
        outside: Sequence[Seal],
        progress: Progress | None,
        batch: int,
    ) -> None:
        self._store = store
        self._signatures = signatures
        self._progress = progress
        self._batch = batch
        self._report = Report()
        self._outside: dict[int, list[Seal]] = {}
        for seal in outside:
            self._outside.setdefault(seal.number, []).append(seal)
        self._at = 0
        self._recorded_at: int | None = None
        # Rows that were asked for: those beyond a position, up to another.
        self._coming: tuple[int, int, asyncio.Task[Sequence[Row]]] | None = None

    async def run(self, after: int, until: int | None, *, streams: bool) -> Report:
        report = self._report
        report.head, newest = await self._store.ends()
        if until is not None and until >= report.head:
            until = None
        if until is None:
            for position in await self._store.outside(SHOWN_FAULTS):
                report.add("an event is where none can be", position=position)
            if newest < report.head:
                report.add(f"the log ends here, and says that it ends at {report.head}", position=newest + 1)
        try:
            last = await self._walk_seals(after, until)
        finally:
            await self._stop_reading()
        await self._walk_tail(report.head if until is None else until)
        if until is None:
            self._compare_ends(last)
        if streams:
            await self._verify_streams()
        report.last = self._at
        return report

    async def _walk_seals(self, after: int, until: int | None) -> Seal | None:
        """Verify the seals over events up to `until`, from the one over `after` + 1 on; the last of them."""
        begin = await self._store.at(after + 1) if after else None
        previous = await self._store.before(begin.number) if begin else None
        if previous:
            self._outside = {number: kept for number, kept in self._outside.items() if number > previous.number}
        self._at = begin.first - 1 if begin else after
        self._report.first = self._at + 1
        number = begin.number if begin else _LOWEST
        block: list[Seal] = []
        while page := await self._store.seals(number, _SEALS):
            for seal in page:
                if until is not None and seal.first > until:
                    await self._verify_block(block)
                    return previous
                self._verify_seal(seal, previous)
                previous = seal
                if block and (seal.first != block[-1].last + 1 or seal.last - block[0].first >= self._batch):
                    await self._verify_block(block)
                    block = []
                if self._can_walk(seal, block):
                    block.append(seal)
            number = page[-1].number + 1
        await self._verify_block(block)
        return previous

    def _verify_seal(self, seal: Seal, previous: Seal | None) -> None:
        """Look at a seal without its events."""
        report, name = self._report, f"seal {seal.number}"
        report.seals += 1
        number = previous.number + 1 if previous else 1
        first = previous.last + 1 if previous else 1
        if seal.number != number:
            report.add(f"{name} comes where seal {number} should be", position=first, seal=seal.number)
        elif seal.previous != (previous.digest() if previous else NO_SEAL):
            report.add(f"{name} does not name the seal before it", position=seal.first, seal=seal.number)
        if seal.first > first:
            report.add(f"no seal is over the events up to {seal.first - 1}", position=first, seal=seal.number)
        if fault := self._signatures.fault(seal):
            report.add(f"{name} {fault}", position=seal.first, seal=seal.number)
        kept = self._outside.pop(seal.number, None)
        for other in kept or ():
            if not other.is_same(seal):
                report.add(f"{name} is another one in the file outside", position=seal.first, seal=seal.number)

    def _can_walk(self, seal: Seal, block: Sequence[Seal]) -> bool:
        """Whether a seal goes on behind those before it; one that was made up may claim any range."""
        at = block[-1].last if block else self._at
        if at < seal.first <= seal.last < seal.first + MAX_BLOCK:
            return True
        self._report.add(
            f"seal {seal.number} claims the events from {seal.first} to {seal.last}, which cannot be",
            position=at + 1,
            seal=seal.number,
        )
        return False

    async def _verify_block(self, seals: Sequence[Seal]) -> None:
        """Compare the events of seals, read together, with each seal."""
        if not seals:
            return
        last = seals[-1].last
        rows = await self._read(seals[0].first - 1, last)
        self._take(rows)
        start = 0
        for seal in seals:
            end = start
            size = seal.last - seal.first + 1
            if len(rows) >= start + size and rows[start + size - 1][0] == seal.last:
                end = start + size
            while end < len(rows) and rows[end][0] <= seal.last:
                end += 1
            self._compare(seal, rows[start:end])
            # Meanwhile what was asked for comes in.
            await asyncio.sleep(0)
            start = end
            self._report.sealed = seal.last
        self._at = last
        self._tell()

    async def _read(self, after: int, until: int) -> Sequence[Row]:
        """The events of a block; as a rule they are on their way. Asks for as many that follow: seals mostly go on like that."""
        size = until - after
        rows = await self._asked(after, until)
        if self._store.reads_apart and until < self._report.head:
            following = self._store.events(until, until + size, size + _EXTRA)
            self._coming = until, until + size, asyncio.create_task(following, name="read-ahead")
        return rows

    async def _asked(self, after: int, until: int) -> Sequence[Row]:
        if self._coming is not None and self._coming[:2] == (after, until):
            return await self._coming[2]
        await self._stop_reading()
        return await self._store.events(after, until, until - after + _EXTRA)

    async def _stop_reading(self) -> None:
        """Give up what was asked for and is not needed."""
        if self._coming is not None:
            self._coming[2].cancel()
            await asyncio.gather(self._coming[2], return_exceptions=True)
            self._coming = None

    def _take(self, rows: Sequence[Row]) -> None:
        """Count rows and see that their times do not fall."""
        self._report.events += len(rows)
        times = [row[3] for row in rows]
        if self._recorded_at is not None:
            times.insert(0, self._recorded_at)
        try:
            falls = times != sorted(times)
        except TypeError:
            falls = False
            times = []
        if falls:
            shift = len(times) - len(rows)
            for index in range(1, len(times)):
                if times[index] < times[index - 1]:
                    position = rows[index - shift][0]
                    self._report.add("was recorded before the event in front of it", position=position)
        if times:
            self._recorded_at = times[-1]

    def _compare(self, seal: Seal, rows: Sequence[Row]) -> None:
        """Compare the events of one seal with its root; where that differs, find which."""
        try:
            leaves = leaves_of(rows)
        except (TypeError, struct.error):
            leaves = []
        same = seal.leaves == b"".join(leaves)
        if len(leaves) == seal.last - seal.first + 1 and root(leaves) == seal.root:
            if not same:
                self._report.add(
                    f"the hashes of events beside seal {seal.number} were changed, the events were not",
                    position=seal.first,
                    seal=seal.number,
                )
        elif not same and root(_split(seal.leaves)) == seal.root:
            self._name(seal, rows)
        else:
            self._report.add(
                f"an event from {seal.first} to {seal.last} is not as it was sealed, or seal {seal.number} was changed; "
                "which one cannot be told, for the hashes of the events were changed as well",
                position=seal.first,
                seal=seal.number,
            )

    def _name(self, seal: Seal, rows: Sequence[Row]) -> None:
        """Name the positions at which events differ from what was sealed."""
        sealed = _split(seal.leaves)
        by_position: dict[int, list[bytes | None]] = {}
        for row in rows:
            by_position.setdefault(row[0], []).append(leaf_of(row))
        for position, leaf in enumerate(sealed, seal.first):
            match by_position.get(position, []):
                case []:
                    self._report.add("the event is missing", position=position, seal=seal.number)
                case [found] if found != leaf:
                    self._report.add("the event is not as it was sealed", position=position, seal=seal.number)
                case [_]:
                    pass
                case found:
                    count = len(found)
                    self._report.add(f"{count} events are at one position", position=position, seal=seal.number)

    async def _walk_tail(self, end: int) -> None:
        """Look at the events that no seal is over yet: that they are all there is all that can be known."""
        begin = max(self._at, self._report.sealed) + 1
        while self._at < end:
            until = min(self._at + self._batch, end)
            rows = await self._store.events(self._at, until, until - self._at + _EXTRA)
            self._take(rows)
            positions = [row[0] for row in rows]
            if positions != list(range(self._at + 1, until + 1)):
                for position in sorted(set(range(self._at + 1, until + 1)).difference(positions)):
                    self._report.add("the event is missing", position=position)
            self._at = until
            self._tell()
        if begin <= end:
            self._report.notes.append(f"not yet sealed: the events from {begin} to {end}")

    def _compare_ends(self, last: Seal | None) -> None:
        """Say which seals there are outside that the database has not."""
        report = self._report
        newest = last.number if last else 0
        for number in sorted(self._outside):
            seal = self._outside[number][0]
            lost = (
                "is missing in the database" if number < newest else "and the events under it were taken from the end"
            )
            if self._signatures.fault(seal):
                report.add(f"seal {number} of the file outside is not signed with a key that is believed", seal=number)
            else:
                report.add(f"seal {number} of the file outside {lost}", position=seal.first, seal=number)

    async def _verify_streams(self) -> None:
        for name, count, lowest, highest in await self._store.uneven_streams(SHOWN_FAULTS):
            self._report.add(f"the stream {name} has {count} events with versions from {lowest} to {highest}")

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(min(self._at, self._report.head), self._report.head)


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)]
