"""A file that is not what was written is refused by the number of its first bad line, and leaves nothing."""

import asyncio
import gzip
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.archive.archive_file import ArchiveReader, ArchiveRefused
from tests.support.archives import bring_in, export, fill, forge, lines_of
from tests.support.databases import open_log
from tests.support.sample_events import write
from trivia.platform.storage import open_storage

Lines = list[dict[str, object]]


@pytest.fixture
async def archive(sqlite_url: str, tmp_path: Path) -> bytes:
    """An archive of 21 events, lines 2 to 22, 7 commands, 3 seals and 3 keys to line 35, a note and the last line, 37."""
    await fill(sqlite_url, rounds=1)
    await export(sqlite_url, tmp_path / "log.ndjson")
    return _read(tmp_path / "log.ndjson")


def _read(path: Path) -> bytes:
    return path.read_bytes()


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest) -> str:
    """An empty database of either kind."""
    url: str = request.getfixturevalue("there" if request.param == "sqlite" else "postgres_url")
    return url


def refusal(target: str, path: Path, data: bytes) -> str:
    """The words with which an archive is refused, after which the database is as empty as it was."""
    path.write_bytes(data)
    with pytest.raises(ArchiveRefused) as refused:
        asyncio.run(bring_in(target, path))
    asyncio.run(check_empty(target))
    return str(refused.value)


async def check_empty(target: str) -> None:
    async with open_log(target) as log:
        assert await log.head() == 0
        assert await log.read() == []
        assert (await log.append([write("first")])).first == 1


@pytest.mark.parametrize("lines", [1, 2, 15, 22, 23, 32, 36])
def test_a_file_that_was_cut_is_refused(target: str, tmp_path: Path, archive: bytes, lines: int) -> None:
    kept = b"".join(archive.splitlines(keepends=True)[:lines])
    refused = refusal(target, tmp_path / "bad", kept)
    assert refused == f"line {lines + 1}: the file ends here, before its last line"


def test_a_file_that_was_cut_within_a_line_is_refused(target: str, tmp_path: Path, archive: bytes) -> None:
    assert refusal(target, tmp_path / "bad", archive[:-1]) == "line 37: the file ends here, before its last line"


@pytest.mark.parametrize("first", [2, 15, 22, 25, 31, 34])
def test_lines_that_changed_places_are_refused(target: str, tmp_path: Path, archive: bytes, first: int) -> None:
    lines = archive.splitlines(keepends=True)
    lines[first - 1 : first + 1] = reversed(lines[first - 1 : first + 1])
    assert (
        refusal(target, tmp_path / "bad", b"".join(lines))
        == f"line {first}: is not as it was written, or not in its place"
    )


def test_a_line_that_was_taken_out_is_refused(target: str, tmp_path: Path, archive: bytes) -> None:
    lines = archive.splitlines(keepends=True)
    assert "line 9: " in refusal(target, tmp_path / "bad", b"".join(lines[:8] + lines[9:]))


def test_what_follows_the_last_line_is_refused(target: str, tmp_path: Path, archive: bytes) -> None:
    assert refusal(target, tmp_path / "bad", archive + b"\n") == "line 38: there is more after the last line"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_byte_that_was_changed_is_found_in_its_line(archive: bytes, place: float, flip: int) -> None:
    at = int(place * len(archive))
    changed = bytearray(archive)
    changed[at] ^= flip
    line = archive.count(b"\n", 0, at) + 1
    with pytest.raises(ArchiveRefused, match=rf"^line {line}: "):
        list(ArchiveReader(BytesIO(changed)).batches())


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}\n", b"no json\n", b'["trivia_log"]\n', b"\xff\xfe\n", b"{" * 5000 + b"\n"]
)
def test_what_is_no_archive_is_refused(target: str, tmp_path: Path, archive: bytes, data: bytes) -> None:
    assert (refusal(target, tmp_path / "bad", data)).startswith("line 1: ")


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-20], lambda data: data[:40], lambda data: data[:60] + b"x" + data[61:]]
)
def test_a_damaged_compressed_file_is_refused(
    target: str, tmp_path: Path, archive: bytes, damage: Callable[[bytes], bytes]
) -> None:
    assert (refusal(target, tmp_path / "bad", damage(gzip.compress(archive)))).startswith("line ")


