"""Checks of the database, the log in it, and its read models."""

import re
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from events.log import EventLog, LogUnavailable, LogUnprotected
from events.tamper_evidence.seal import SealKey
from events.timestamps import rfc3339
from events.vocabulary import REGISTRY
from migrations.runner import MigrationRefused
from projections.engine.projection import Projection
from projections.engine.store import ReadModels
from projections.rebuild.status import ProjectionStatus, overview
from projections.storage.backends import models_of
from trivia.operations.doctor.findings import Finding, count, note, ok, wrong
from trivia.platform.storage import SQLITE_PREFIX, Storage, migrate, open_storage
from trivia.settings import Settings

TOLERANCE_SECONDS: Final = 5.0
"""How far a clock may be behind the log; processes on several machines differ by so much."""
FAR_BEHIND: Final = 500_000
"""Events by which a read model may be behind before something must be the matter."""
_SLICE: Final = 200_000
"""Events counted by one statement."""

_TYPES: Final = """
SELECT type, schema, count(*), min(position) FROM events WHERE position > $1 AND position <= $2 GROUP BY type, schema"""


async def check_database(settings: Settings, projections: Sequence[Projection]) -> list[Finding]:
    """All that can be said of the database and what is in it."""
    url = settings.database_url
    if missing := _missing_file(url):
        return [wrong("database", f"There is no database at {missing}; `trivia migrate` or `trivia serve` makes it.")]
    try:
        pending = await migrate(url, check=True)
        if pending:
            return [wrong("database", f"The schema lacks {', '.join(pending)}; run `trivia migrate`.")]
        async with open_storage(url) as storage:
            return [finding async for finding in _look_inside(storage, settings, projections)]
    except MigrationRefused as error:
        return [wrong("database", f"The schema does not fit this version of the software: {error}.")]
    except LogUnavailable as error:
        return [wrong("database", f"The database cannot be used: {error}.")]


def _missing_file(url: str) -> str | None:
    path = url.removeprefix(SQLITE_PREFIX)
    return path if path != url and not Path(path).exists() else None


async def _look_inside(
    storage: Storage, settings: Settings, projections: Sequence[Projection]
) -> AsyncIterator[Finding]:
    models = models_of(storage.database)
    yield ok("database", "The database can be reached and its schema is up to date.")
    yield await _check_integrity(storage, models)
    yield await _check_clock(storage.log)
    for finding in await _check_seal_key(settings, models):
        yield finding
    for finding in await _check_vocabulary(storage.log, models):
        yield finding
    for finding in await _check_projections(storage, models, projections):
        yield finding


async def _check_integrity(storage: Storage, models: ReadModels) -> Finding:
    head = await storage.log.head()
    ((last,),) = await models.fetch("SELECT max(position) FROM events")
    if (last or 0) != head:
        return wrong("integrity", f"The log's head is {head}, but its last event is at {last}; restore a backup.")
    try:
        await storage.database.require_protected()
    except LogUnprotected as error:
        return wrong("integrity", f"{str(error).capitalize()}.")
    if fault := await storage.database.integrity_fault():
        return wrong("integrity", fault)
    return ok("integrity", "The database is whole, and the log ends where its head says.")


async def _check_clock(log: EventLog) -> Finding:
    last = await log.read(await log.head() - 1, limit=1) if await log.head() else []
    if not last:
        return ok("clock", "The log is empty, so there is nothing to compare the clock with.")
    behind = last[0].recorded_at / 1e6 - time.time()
    detail = rfc3339(last[0].recorded_at)
    if behind > TOLERANCE_SECONDS:
        return wrong("clock", f"The clock is {behind:,.0f} s behind the log, whose last event is of {detail}: set it.")
    return ok("clock", f"The clock is not behind the log, whose last event is of {detail}.")


async def _check_seal_key(settings: Settings, models: ReadModels) -> list[Finding]:
    last = await models.fetch("SELECT key_id FROM seals ORDER BY number DESC LIMIT 1")
    key = settings.seal_key or _read_key(Path(settings.data_dir, "seal_key"))
    if not last or key is None or SealKey(bytes.fromhex(key)).id == last[0][0]:
        return []
    detail = "The last seal was made with another key than this installation's"
    return [wrong("keys", f"{detail}; processes that share a log share `seal_key`.")]


def _read_key(path: Path) -> str | None:
    """The key in a file, None where there is none; another check reports unreadable files."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if re.fullmatch(r"[0-9a-fA-F]{64}", text) else None


async def _check_vocabulary(log: EventLog, models: ReadModels) -> list[Finding]:
    head = await log.head()
    counted: dict[tuple[str, int], tuple[int, int]] = {}
    for after in range(0, head, _SLICE):
        for kind, schema, times, first in await models.fetch(_TYPES, after, min(after + _SLICE, head)):
            before = counted.get((kind, schema), (0, first))
            counted[kind, schema] = (before[0] + times, before[1])
    findings = []
    for (kind, schema), (times, first) in sorted(counted.items()):
        known = REGISTRY.types.get(kind)
        where = f"{count(times, 'event')} of type {kind}, the first at position {first}"
        if known is None:
            findings.append(wrong("log", f"Unknown to this version: {where}. Run the version that wrote them."))
        elif not 1 <= schema <= known.schema:
            detail = f"of schema {schema}; it knows {known.schema} at most"
            findings.append(wrong("log", f"Too new for this version: {where}, {detail}."))
    return findings or [ok("log", f"This version understands every type of the log's {count(head, 'event')}.")]


async def _check_projections(storage: Storage, models: ReadModels, projections: Sequence[Projection]) -> list[Finding]:
    missing = [
        wrong("projections", f"The table {table.name} of {projection.name} is not there; restore a backup.")
        for projection in projections
        for table in projection.tables
        if not await storage.database.has_table(table.name)
    ]
    if missing:
        return missing
    seen = await overview(storage.log, models, projections)
    findings = [_judge(status) for status in seen.projections]
    return [finding for finding in findings if finding.verdict != "ok"] or [
        ok("projections", f"All {len(findings)} read models are up to date.")
    ]


def _judge(status: ProjectionStatus) -> Finding:
    check, name = "projections", status.name
    finding = ok(check, f"{name} is up to date.")
    if status.state == "error":
        finding = wrong(check, f"{name} does not go on: {status.error}.")
    elif status.checkpoint > status.head:
        finding = wrong(check, f"{name} is ahead of the log; run `trivia projections rebuild {name}`.")
    elif status.parked_events:
        detail = f"{count(status.parked_events, 'event')} that it could not apply"
        finding = wrong(check, f"{name} has dead letters: {detail}; `trivia projections park` shows them.")
    elif status.state == "paused":
        finding = note(check, f"{name} is paused.")
    elif status.lag_events:
        behind = f"{name} is {count(status.lag_events, 'event')} behind the log"
        if status.lag_events > FAR_BEHIND:
            finding = wrong(check, f"{behind}; a service that runs should have caught up.")
        else:
            finding = note(check, f"{behind}; a running service catches up.")
    return finding
