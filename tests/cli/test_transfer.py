"""`trivia events export` and `import`, `trivia backup` and `restore`."""

import asyncio
import base64
import json
import shutil
import signal
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from events.log import ANY, StreamWrite
from events.vocabulary.questions import QuestionReported
from tests.support.archives import fill, forge
from tests.support.commands import Trivia
from tests.support.databases import SQLITE_PREFIX, open_log
from tests.support.rows import lines, row
from tests.support.sample_events import write
from tests.support.waiting import eventually, eventually_sync

pytestmark = pytest.mark.timeout(150)

EMAIL = "ada.lovelace@example.org"
EVENTS = 200_000


@pytest.fixture
def filled(trivia: Trivia, tmp_path: Path) -> Trivia:
    (tmp_path / "some.jsonl").write_bytes(lines(row(number) for number in range(20)))
    assert trivia("import", "some.jsonl").returncode == 0
    created = trivia("users", "create", EMAIL, "--password-stdin", said="correct horse battery staple\n")
    assert created.returncode == 0
    return trivia


@pytest.fixture
def there(trivia: Trivia, tmp_path: Path, sqlite_template: Path) -> Trivia:
    """The command line on another, empty database, with the same settings else."""
    path = shutil.copy(sqlite_template, tmp_path / "there.sqlite")
    return Trivia(tmp_path, **{**trivia.settings, "database_url": f"{SQLITE_PREFIX}{path}"})


def tail(trivia: Trivia) -> str:
    done = trivia("events", "tail", "-n", "1000", "--json")
    assert done.returncode == 0
    return done.stdout


def left_over(directory: Path) -> list[str]:
    """Files of unfinished work."""
    return [path.name for path in directory.rglob(".*") if path.is_file()]


def test_a_log_is_exported_imported_and_served(filled: Trivia, there: Trivia, tmp_path: Path) -> None:
    exported = filled("events", "export", "log.ndjson.gz", "--with-keys")
    head = json.loads(filled("events", "stats", "--json").stdout)["events"]
    assert exported.stdout == f"log.ndjson.gz: {head} events, with the keys of personal data.\n"
    assert stat.S_IMODE((tmp_path / "log.ndjson.gz").stat().st_mode) == 0o600
    imported = there("events", "import", "log.ndjson.gz")
    assert (imported.returncode, imported.stderr) == (0, "")
    assert imported.stdout.startswith(f"log.ndjson.gz: {head} events imported.")
    assert there("projections", "rebuild", "--all").returncode == 0
    assert there("projections", "verify").returncode == 0
    assert tail(there) == tail(filled)
    assert EMAIL in there("users", "list").stdout
    assert there("users", "token", EMAIL).returncode == 0
    with there.serving() as server:
        server.wait_until_ready()
        assert server.get("/api/docs").status_code == 200
        assert server.stop() == 0
    assert "Traceback" not in server.err


def test_without_keys_an_export_says_so_and_has_none(filled: Trivia, tmp_path: Path) -> None:
    exported = filled("events", "export", "log.ndjson")
    assert "without the keys of personal data" in exported.stdout
    assert '"subject"' not in (tmp_path / "log.ndjson").read_text()
    assert "WITHOUT --with-keys" in " ".join(filled("events", "export", "--help").stdout.split())
    restored = filled("restore", "log.ndjson")
    assert (restored.returncode, len(restored.stderr.splitlines())) == (1, 1)


def test_what_is_exported_can_be_a_part(filled: Trivia, tmp_path: Path) -> None:
    done = json.loads(filled("events", "export", "p.ndjson", "--after", "3", "--until", "5", "--json").stdout)
    assert (done["after"], done["until"], done["rows"]["events"]) == (3, 5, 2)
    assert filled("events", "export", "q.ndjson", "--after", "5", "--until", "3").returncode == 2
    assert not (tmp_path / "q.ndjson").exists()