FORGED: dict[str, tuple[Callable[[Lines], object], str]] = {
    "another format": (
        lambda lines: lines[0].update(trivia_log=2),
        "line 1: the format is 2, and this version of the software reads 1",
    ),
    "an unknown table": (lambda lines: lines[0]["rows"].update(planets=0), "line 1: holds planets, which"),  # type: ignore[attr-defined] # a dict
    "another count": (lambda lines: lines[0].update(until=22, head=22), "line 1: does not count its events"),
    "a negative count": (lambda lines: lines[0]["rows"].update(commands=-1), "line 1: counts that cannot be"),  # type: ignore[attr-defined] # a dict
    "a part beyond the head": (lambda lines: lines[0].update(head=20), "line 1: counts that cannot be"),
    "a position left out": (lambda lines: lines[5].update(position=6), "line 6: position 6 stands where 5 should"),
    "a position too large": (lambda lines: lines[5].update(position=2**70), "line 6: "),
    "a time that falls": (lambda lines: lines[5].update(recorded_at=1), "line 6: recorded at 1, but the one before at"),
    "a time too large": (lambda lines: lines[5].update(recorded_at=2**63), "line 6: recorded at"),
    "a version left out": (lambda lines: lines[4].update(version=2), "line 5: the versions of its stream do not rise"),
    "versions that changed places": (
        lambda lines: (lines[2].update(version=2), lines[3].update(version=1)),
        "line 3: the versions of its stream do not rise",
    ),
    "a version that comes twice": (
        lambda lines: lines[5].update(version=1),
        ("lines 2 to 22: ", "line 6: the versions of its stream do not rise"),
    ),
    "no version": (lambda lines: lines[5].update(version=0), "line 6: version 0 and schema 1 cannot be"),
    "a schema too large": (lambda lines: lines[5].update(schema=2**40), "line 6: version"),
    "a stream that cannot be": (lambda lines: lines[5].update(stream="a\0b"), "line 6: has no good name"),
    "a NUL": (lambda lines: lines[5].update(data='{"\0"}'), "line 6: holds a NUL"),
    "a wrong kind of value": (lambda lines: lines[5].update(data=5), "line 6: Expected `str`, got `int`"),
    "a command of elsewhere": (lambda lines: lines[24].update(last_position=99), "line 25: tells of positions"),
    "a command that comes twice": (lambda lines: lines[24].update(id=lines[23]["id"]), "commands: a row from"),
    "a seal of elsewhere": (lambda lines: lines[31].update(last_position=22), "line 32: tells of positions"),
    "a seal that comes twice": (lambda lines: lines[31].update(number=2), "seals: a row from 1 on"),
    "a seal that cannot be": (lambda lines: lines[31].update(number=0), "line 32: is no seal"),
    "no key": (lambda lines: lines[33].update(key="AAAA"), "line 34: is no key of a subject"),
    "no base64": (lambda lines: lines[33].update(key="?"), "line 34: Invalid base64"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_log_that_cannot_be_is_refused_even_where_its_sums_are_right(
    target: str, tmp_path: Path, archive: bytes, name: str
) -> None:
    lines = lines_of(archive)
    change, words = FORGED[name]
    change(lines)
    assert (refusal(target, tmp_path / "bad", forge(lines))).startswith(words)


def test_an_archive_whose_last_line_tells_of_another_is_refused(target: str, tmp_path: Path, archive: bytes) -> None:
    lines = lines_of(archive)
    data = forge(lines)
    without = data[: data.rstrip(b"\n").rfind(b"\n") + 1]
    last = msgspec.json.decode(data[len(without) :])
    assert data.startswith(without)
    assert last["lines"] == 36
    changed = [dict(line) for line in lines]
    changed[1]["type"] = "Another"
    mixed = forge(changed)
    mixed_rows = mixed.splitlines(keepends=True)
    digest = last["sha256"].encode()
    mine = msgspec.json.decode(mixed_rows[-1])["sha256"].encode()
    refused = refusal(target, tmp_path / "bad", mixed.replace(mine, digest))
    assert refused.startswith("line 37: ")


async def test_an_import_that_is_cancelled_leaves_nothing(target: str, archive: bytes) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def begin() -> None:
        loop.call_soon_threadsafe(begun.set)
        if threading.current_thread() is not threading.main_thread():
            go_on.wait(10)

    async with open_storage(target) as storage:
        work = asyncio.create_task(storage.database.load(ArchiveReader(BytesIO(archive)), lambda *_: begin()))
        await begun.wait()
        work.cancel()
        loop.call_later(0.1, go_on.set)
        with pytest.raises(asyncio.CancelledError):
            await work
    async with open_log(target) as log:
        assert await log.head() == 0
