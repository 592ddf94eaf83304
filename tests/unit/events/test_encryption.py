"""Sealing personal data, and forgetting it; the same on either database."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from events.backend import LogBackend
from events.encryption import KEY_BYTES, DecryptionFailed, SubjectKeys, SubjectUnknown
from events.postgres.backend import PostgresLogBackend
from events.sqlite.backend import SqliteLogBackend
from tests.support.databases import SQLITE_PREFIX
from tests.support.postgres import PostgresServer

FIELDS = {"name": "Ada Lovelace", "email": "ada@example.org", "age": 36, "nickname": None}


@asynccontextmanager
async def open_keys(url: str, **options: int) -> AsyncIterator[SubjectKeys]:
    database: LogBackend
    if url.startswith(SQLITE_PREFIX):
        database = await SqliteLogBackend.open(url.removeprefix(SQLITE_PREFIX))
    else:
        database = await PostgresLogBackend.open(url)
    try:
        yield SubjectKeys(database.keys(), **options)
    finally:
        await database.close()


@pytest.fixture
async def keys(database_url: str) -> AsyncIterator[SubjectKeys]:
    async with open_keys(database_url) as keys:
        yield keys


async def stored_keys(url: str) -> dict[str, bytes]:
    """What the table holds, read past the class under test."""
    sql = "SELECT subject, key FROM subject_keys"
    if url.startswith(SQLITE_PREFIX):
        connection = sqlite3.connect(url.removeprefix(SQLITE_PREFIX))
        try:
            return dict(connection.execute(sql).fetchall())
        finally:
            connection.close()
    server = await asyncpg.connect(url)
    try:
        return {row["subject"]: row["key"] for row in await server.fetch(sql)}
    finally:
        await server.close()


async def test_what_was_sealed_opens_again(keys: SubjectKeys) -> None:
    await keys.create("ada")
    assert await keys.decrypt("ada", await keys.encrypt("ada", FIELDS)) == FIELDS


async def test_sealed_text_shows_nothing_and_never_repeats(keys: SubjectKeys) -> None:
    await keys.create("ada")
    first, second = [await keys.encrypt("ada", FIELDS) for _ in range(2)]
    assert first != second
    assert first.isascii()
    assert "Ada" not in first


async def test_another_process_opens_what_this_one_sealed(keys: SubjectKeys, database_url: str) -> None:
    await keys.create("ada")
    encrypted = await keys.encrypt("ada", FIELDS)
    async with open_keys(database_url) as other:
        assert await other.decrypt("ada", encrypted) == FIELDS


async def test_a_key_is_made_only_once(keys: SubjectKeys, database_url: str) -> None:
    await keys.create("ada")
    before = await stored_keys(database_url)
    await keys.create("ada")
    assert await stored_keys(database_url) == before
    assert len(before["ada"]) == KEY_BYTES


async def test_every_subject_has_a_key_of_its_own(keys: SubjectKeys, database_url: str) -> None:
    for subject in ("ada", "bob"):
        await keys.create(subject)
    found = await stored_keys(database_url)
    assert found["ada"] != found["bob"]


async def test_a_forgotten_subject_cannot_be_opened_nor_sealed_for(keys: SubjectKeys, database_url: str) -> None:
    await keys.create("ada")
    encrypted = await keys.encrypt("ada", FIELDS)
    await keys.forget("ada")
    assert await keys.decrypt("ada", encrypted) is None
    with pytest.raises(SubjectUnknown):
        await keys.encrypt("ada", FIELDS)
    assert "ada" not in await stored_keys(database_url)


async def test_forgetting_twice_and_forgetting_nobody_do_no_harm(keys: SubjectKeys) -> None:
    await keys.create("ada")
    await keys.create("bob")
    encrypted = await keys.encrypt("bob", FIELDS)
    for subject in ("ada", "ada", "nobody"):
        await keys.forget(subject)
    assert await keys.decrypt("bob", encrypted) == FIELDS


async def test_a_new_key_for_a_forgotten_subject_opens_nothing_old(keys: SubjectKeys) -> None:
    await keys.create("ada")
    encrypted = await keys.encrypt("ada", FIELDS)
    await keys.forget("ada")
    await keys.create("ada")
    with pytest.raises(DecryptionFailed):
        await keys.decrypt("ada", encrypted)


async def test_sealed_text_does_not_open_for_another_subject(keys: SubjectKeys) -> None:
    for subject in ("ada", "bob"):
        await keys.create(subject)
    with pytest.raises(DecryptionFailed):
        await keys.decrypt("bob", await keys.encrypt("ada", FIELDS))


@pytest.mark.parametrize("damage", ["", "AAAA", "not base64!", "é", "A" * 200])
async def test_damaged_text_is_refused_by_name_of_its_subject(keys: SubjectKeys, damage: str) -> None:
    await keys.create("ada")
    with pytest.raises(DecryptionFailed, match="ada"):
        await keys.decrypt("ada", damage)


async def test_many_are_opened_at_once_with_gaps_where_subjects_are_forgotten(keys: SubjectKeys) -> None:
    names = [f"user-{n}" for n in range(40)]
    encrypted = []
    for name in names:
        await keys.create(name)
        encrypted.append((name, await keys.encrypt(name, {"name": name})))
    for name in names[::3]:
        await keys.forget(name)
    expected = [None if n % 3 == 0 else {"name": name} for n, name in enumerate(names)]
    assert await keys.decrypt_many(encrypted) == expected
    assert await keys.decrypt_many([]) == []


async def test_no_more_keys_are_kept_in_memory_than_allowed(database_url: str) -> None:
    async with open_keys(database_url, cached=2) as keys:
        for name in "abcd":
            await keys.create(name)
        encrypted = [(name, await keys.encrypt(name, {"name": name})) for name in "abcd"]
        assert len(keys._ciphers) == 2
        assert await keys.decrypt_many(encrypted) == [{"name": name} for name in "abcd"]


async def test_a_process_that_is_told_lets_go_of_a_key_destroyed_elsewhere(
    keys: SubjectKeys, database_url: str
) -> None:
    await keys.create("ada")
    encrypted = await keys.encrypt("ada", FIELDS)
    async with open_keys(database_url) as other:
        await other.forget("ada")
    keys.drop("ada")
    assert await keys.decrypt("ada", encrypted) is None


async def test_a_key_being_read_while_it_is_destroyed_is_not_kept(
    keys: SubjectKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keys.create("ada")
    encrypted = await keys.encrypt("ada", FIELDS)
    keys.drop("ada")
    read, destroyed = asyncio.Event(), asyncio.Event()
    select = keys._keys.select

    async def slow_select(subjects: Sequence[str]) -> dict[str, bytes]:
        found = await select(subjects)
        read.set()
        await destroyed.wait()
        return found

    monkeypatch.setattr(keys._keys, "select", slow_select)
    opening = asyncio.create_task(keys.decrypt("ada", encrypted))
    await read.wait()
    await keys.forget("ada")
    destroyed.set()
    await opening
    assert await keys.decrypt("ada", encrypted) is None


async def test_the_installation_has_one_key_whoever_asks_first(database_url: str) -> None:
    async with open_keys(database_url) as one, open_keys(database_url) as other:
        first, second = await asyncio.gather(one.installation_key(), other.installation_key())
        assert first == second
        assert len(first) == KEY_BYTES
        assert await one.installation_key() == first


async def test_an_erasure_begun_is_remembered_until_it_is_carried_out(keys: SubjectKeys) -> None:
    await keys.create("ada")
    await keys.begin_forgetting("ada")
    await keys.begin_forgetting("ada")
    assert await keys.half_forgotten() == ["ada"]
    await keys.forget("ada")
    assert await keys.half_forgotten() == []


async def test_no_byte_of_a_destroyed_key_is_left_in_a_sqlite_file_or_its_write_ahead_log(sqlite_path: Path) -> None:
    url = f"{SQLITE_PREFIX}{sqlite_path}"
    order = random.Random(7)
    async with open_keys(url) as keys:
        names = [f"{order.getrandbits(64):016x}" for _ in range(200)]
        for name in names:
            await keys.create(name)
        doomed = order.sample(names[1:], 30)
        secret = await stored_keys(url)
        for n, name in enumerate(doomed):
            await keys.forget(name)
            await keys.create(f"later-{n}")
        # The last one by itself, so that nothing after it has cleaned up.
        await keys.forget(names[0])
        raw = b"".join(path.read_bytes() for path in sqlite_path.parent.glob(f"{sqlite_path.name}*"))
        assert [name for name in [*doomed, names[0]] if secret[name] in raw] == []
        alive = set(names) - {*doomed, names[0]}
        assert all(raw.count(secret[name]) == 1 for name in alive)


async def test_a_reader_in_the_way_delays_the_cleaning_and_does_not_lose_it(sqlite_path: Path) -> None:
    url = f"{SQLITE_PREFIX}{sqlite_path}"
    async with open_keys(url) as keys:
        await keys.create("ada")
        secret = (await stored_keys(url))["ada"]
        reader = sqlite3.connect(sqlite_path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM subject_keys").fetchone()
        await keys.begin_forgetting("ada")
        await keys.forget("ada")
        assert await keys.half_forgotten() == ["ada"]
        reader.close()
        await keys.forget("ada")
        assert await keys.half_forgotten() == []
        raw = b"".join(path.read_bytes() for path in sqlite_path.parent.glob(f"{sqlite_path.name}*"))
        assert secret not in raw


async def test_the_row_of_a_destroyed_key_is_vacuumed_on_postgresql(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    async with open_keys(postgres_url) as keys:
        for n in range(50):
            await keys.create(f"subject-{n}")
        secret = await stored_keys(postgres_url)
        await keys.forget("subject-7")
        server = await asyncpg.connect(postgres_url)
        path = await server.fetchval("SELECT pg_relation_filepath('subject_keys')")
        await server.execute("CHECKPOINT")
        await server.close()
        raw = (postgres_server._directory / "data" / path).read_bytes()
    assert [name for name, key in secret.items() if key not in raw] == ["subject-7"]
