"""Logs with odd texts, and archives of them, written and read as the commands do."""

import hashlib
import zlib
from pathlib import Path

import msgspec

from events.archive.archive_file import ArchiveReader, Header
from events.archive.files import create_archive, open_archive
from events.archive.source import export_log
from events.backend import LogBackend
from events.encryption import SubjectKeys
from events.log import ANY, Command, Context, StreamWrite
from events.tamper_evidence.merkle import root
from events.tamper_evidence.seal import SealKey, leaves_of
from events.tamper_evidence.seal_store import SealStore
from events.vocabulary.accounts import LoginRefreshed
from tests.support.databases import open_log
from trivia.platform.storage import open_storage

ODD = (
    "plain",
    'quotes " and \\ and \\" and \\u0041',
    "emoji \U0001f9e0\U0001f468\u200d\U0001f469\u200d\U0001f467, é as one and as e\u0301, \u05d0\u05d1 \u202e",
    "a NUL \0 and other controls \x01\x1f\x7f\u0085",
    "ends of lines \n \r\n \u2028 \u2029",
    "very long " + "\u00fc0123456789" * 40_000,
    "",
)


SEAL_KEY = SealKey(bytes(range(32)))
SEALED = 8
"""Events under one seal."""


async def fill(url: str, rounds: int = 3) -> None:
    """A log of several streams, whose texts are odd, with commands and seals, and with keys beside it.

    The events are of a type that no read model takes in: PostgreSQL's tables could not hold a NUL, which no request brings in either.
    """
    async with open_log(url) as log:
        for turn in range(rounds):
            for number, text in enumerate(ODD):
                await log.append(
                    [
                        StreamWrite(f"odd-{number}", ANY, [LoginRefreshed(text, turn)]),
                        StreamWrite("shared é", ANY, [LoginRefreshed("twice", n) for n in range(2)]),
                    ],
                    command=Command(f"command-{turn}-{number}-Ä", hashlib.sha256(text.encode()).digest()),
                    context=Context("public", 'an "actor"'),
                )
    async with open_storage(url) as storage:
        keys = SubjectKeys(storage.database.keys())
        for subject in ("ada", "Bob", "ä"):
            await keys.create(subject)
        await keys.begin_forgetting("Bob")
        await _seal(storage.database.seals())


async def _seal(store: SealStore) -> None:
    head, _ = await store.ends()
    last = None
    for after in range(0, head, SEALED):
        leaves = leaves_of(await store.events(after, after + SEALED, SEALED))
        last = SEAL_KEY.seal(last, after + len(leaves), root(leaves), after, b"".join(leaves))
        assert await store.add(last)


async def export(url: str, path: Path, *, keys: bool = True, after: int = 0, until: int | None = None) -> Header:
    async with open_storage(url) as storage:
        return await export_from(storage.database, path, keys=keys, after=after, until=until)


async def export_from(
    database: LogBackend,
    path: Path,
    *,
    keys: bool = True,
    after: int = 0,
    until: int | None = None,
) -> Header:
    with create_archive(path) as file:
        async with database.source() as source:
            return await export_log(
                source, file, lambda *_: None, software="1.2.3", keys=keys, after=after, until=until
            )


async def bring_in(url: str, path: Path) -> None:
    async with open_storage(url) as storage:
        with open_archive(path) as file:
            await storage.database.load(ArchiveReader(file), lambda *_: None)


def forge(lines: list[dict[str, object]]) -> bytes:
    """An archive of these lines with sums that are right, whatever the lines say; the last is made here."""
    crc, pieces = 0, []
    for line in lines:
        crc, summed = _summed(line, crc)
        pieces.append(summed)
    data = b"".join(pieces)
    digest = hashlib.sha256(data).hexdigest()
    return data + _summed({"lines": len(lines), "rows": lines[0].get("rows", {}), "sha256": digest}, crc)[1]


def _summed(line: dict[str, object], crc: int) -> tuple[int, bytes]:
    body = msgspec.json.encode(line)
    crc = zlib.crc32(body, crc)
    return crc, body[:-1] + b',"crc":"%08x"}\n' % crc


def lines_of(archive: bytes) -> list[dict[str, object]]:
    """The lines of an archive but the last, without their sums, to be changed and forged."""
    decoded = [msgspec.json.decode(line, type=dict[str, object]) for line in archive.splitlines()[:-1]]
    for line in decoded:
        del line["crc"]
    return decoded
