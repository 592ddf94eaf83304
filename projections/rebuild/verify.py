"""Whether a projection is what the log says it is.

A copy is folded from the log to the position at which the live rows stand, and both are gone through side by side in the order of
their keys. So the memory it takes does not grow with the tables, and the first rows that differ are known by name.
"""

import hashlib
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from events.log import EventLog
from projections.engine.dead_letters import DEAD_LETTERS
from projections.engine.projection import Key, Projection, Row, Table
from projections.engine.projector import Leadership, catch_up, restore
from projections.engine.store import ReadModels
from projections.rebuild.multi_fold import fold_together
from projections.rebuild.rebuild import BATCH, Progress, RebuildRunning

SUFFIX: Final = "__verify"
NAMED: Final = 10
"""Differences that are named; more are only counted."""


class Difference(msgspec.Struct, frozen=True):
    """A row that is not what the log says.

    `fault` is `missing`, `extra` or `changed`; `columns` names those that differ.
    """

    table: str
    key: list[object]
    fault: str
    columns: list[str]


class TableVerdict(msgspec.Struct):
    """One table compared.

    `digest` of the rows, whatever their order: the sum of 64-bit BLAKE2 digests, modulo 2^64.
    """

    table: str
    rows: int = 0
    expected_rows: int = 0
    digest: str = ""
    expected_digest: str = ""
    differing: int = 0


class Verdict(msgspec.Struct, frozen=True):
    """A projection compared with the log at `position`, without its dead letters, of which there are `parked`."""

    projection: str
    position: int
    tables: list[TableVerdict]
    differences: list[Difference]
    parked: int = 0

    @property
    def equal(self) -> bool:
        """Whether every row is what the log says."""
        return all(table.differing == 0 for table in self.tables)


class PositionPassed(Exception):
    """The projection stands beyond the position at which it should be verified."""


async def verify(
    log: EventLog,
    models: ReadModels,
    projection: Projection,
    lock: Leadership,
    progress: Progress,
    *,
    at: int | None = None,
) -> Verdict:
    """Compare the live rows with the log, at the projection's checkpoint, or at `at` after taking it that far.

    Dead letters are left out. Raises PositionPassed, RebuildRunning, LogUnavailable and ProjectionFailed.
    """
    if not await lock.acquire():
        raise RebuildRunning(f"{projection.name} is being rebuilt or verified by another process")
    copy = models.copy(SUFFIX)
    try:
        if at is not None:
            await catch_up(log, models, projection, at)
        await restore(models, projection)
        await copy.discard(projection)
        await copy.create(projection)
        async with models.snapshot(projection) as live:
            if at is not None and live.position > at:
                raise PositionPassed(f"{projection.name} stands at {live.position}, beyond {at}")

            def report(position: int) -> None:
                progress(position, live.position)

            parked = {row[1] async for row in live.rows(DEAD_LETTERS) if row[0] == projection.name}
            await fold_together(log, copy, [projection], live.position, BATCH, report, without=parked)
            async with copy.snapshot(projection) as expected:
                differences: list[Difference] = []
                tables = [
                    await _compare(table, live.rows(table), expected.rows(table), differences)
                    for table in projection.tables
                ]
            return Verdict(projection.name, live.position, tables, differences, len(parked))
    finally:
        await copy.discard(projection)
        await lock.release()


async def _compare(
    table: Table, live: AsyncIterator[Row], expected: AsyncIterator[Row], differences: list[Difference]
) -> TableVerdict:
    verdict = TableVerdict(table.name)
    digest = expected_digest = 0
    row, wanted = await anext(live, None), await anext(expected, None)
    while row is not None or wanted is not None:
        key, wanted_key = (found and table.key_of(found) for found in (row, wanted))
        has = row is not None and (wanted_key is None or (key is not None and key <= wanted_key))
        should = wanted is not None and (key is None or (wanted_key is not None and wanted_key <= key))
        if row != wanted or not (has and should):
            verdict.differing += 1
            if len(differences) < NAMED:
                differences.append(_differ(table, row if has else None, wanted if should else None))
        if has and row is not None:
            verdict.rows += 1
            digest += _digest(row)
            row = await anext(live, None)
        if should and wanted is not None:
            verdict.expected_rows += 1
            expected_digest += _digest(wanted)
            wanted = await anext(expected, None)
    verdict.digest, verdict.expected_digest = (f"{total % 2**64:016x}" for total in (digest, expected_digest))
    return verdict


def _differ(table: Table, row: Row | None, wanted: Row | None) -> Difference:
    key: Key = table.key_of(row or wanted or ())
    if row is None or wanted is None:
        return Difference(table.name, list(key), "missing" if row is None else "extra", [])
    columns = [name for name, has, should in zip(table.columns, row, wanted, strict=True) if has != should]
    return Difference(table.name, list(key), "changed", columns)


def _digest(row: Row) -> int:
    return int.from_bytes(hashlib.blake2b(msgspec.msgpack.encode(row), digest_size=8).digest(), "big")
