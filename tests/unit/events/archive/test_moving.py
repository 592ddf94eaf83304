"""A log moves from one database into another and stays what it was, to the byte."""

import gzip
import stat
from pathlib import Path

import pytest

from events.archive.archive_file import ArchiveRefused
from events.archive.target import TargetNotEmpty
from events.encryption import SubjectKeys
from events.log import StreamMoved
from events.tamper_evidence.seal import Signatures
from events.tamper_evidence.verify import verify
from tests.support.archives import ODD, SEAL_KEY, bring_in, export, fill, forge, lines_of
from tests.support.databases import open_log
from tests.support.sample_events import command, write
from trivia.platform.storage import migrate, open_storage

EVENTS = 3 * len(ODD) * 3


async def test_a_log_goes_from_sqlite_to_postgresql_and_back_and_is_the_same_to_the_byte(
    tmp_path: Path, sqlite_url: str, postgres_url: str, there: str
) -> None:
    await fill(sqlite_url)
    files = [tmp_path / f"{n}.ndjson" for n in range(3)]
    header = await export(sqlite_url, files[0])
    await bring_in(postgres_url, files[0])
    await export(postgres_url, files[1])
    await bring_in(there, files[1])
    await export(there, files[2])
    assert header.head == EVENTS
    assert header.rows == {"events": EVENTS, "commands": 21, "seals": 8, "subject_keys": 3, "subjects_leaving": 1}
    assert files[0].read_bytes() == files[1].read_bytes() == files[2].read_bytes()
    async with open_log(sqlite_url) as one, open_log(postgres_url) as other:
        assert await one.read(limit=EVENTS) == await other.read(limit=EVENTS)
    for url in (postgres_url, there):
        async with open_storage(url) as storage:
            report = await verify(storage.database.seals(), Signatures([SEAL_KEY.public]), streams=True)
        assert (report.events, report.seals, report.fault_count) == (EVENTS, 8, 0)


async def test_an_imported_log_goes_on_where_the_exported_one_ended(
    database_url: str, tmp_path: Path, there: str
) -> None:
    await fill(database_url)
    await export(database_url, tmp_path / "log.ndjson")
    await bring_in(there, tmp_path / "log.ndjson")
    async with open_log(there) as log:
        with pytest.raises(StreamMoved):
            await log.append([write("shared é", 1)])
        [version] = await log.versions(["shared é"])
        appended = await log.append([write("shared é", version)], command=command("new"))
        assert appended.first == EVENTS + 1
        last, new = await log.read(EVENTS - 1)
        assert last.recorded_at <= new.recorded_at


async def test_what_was_sealed_opens_on_the_other_side_with_the_keys_and_not_without(
    database_url: str, tmp_path: Path, there: str
) -> None:
    await fill(database_url)
    async with open_storage(database_url) as storage:
        encrypted = await SubjectKeys(storage.database.keys()).encrypt("ada", {"name": "Ada"})
    without = f"sqlite:///{tmp_path / 'without.sqlite'}"
    await migrate(without)
    opened = []
    for keys, url in ((True, there), (False, without)):
        await export(database_url, tmp_path / f"{keys}.ndjson", keys=keys)
        await bring_in(url, tmp_path / f"{keys}.ndjson")
        async with open_storage(url) as storage:
            opened.append(await SubjectKeys(storage.database.keys()).decrypt("ada", encrypted))
    assert opened == [{"name": "Ada"}, None]


async def test_a_compressed_archive_is_the_same_one(
    database_url: str, postgres_url: str, tmp_path: Path, sqlite_url: str
) -> None:
    await fill(database_url)
    for name in ("log.ndjson", "log.ndjson.gz", "again.gz"):
        await export(database_url, tmp_path / name)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    plain = (tmp_path / "log.ndjson").read_bytes()
    assert gzip.decompress((tmp_path / "log.ndjson.gz").read_bytes()) == plain
    assert (tmp_path / "log.ndjson.gz").read_bytes() == (tmp_path / "again.gz").read_bytes()
    other = postgres_url if database_url == sqlite_url else sqlite_url
    await bring_in(other, tmp_path / "log.ndjson.gz")
    await export(other, tmp_path / "after.ndjson")
    assert (tmp_path / "after.ndjson").read_bytes() == plain


async def test_a_part_of_a_log_is_exported_and_only_its_beginning_imported(
    database_url: str, tmp_path: Path, there: str
) -> None:
    await fill(database_url)
    header = await export(database_url, tmp_path / "part.ndjson", keys=False, after=3, until=9)
    lines = lines_of((tmp_path / "part.ndjson").read_bytes())
    assert [line["position"] for line in lines if "position" in line] == [4, 5, 6, 7, 8, 9]
    assert header.rows == {"events": 6, "commands": 2, "seals": 0}
    with pytest.raises(ArchiveRefused, match="line 1: begins after position 3"):
        await bring_in(there, tmp_path / "part.ndjson")
    await export(database_url, tmp_path / "start.ndjson", keys=False, until=9)
    await bring_in(there, tmp_path / "start.ndjson")
    async with open_log(there) as log:
        assert await log.head() == 9


async def test_an_empty_log_moves_too(database_url: str, tmp_path: Path) -> None:
    header = await export(database_url, tmp_path / "log.ndjson")
    await bring_in(database_url, tmp_path / "log.ndjson")
    assert (header.head, set(header.rows.values())) == (0, {0})
    async with open_log(database_url) as log:
        assert (await log.append([write("first")])).first == 1


async def test_events_of_a_newer_version_are_kept_as_they_are(database_url: str, tmp_path: Path, there: str) -> None:
    await fill(database_url, rounds=1)
    await export(database_url, tmp_path / "log.ndjson", keys=False)
    lines = lines_of((tmp_path / "log.ndjson").read_bytes())
    lines[1] |= {"type": "Unheard", "schema": 99, "data": '{"of": [1.50, "\\u0000"],  "spaced" :true}'}
    (tmp_path / "newer.ndjson").write_bytes(forge(lines))
    await bring_in(there, tmp_path / "newer.ndjson")
    async with open_log(there) as log:
        (event,) = await log.read(limit=1)
    assert (event.type, event.schema, event.data) == ("Unheard", 99, lines[1]["data"])


async def test_only_an_empty_database_takes_a_log(database_url: str, tmp_path: Path) -> None:
    await export(database_url, tmp_path / "log.ndjson")
    async with open_storage(database_url) as storage:
        await SubjectKeys(storage.database.keys()).create("ada")
    with pytest.raises(TargetNotEmpty, match="subject_keys"):
        await bring_in(database_url, tmp_path / "log.ndjson")
    async with open_log(database_url) as log:
        await log.append([write("first")], command=command("one"))
    with pytest.raises(TargetNotEmpty, match="events, commands, subject_keys, log_head"):
        await bring_in(database_url, tmp_path / "log.ndjson")
    async with open_log(database_url) as log:
        assert await log.head() == 1