def test_no_file_is_overwritten(filled: Trivia, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    for command in (["events", "export", "mine"], ["backup", "mine"]):
        done = filled(*command)
        assert (done.returncode, done.stderr) == (1, "Error: mine: is there already, and is not overwritten\n")
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_place_that_cannot_be_written_to_is_one_line(filled: Trivia, tmp_path: Path) -> None:
    for place in ("missing/log.ndjson", "/proc/log.ndjson"):
        for command in (["events", "export", place], ["backup", place]):
            done = filled(*command)
            assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert left_over(tmp_path) == []


def test_a_full_disk_is_one_line_and_leaves_nothing(filled: Trivia, tmp_path: Path) -> None:
    for command in (["events", "export", "log.ndjson"], ["backup", "saved"]):
        done = limited(filled, *command)
        assert (done[0], "Traceback" in done[1], len(done[1].splitlines())) == (1, False, 1), done
    assert left_over(tmp_path) == []
    assert not (tmp_path / "log.ndjson").exists()
    assert not (tmp_path / "saved").exists()


def limited(trivia: Trivia, *command: str) -> tuple[int, str]:
    """Run a command that may write files of 8 KiB at most: what a full disk looks like."""
    with trivia.start(*command, file_bytes=8192) as process:
        _, err = process.communicate(timeout=60)
    return process.returncode, err


def test_a_database_that_is_not_empty_takes_no_log(filled: Trivia) -> None:
    assert filled("events", "export", "log.ndjson").returncode == 0
    before = tail(filled)
    done = filled("events", "import", "log.ndjson")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the database is not empty: there are rows in events")
    assert tail(filled) == before


def test_a_changed_file_is_refused_by_its_line(filled: Trivia, there: Trivia, tmp_path: Path) -> None:
    assert filled("events", "export", "log.ndjson").returncode == 0
    data = (tmp_path / "log.ndjson").read_bytes()
    (tmp_path / "changed.ndjson").write_bytes(data.replace(b"What is 7 plus 7?", b"What is 7 plus 8?"))
    line = data[: data.index(b"What is 7 plus 7?")].count(b"\n") + 1
    done = there("events", "import", "changed.ndjson")
    assert (done.returncode, done.stderr) == (1, f"Error: line {line}: is not as it was written, or not in its place\n")
    assert tail(there) == ""


def test_a_backup_is_restored_and_served(filled: Trivia, tmp_path: Path) -> None:
    before = tail(filled)
    saved = json.loads(filled("backup", "saved", "--json").stdout)
    assert saved["head"] == len(before.splitlines())
    assert stat.S_IMODE((tmp_path / "saved").stat().st_mode) == 0o600
    assert left_over(tmp_path) == []
    restored_to = Trivia(tmp_path, **{**filled.settings, "database_url": "sqlite:///./new/trivia.db"})
    done = restored_to("restore", "saved")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"saved is restored; the log ends at position {saved['head']}.\n"
    assert stat.S_IMODE((tmp_path / "new" / "trivia.db").stat().st_mode) == 0o600
    assert tail(restored_to) == before
    assert restored_to("projections", "verify").returncode == 0
    assert EMAIL in restored_to("users", "list").stdout
    with restored_to.serving() as server:
        server.wait_until_ready()
        assert server.stop() == 0
    assert left_over(tmp_path) == []


def test_a_backup_of_postgresql_is_restored_into_an_empty_one(
    tmp_path: Path, postgres_url: str, empty_postgres_url: str
) -> None:
    asyncio.run(fill(postgres_url))
    one = Trivia(tmp_path, database_url=postgres_url, starter_bank=False)
    other = Trivia(tmp_path, database_url=empty_postgres_url, starter_bank=False)
    assert one("backup", "saved.gz").returncode == 0
    assert other("restore", "saved.gz").returncode == 0
    assert tail(other) == tail(one)
    assert other("projections", "verify").returncode == 0
    again = other("restore", "saved.gz")
    assert again.returncode == 1
    assert "the database is not empty" in again.stderr
    forced = other("restore", "saved.gz", "--force")
    assert (forced.returncode, len(forced.stderr.splitlines())) == (1, 1)


def test_a_copy_of_a_sqlite_database_does_not_go_into_postgresql(
    tmp_path: Path, sqlite_url: str, postgres_url: str
) -> None:
    assert Trivia(tmp_path, database_url=sqlite_url)("backup", "saved").returncode == 0
    done = Trivia(tmp_path, database_url=postgres_url)("restore", "saved")
    assert (done.returncode, "copy of a SQLite database" in done.stderr) == (1, True)


@pytest.fixture
def on_sqlite(tmp_path: Path, sqlite_url: str) -> Trivia:
    trivia = Trivia(tmp_path, database_url=sqlite_url, starter_bank=False)
    (tmp_path / "some.jsonl").write_bytes(lines(row(number) for number in range(5)))
    assert trivia("import", "some.jsonl").returncode == 0
    return trivia


def test_restoring_over_a_database_moves_it_aside_when_told(on_sqlite: Trivia, tmp_path: Path) -> None:
    assert on_sqlite("backup", "saved").returncode == 0
    at_backup = tail(on_sqlite)
    (tmp_path / "more.jsonl").write_bytes(lines([row(99)]))
    assert on_sqlite("import", "more.jsonl").returncode == 0
    later = tail(on_sqlite)
    refused = on_sqlite("restore", "saved")
    assert (refused.returncode, "is there already" in refused.stderr) == (1, True)
    assert tail(on_sqlite) == later
    forced = json.loads(on_sqlite("restore", "saved", "--force", "--json").stdout)
    assert tail(on_sqlite) == at_backup
    aside = Trivia(tmp_path, **{**on_sqlite.settings, "database_url": f"{SQLITE_PREFIX}{forced['aside']}"})
    assert tail(aside) == later


def test_a_database_in_use_is_not_replaced(on_sqlite: Trivia, sqlite_path: Path, tmp_path: Path) -> None:
    assert on_sqlite("backup", "saved").returncode == 0
    before = sqlite_path.stat().st_ino
    with on_sqlite.serving() as server:
        server.wait_until_ready()
        refused = on_sqlite("restore", "saved", "--force")
        assert refused.returncode == 1
        assert refused.stderr == f"Error: {sqlite_path} is in use; stop the service first\n"
        assert sqlite_path.stat().st_ino == before
        assert server.stop() == 0
    assert left_over(tmp_path) == []
    assert on_sqlite("restore", "saved", "--force").returncode == 0


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:5000], lambda data: data[:8192] + b"\xff" * 4096 + data[12288:], lambda data: data[:100]],
)
def test_a_damaged_backup_is_not_restored(on_sqlite: Trivia, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    assert on_sqlite("backup", "saved").returncode == 0
    before = tail(on_sqlite)
    (tmp_path / "bad").write_bytes(damage((tmp_path / "saved").read_bytes()))
    done = on_sqlite("restore", "bad", "--force")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert tail(on_sqlite) == before
    assert left_over(tmp_path) == []


def test_a_backup_of_a_newer_version_is_not_restored(on_sqlite: Trivia, tmp_path: Path) -> None:
    assert on_sqlite("backup", "saved").returncode == 0
    with closing(sqlite3.connect(tmp_path / "saved")) as connection, connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'later', 'x', 'now')")
    done = on_sqlite("restore", "saved", "--force")
    assert (done.returncode, "9999_later was applied by a newer version" in done.stderr) == (1, True)


