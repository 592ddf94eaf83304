"""Seals as they come about, on both databases."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.tamper_evidence.merkle import leaf_hash, root
from events.tamper_evidence.seal import NO_SEAL, SealKey, StoredEvent, canonical, leaf_of
from events.tamper_evidence.sealer import OVERDUE_SECONDS, QUIET_SECONDS, LogDamaged
from tests.support.clock import Clock
from tests.support.postgres import PostgresServer
from tests.support.sealed import SealedLog, Tamper, open_sealed, tamperer

INTEGERS = st.integers(-(2**63), 2**63 - 1)
EVENTS = st.builds(StoredEvent, INTEGERS, INTEGERS, INTEGERS, INTEGERS, *[st.binary(max_size=6)] * 4)


@pytest.fixture
async def sealed(database_url: str, tmp_path: Path) -> AsyncIterator[SealedLog]:
    async with open_sealed(database_url, tmp_path) as sealed:
        yield sealed


@pytest.fixture
def tamper(database_url: str, postgres_server: PostgresServer) -> Tamper:
    return tamperer(database_url, postgres_server)


@given(EVENTS, EVENTS)
def test_no_two_events_have_the_same_bytes(one: StoredEvent, other: StoredEvent) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)
    assert leaf_of(one) == leaf_hash(canonical(one))


def test_bytes_that_move_from_one_text_to_the_next_make_another_event() -> None:
    assert canonical(StoredEvent(1, 1, 1, 1, b"ab", b"c", b"", b"")) != canonical(
        StoredEvent(1, 1, 1, 1, b"a", b"bc", b"", b"")
    )


def test_canonical_bytes_are_as_documented() -> None:
    event = StoredEvent(258, 3, 1, 1_700_000_000_000_000, b"s-1", b"T", "{é}".encode(), b"{}")
    assert (
        canonical(event)
        == struct.pack(">qqqq", 258, 3, 1, 1_700_000_000_000_000)
        + struct.pack(">IIII", 3, 1, 4, 2)
        + "s-1T{é}{}".encode()
    )


def test_what_no_log_has_written_has_no_hash() -> None:
    assert leaf_of((1, 1, 1, None, b"", b"", b"", b"")) is None
    assert leaf_of((1, 1, 1, 1, b"", None, b"", b"")) is None
    assert leaf_of((1, 2**63, 1, 1, b"", b"", b"", b"")) is None


async def test_a_seal_is_over_the_stored_bytes_and_names_the_one_before(sealed: SealedLog) -> None:
    await sealed.grow(20)
    newest = await sealed.sealer.seal_all()
    seals = await sealed.seals()
    assert [(seal.number, seal.first, seal.last) for seal in seals] == [(1, 1, 8), (2, 9, 16), (3, 17, 20)]
    assert newest is not None
    assert newest.is_same(seals[-1])
    before = NO_SEAL
    for seal in seals:
        leaves = [
            leaf_hash(
                canonical(
                    StoredEvent(
                        event.position,
                        event.version,
                        event.schema,
                        event.recorded_at,
                        event.stream.encode(),
                        event.type.encode(),
                        event.data.encode(),
                        event.metadata.encode(),
                    )
                )
            )
            for event in await sealed.log.read(seal.first - 1, until=seal.last)
        ]
        assert seal.root == root(leaves)
        assert seal.leaves == b"".join(leaves)
        assert seal.previous == before
        before = sha256(seal.statement()).digest()
    report = await sealed.verify(streams=True)
    assert (report.fault_count, report.events, report.seals, report.sealed, report.notes) == (0, 20, 3, 20, [])


async def test_full_blocks_are_sealed_at_once_and_the_rest_after_a_quiet_time(sealed: SealedLog) -> None:
    clock = Clock()
    sealer = sealed.make_sealer(clock=clock)
    await sealed.grow(10)
    await sealer.round()
    assert [seal.last for seal in await sealed.seals()] == [8]
    clock.advance(QUIET_SECONDS - 1)
    await sealer.round()
    assert [seal.last for seal in await sealed.seals()] == [8]
    clock.advance(1)
    await sealer.round()
    assert [seal.last for seal in await sealed.seals()] == [8, 10]
    clock.advance(QUIET_SECONDS)
    await sealer.round()
    assert [seal.last for seal in await sealed.seals()] == [8, 10]


async def test_a_log_that_is_never_quiet_is_sealed_all_the_same(sealed: SealedLog) -> None:
    clock = Clock()
    sealer = sealed.make_sealer(clock=clock)
    for _ in range(4):
        await sealed.grow(1)
        await sealer.round()
        assert await sealed.seals() == []
        clock.advance(OVERDUE_SECONDS / 4)
    await sealed.grow(1)
    await sealer.round()
    assert [seal.last for seal in await sealed.seals()] == [5]


async def test_an_empty_log_has_nothing_to_seal(sealed: SealedLog) -> None:
    assert await sealed.sealer.seal_all() is None
    await sealed.sealer.round()
    report = await sealed.verify(with_file=False)
    assert (report.fault_count, report.seals, report.notes) == (0, 0, [])


async def test_a_race_between_sealers_does_no_harm(sealed: SealedLog) -> None:
    await sealed.grow(60)
    await asyncio.gather(*[sealed.make_sealer().seal_all() for _ in range(4)])
    seals = await sealed.seals()
    assert [seal.first for seal in seals] == list(range(1, 61, 8))
    assert (await sealed.verify()).fault_count == 0
    written, unreadable = sealed.file.read()
    assert [seal.number for seal in written] == [seal.number for seal in seals]
    assert unreadable == []


async def test_a_seal_has_its_place_once(sealed: SealedLog) -> None:
    await sealed.grow(8)
    await sealed.sealer.seal_all()
    (seal,) = await sealed.seals()
    assert not await sealed.store.add(seal)
    other = SealKey(bytes(32)).seal(None, 3, seal.root, 1, seal.leaves)
    assert not await sealed.store.add(other)
    assert await sealed.seals() == [seal]


async def test_a_log_with_a_gap_is_not_sealed_over(sealed: SealedLog, tamper: Tamper) -> None:
    await sealed.grow(10)
    tamper("DELETE FROM events WHERE position = 5")
    with pytest.raises(LogDamaged, match="from 1 to 8"):
        await sealed.sealer.round()
    assert await sealed.seals() == []


async def test_the_file_has_every_seal_and_gets_those_it_missed(sealed: SealedLog) -> None:
    await sealed.grow(16)
    await sealed.sealer.seal_all()
    first, _ = sealed.file.read()
    assert all(one.is_same(other) for one, other in zip(first, await sealed.seals(), strict=True))
    assert sealed.file.path.stat().st_mode & 0o777 == 0o600
    sealed.file.path.write_bytes(sealed.file.path.read_bytes().splitlines(keepends=True)[0] + b'{"number":2,"fi')
    await sealed.grow(8)
    await sealed.make_sealer().round()
    seals, unreadable = sealed.file.read()
    assert [seal.number for seal in seals] == [1, 2, 3]
    assert unreadable == [2]
    assert (await sealed.verify()).fault_count == 0


async def test_a_line_of_the_file_is_a_seal_in_words_of_json(sealed: SealedLog) -> None:
    await sealed.grow(3)
    seal = await sealed.sealer.seal_all()
    assert seal is not None
    assert json.loads(sealed.file.path.read_text()) == {
        "number": 1,
        "first": 1,
        "last": 3,
        "root": seal.root.hex(),
        "previous": "0" * 64,
        "signed_at": seal.signed_at,
        "key": sealed.key.id,
        "signature": seal.signature.hex(),
    }


async def test_a_file_that_cannot_be_written_holds_up_no_seal(sealed: SealedLog) -> None:
    await sealed.grow(8)
    sealed.file.path.parent.write_text("in the way")
    await sealed.sealer.round()
    assert [seal.last for seal in await sealed.seals()] == [8]
    sealed.file.path.parent.unlink()
    await sealed.sealer.round()
    assert [seal.number for seal in sealed.file.read()[0]] == [1]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE seals SET last_position = 9", "DELETE FROM seals", "DELETE FROM seals WHERE number = 1"],
)
async def test_the_database_refuses_to_change_seals(
    sealed: SealedLog, statement: str, database_url: str, postgres_server: PostgresServer
) -> None:
    await sealed.grow(8)
    await sealed.sealer.seal_all()
    before = await sealed.seals()
    with pytest.raises(Exception, match=r"append-only|returned non-zero"):
        tamperer(database_url, postgres_server, guarded=True)(statement)
    assert await sealed.seals() == before
