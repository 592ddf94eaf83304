"""Whoever has the database and not the key cannot change what happened unseen."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events.tamper_evidence.merkle import root
from events.tamper_evidence.seal import Seal, SealKey, Signatures, leaves_of
from events.tamper_evidence.verify import SHOWN_FAULTS, verify
from tests.support.databases import SQLITE_PREFIX
from tests.support.postgres import PostgresServer
from tests.support.sealed import SealedLog, Tamper, open_sealed, tamperer

SEAL = "INSERT INTO seals VALUES ({number}, {first}, {last}, {root}, {previous}, {signed_at}, '{key}', {signature}, {leaves})"


@pytest.fixture
async def sealed(database_url: str, tmp_path: Path) -> AsyncIterator[SealedLog]:
    """24 events under three seals, and one more that is not sealed."""
    async with open_sealed(database_url, tmp_path) as sealed:
        await sealed.grow(24)
        await sealed.sealer.seal_all()
        await sealed.grow(1)
        assert (await sealed.verify()).notes == ["not yet sealed: the events from 25 to 25"]
        yield sealed


@pytest.fixture
def tamper(database_url: str, postgres_server: PostgresServer) -> Tamper:
    return tamperer(database_url, postgres_server)


def insert(url: str, seal: Seal) -> str:
    """The statement that stores a seal."""

    def literal(value: bytes) -> str:
        return f"X'{value.hex()}'" if url.startswith(SQLITE_PREFIX) else f"'\\x{value.hex()}'::bytea"

    return SEAL.format(
        number=seal.number,
        first=seal.first,
        last=seal.last,
        root=literal(seal.root),
        previous=literal(seal.previous),
        signed_at=seal.signed_at,
        key=seal.key,
        signature=literal(seal.signature),
        leaves=literal(seal.leaves),
    )


@pytest.mark.parametrize(
    "change",
    [
        "stream = 'another'",
        "version = 77",
        "type = 'SeenReset'",
        "schema = 2",
        "data = data || ' '",
        "metadata = replace(metadata, '\"', '')",
        "recorded_at = recorded_at + 1",
    ],
)
@pytest.mark.parametrize("with_file", [True, False])
async def test_a_changed_event_is_named(sealed: SealedLog, tamper: Tamper, change: str, *, with_file: bool) -> None:
    tamper(f"UPDATE events SET {change} WHERE position = 11")
    report = await sealed.verify(with_file=with_file)
    assert ("the event is not as it was sealed", 11) in [(fault.message, fault.position) for fault in report.faults]
    assert {fault.position for fault in report.faults} <= {11, 12}
    assert (await sealed.verify(after=10, until=11)).fault_count > 0
    assert (await sealed.verify(until=8)).fault_count == 0
    assert (await sealed.verify(after=16)).fault_count == 0


@pytest.mark.parametrize("position", [1, 8, 9, 24])
async def test_a_removed_event_is_named(sealed: SealedLog, tamper: Tamper, position: int) -> None:
    tamper(f"DELETE FROM events WHERE position = {position}")
    (fault,) = (await sealed.verify()).faults
    assert (fault.message, fault.position) == ("the event is missing", position)


async def test_a_removed_event_that_others_were_moved_up_for_is_found(sealed: SealedLog, tamper: Tamper) -> None:
    tamper(
        "DELETE FROM events WHERE position = 5;"
        + "".join(f"UPDATE events SET position = {n - 1} WHERE position = {n};" for n in range(6, 26))
        + "UPDATE log_head SET position = 24"
    )
    report = await sealed.verify()
    assert [fault.position for fault in report.faults] == list(range(5, 25))
    assert report.fault_count == 20


async def test_an_event_put_in_between_is_found(sealed: SealedLog, tamper: Tamper) -> None:
    tamper(
        "".join(f"UPDATE events SET position = {n + 1} WHERE position = {n};" for n in range(25, 11, -1))
        + "INSERT INTO events SELECT 12, 'made-up', 1, type, schema, data, metadata, recorded_at FROM events WHERE position = 11;"
        + "UPDATE log_head SET position = 26"
    )
    assert await sealed.positions_at_fault() == list(range(12, 25))


@pytest.mark.parametrize("position", [0, -5, 26, 1000])
async def test_an_event_put_where_none_can_be_is_named(sealed: SealedLog, tamper: Tamper, position: int) -> None:
    tamper(
        f"INSERT INTO events SELECT {position}, 'made-up', 1, type, schema, data, metadata, recorded_at "
        "FROM events WHERE position = 1"
    )
    assert await sealed.positions_at_fault() == [position]


async def test_events_that_changed_places_are_named(sealed: SealedLog, tamper: Tamper) -> None:
    tamper(
        "UPDATE events SET position = 99 WHERE position = 3; UPDATE events SET position = 3 WHERE position = 14;"
        "UPDATE events SET position = 14 WHERE position = 99"
    )
    assert {3, 14} <= set(await sealed.positions_at_fault())


async def test_an_event_twice_at_one_position_is_named(sealed: SealedLog, tamper: Tamper, database_url: str) -> None:
    if database_url.startswith(SQLITE_PREFIX):
        tamper(
            "CREATE TABLE copied AS SELECT * FROM events; DROP TABLE events; ALTER TABLE copied RENAME TO events;"
            "INSERT INTO events SELECT * FROM events WHERE position = 10"
        )
    else:
        tamper(
            "ALTER TABLE events DROP CONSTRAINT events_pkey; DROP INDEX events_stream_version;"
            "INSERT INTO events SELECT * FROM events WHERE position = 10"
        )
    (fault,) = (await sealed.verify()).faults
    assert (fault.message, fault.position) == ("2 events are at one position", 10)


async def test_what_is_no_event_at_all_is_named(
    sqlite_url: str, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    async with open_sealed(sqlite_url, tmp_path) as sealed:
        await sealed.grow(8)
        await sealed.sealer.seal_all()
        tamperer(sqlite_url, postgres_server)(
            "CREATE TABLE copied AS SELECT * FROM events; DROP TABLE events; ALTER TABLE copied RENAME TO events;"
            "UPDATE events SET data = NULL, recorded_at = 'yesterday' WHERE position = 3;"
            "UPDATE events SET data = CAST(X'ff00fe' AS TEXT) WHERE position = 6"
        )
        assert await sealed.positions_at_fault() == [3, 6]


async def test_a_time_that_falls_is_found_before_it_is_sealed(sealed: SealedLog, tamper: Tamper) -> None:
    tamper("UPDATE events SET recorded_at = 5 WHERE position = 25")
    (fault,) = (await sealed.verify()).faults
    assert (fault.message, fault.position) == ("was recorded before the event in front of it", 25)


async def test_a_gap_is_found_before_it_is_sealed(sealed: SealedLog, tamper: Tamper) -> None:
    await sealed.grow(3)
    tamper("DELETE FROM events WHERE position = 26")
    assert await sealed.positions_at_fault() == [26]


async def test_a_stream_that_was_thinned_before_it_was_sealed_is_named(sealed: SealedLog, tamper: Tamper) -> None:
    tamper("UPDATE events SET version = version + 1 WHERE position = 25")
    assert (await sealed.verify()).fault_count == 0
    (fault,) = (await sealed.verify(streams=True)).faults
    assert fault.message == "the stream stream-0 has 9 events with versions from 1 to 10"


async def test_hashes_made_to_fit_a_changed_event_do_not_hide_it(sealed: SealedLog, tamper: Tamper) -> None:
    tamper("UPDATE events SET data = '{}' WHERE position = 11")
    hashes = leaves_of(await sealed.store.events(8, 16, 100))
    (seal,) = await sealed.store.seals(2, 1)
    forged = Seal(2, 9, 16, seal.root, seal.previous, seal.signed_at, seal.key, seal.signature, b"".join(hashes))
    tamper(f"DELETE FROM seals WHERE number = 2; {insert(sealed.url, forged)}")
    (fault,) = (await sealed.verify(with_file=False)).faults
    assert fault.position == 9
    assert "from 9 to 16" in fault.message
    rooted = Seal(2, 9, 16, root(hashes), seal.previous, seal.signed_at, seal.key, seal.signature, b"".join(hashes))
    tamper(f"DELETE FROM seals WHERE number = 2; {insert(sealed.url, rooted)}")
    messages = [fault.message for fault in (await sealed.verify(with_file=False)).faults]
    assert messages == [
        "seal 2 has a signature that does not fit what it says",
        "seal 3 does not name the seal before it",
    ]


async def test_changed_hashes_beside_a_seal_are_told_from_changed_events(sealed: SealedLog, tamper: Tamper) -> None:
    (seal,) = await sealed.store.seals(1, 1)
    spoilt = Seal(1, 1, 8, seal.root, seal.previous, seal.signed_at, seal.key, seal.signature, bytes(256))
    tamper(f"DELETE FROM seals WHERE number = 1; {insert(sealed.url, spoilt)}")
    (fault,) = (await sealed.verify()).faults
    assert fault.message == "the hashes of events beside seal 1 were changed, the events were not"


async def test_seals_that_changed_places_are_found(sealed: SealedLog, tamper: Tamper) -> None:
    tamper(
        "UPDATE seals SET number = 99 WHERE number = 1; UPDATE seals SET number = 1 WHERE number = 2;"
        "UPDATE seals SET number = 2 WHERE number = 99"
    )
    report = await sealed.verify(with_file=False)
    assert {fault.seal for fault in report.faults} >= {1, 2}


async def test_a_seal_taken_out_is_found(sealed: SealedLog, tamper: Tamper) -> None:
    tamper("DELETE FROM seals WHERE number = 2")
    report = await sealed.verify(with_file=False)
    assert [(fault.message, fault.position) for fault in report.faults] == [
        ("seal 3 comes where seal 2 should be", 9),
        ("no seal is over the events up to 16", 9),
    ]
    assert "seal 2 of the file outside is missing in the database" in [
        fault.message for fault in (await sealed.verify()).faults
    ]


@pytest.mark.parametrize("column", ["root", "previous", "signature", "leaves"])
async def test_a_seal_of_rubbish_is_found(sealed: SealedLog, tamper: Tamper, column: str, database_url: str) -> None:
    empty = "X''" if database_url.startswith(SQLITE_PREFIX) else "''::bytea"
    tamper(f"UPDATE seals SET {column} = {empty} WHERE number = 2")
    assert {fault.seal for fault in (await sealed.verify(with_file=False)).faults} <= {2, 3}
    assert (await sealed.verify(with_file=False)).fault_count > 0


@pytest.mark.parametrize("last", [2**62, 3, -1])
async def test_a_seal_over_events_that_cannot_be_is_found(sealed: SealedLog, tamper: Tamper, last: int) -> None:
    tamper(f"UPDATE seals SET last_position = {last} WHERE number = 2")
    report = await sealed.verify(with_file=False)
    assert "seal 2 has a signature that does not fit what it says" in [fault.message for fault in report.faults]


async def test_a_log_sealed_anew_with_another_key_is_not_believed(sealed: SealedLog, tamper: Tamper) -> None:
    tamper("UPDATE events SET data = '{}' WHERE position = 11; DELETE FROM seals")
    own, sealed.key = sealed.key, SealKey(os.urandom(32))
    await sealed.make_sealer().seal_all()
    outside, _ = sealed.file.read()
    report = await verify(sealed.store, Signatures([own.public]))
    assert report.fault_count == report.seals == 4
    assert {fault.message.partition(":")[0] for fault in report.faults} == {
        f"seal {number} is signed with a key that is not believed" for number in range(1, 5)
    }
    report = await verify(sealed.store, Signatures([own.public, sealed.key.public]), outside=outside)
    assert [fault.message for fault in report.faults if fault.seal == 2] == [
        "seal 2 is another one in the file outside"
    ]


async def test_without_a_table_of_seals_the_file_still_knows(sealed: SealedLog, tamper: Tamper) -> None:
    tamper("UPDATE events SET data = '{}' WHERE position = 11; DELETE FROM seals")
    report = await sealed.verify()
    assert [fault.seal for fault in report.faults] == [1, 2, 3]
    report = await sealed.verify(with_file=False)
    assert report.notes == ["not yet sealed: the events from 1 to 25"]


@pytest.mark.parametrize("kept", [16, 12, 0])
async def test_an_end_taken_from_log_and_seals_alike_is_known_to_the_file(
    sealed: SealedLog, tamper: Tamper, kept: int
) -> None:
    tamper(
        f"DELETE FROM events WHERE position > {kept}; DELETE FROM seals WHERE last_position > {kept};"
        f"UPDATE log_head SET position = {kept}"
    )
    report = await sealed.verify()
    lost = [fault for fault in report.faults if "were taken from the end" in fault.message]
    assert [fault.seal for fault in lost] == list(range(kept // 8 + 1, 4))
    assert lost[0].position == kept // 8 * 8 + 1
    await sealed.grow(20)
    await sealed.make_sealer().seal_all()
    assert {fault.seal for fault in (await sealed.verify()).faults} == set(range(kept // 8 + 1, 4))


async def test_an_end_taken_from_the_log_alone_is_found(sealed: SealedLog, tamper: Tamper) -> None:
    tamper("DELETE FROM events WHERE position > 22; UPDATE log_head SET position = 22")
    assert await sealed.positions_at_fault(with_file=False) == [23, 24]
    tamper("DELETE FROM events")
    assert await sealed.positions_at_fault(with_file=False) == [1, *range(1, SHOWN_FAULTS)]


async def test_an_end_cut_off_unsealed_is_known_to_the_head(sealed: SealedLog, tamper: Tamper) -> None:
    tamper("DELETE FROM events WHERE position = 25")
    report = await sealed.verify()
    assert [fault.position for fault in report.faults] == [25, 25]


async def test_only_the_first_faults_are_named_and_all_are_counted(sealed: SealedLog, tamper: Tamper) -> None:
    tamper("UPDATE events SET data = '{}'")
    report = await sealed.verify()
    assert report.fault_count == 24
    assert [fault.position for fault in report.faults] == list(range(1, SHOWN_FAULTS + 1))


async def test_verifying_tells_how_far_it_is(sealed: SealedLog) -> None:
    reached: list[tuple[int, int]] = []
    await sealed.grow(4)
    report = await sealed.verify(batch=4, progress=lambda position, head: reached.append((position, head)))
    assert report.fault_count == 0
    assert reached == [(8, 29), (16, 29), (24, 29), (28, 29), (29, 29)]