def test_a_damaged_database_can_be_replaced(on_sqlite: Trivia, sqlite_path: Path) -> None:
    assert on_sqlite("backup", "saved").returncode == 0
    before = tail(on_sqlite)
    sqlite_path.write_bytes(b"no database at all")
    assert on_sqlite("restore", "saved", "--force").returncode == 0
    assert tail(on_sqlite) == before


def test_who_was_erased_is_in_no_new_export_and_no_new_backup(
    filled: Trivia, tmp_path: Path, database_url: str
) -> None:
    keys_before = key_bytes(filled, tmp_path)
    assert filled("users", "erase", EMAIL, "--yes").returncode == 0
    keys_after = key_bytes(filled, tmp_path)
    gone = set(keys_before) - set(keys_after)
    assert len(gone) == 1
    assert filled("backup", "saved").returncode == 0
    assert filled("events", "export", "log.ndjson", "--with-keys").returncode == 0
    encoded = next(iter(gone))
    for name in ("saved", "log.ndjson"):
        data = (tmp_path / name).read_bytes()
        for secret in (encoded.encode(), base64.b64decode(encoded), b"ada.lovelace", b"Ada Lovelace"):
            assert secret not in data
    kept = next(iter(keys_after))
    saved = (tmp_path / "saved").read_bytes()
    assert kept.encode() in saved or base64.b64decode(kept) in saved, "keys are found where they are"


def key_bytes(trivia: Trivia, directory: Path) -> list[str]:
    """Every key of the database, in base64."""
    assert trivia("events", "export", "keys.ndjson", "--with-keys").returncode == 0
    found = [json.loads(line) for line in (directory / "keys.ndjson").read_text().splitlines()]
    (directory / "keys.ndjson").unlink()
    return [line["key"] for line in found if "key" in line]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """An archive that takes a while to bring in."""
    events: Iterator[dict[str, object]] = (
        {
            "position": n,
            "stream": f"s-{n % 1000}",
            "version": (n - 1) // 1000 + 1,
            "type": "StarterBankAdded",
            "schema": 1,
            "data": '{"questions":1}',
            "metadata": "{}",
            "recorded_at": n,
        }
        for n in range(1, EVENTS + 1)
    )
    header: dict[str, object] = {
        "trivia_log": 1,
        "software": "1",
        "head": EVENTS,
        "after": 0,
        "until": EVENTS,
        "keys": True,
        "rows": {"events": EVENTS, "commands": 0, "seals": 0, "subject_keys": 0, "subjects_leaving": 0},
    }
    (tmp_path / "large.ndjson").write_bytes(forge([header, *events]))
    return tmp_path / "large.ndjson"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_was_stopped_in_the_middle_leaves_an_empty_database(
    trivia: Trivia, large: Path, number: signal.Signals
) -> None:
    with trivia.start("events", "import", "large.ndjson") as process:
        eventually_sync(lambda: has_read(process.pid, large, 5_000_000), 30)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Traceback" not in err
    assert tail(trivia) == ""
    done = trivia("events", "import", "large.ndjson")
    assert done.stdout.startswith(f"large.ndjson: {EVENTS} events imported")


def has_read(pid: int, path: Path, offset: int) -> bool:
    """Whether a process has come so far in a file."""
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if link.readlink() == path:
                position = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text()
                return int(position.split()[1]) > offset
        except FileNotFoundError:
            continue
    return False


def test_an_export_that_was_stopped_leaves_no_file(trivia: Trivia, large: Path, tmp_path: Path) -> None:
    assert trivia("events", "import", str(large)).returncode == 0
    with trivia.start("events", "export", "out.ndjson") as process:
        partial = tmp_path / f".out.ndjson.{process.pid}"
        eventually_sync(lambda: partial.exists() and partial.stat().st_size > 1_000_000, 30)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (1, False)
    assert not (tmp_path / "out.ndjson").exists()
    assert left_over(tmp_path) == []


def test_a_backup_made_while_others_append_is_a_whole_beginning_of_the_log(
    trivia: Trivia, tmp_path: Path, database_url: str
) -> None:
    async def append_meanwhile() -> tuple[int, int]:
        async with open_log(database_url) as log:
            # Large enough for a copy to take many steps, between which others write.
            for _ in range(40):
                await log.append([StreamWrite("large", ANY, [QuestionReported(1, "ada", "x" * 500_000)])])
            stop = asyncio.Event()
            acknowledged = 0

            async def append(number: int) -> None:
                nonlocal acknowledged
                while not stop.is_set():
                    done = await log.append([write(f"s-{number}"), write(f"t-{number}")])
                    acknowledged = max(acknowledged, done.last)

            writers = [asyncio.create_task(append(number)) for number in range(4)]
            await eventually(lambda: acknowledged > 500)
            before = acknowledged
            done = await asyncio.to_thread(trivia, "backup", "saved", "--json")
            assert done.returncode == 0, done.stderr
            after = acknowledged
            stop.set()
            await asyncio.gather(*writers)
            assert after > before
            return before, int(json.loads(done.stdout)["head"])

    before, head = asyncio.run(append_meanwhile())
    assert head >= before
    restored = Trivia(tmp_path, **{**trivia.settings, "database_url": "sqlite:///./restored.db"})
    assert restored("restore", "saved").returncode == 0

    async def compare() -> None:
        async with open_log(database_url) as log, open_log(f"{SQLITE_PREFIX}{tmp_path / 'restored.db'}") as copy:
            assert await copy.head() == head
            assert await copy.read(limit=head + 1) == await log.read(limit=head)

    asyncio.run(compare())
