"""A proof holds for what was sealed, and for nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.tamper_evidence.merkle import path, root
from events.tamper_evidence.proof import NoEvent, NoProof, Proof, ProvenEvent, check_proof, prove
from events.tamper_evidence.seal import SealKey, leaf_of
from events.tamper_evidence.seal_file import SealDocument
from tests.support.postgres import PostgresServer
from tests.support.sealed import SealedLog, open_sealed, tamperer


@pytest.fixture
async def sealed(database_url: str, tmp_path: Path) -> AsyncIterator[SealedLog]:
    async with open_sealed(database_url, tmp_path) as sealed:
        await sealed.grow(21)
        await sealed.sealer.seal_all()
        yield sealed


async def test_every_sealed_event_is_proven_to_whoever_has_the_public_key(sealed: SealedLog) -> None:
    for event in await sealed.log.read():
        proof = await prove(sealed.store, event.position)
        sent = msgspec.json.decode(msgspec.json.encode(proof), type=Proof)
        assert check_proof(sent, sealed.key.public) == []
        assert msgspec.structs.asdict(sent.event) == msgspec.structs.asdict(event)
        assert check_proof(sent, SealKey(bytes(32)).public) == [
            f"the seal is signed with a key that is not believed: {sealed.key.id}"
        ]


async def test_there_is_no_proof_of_what_is_not_there_or_not_yet_sealed(sealed: SealedLog) -> None:
    await sealed.grow(1)
    with pytest.raises(NoProof, match="not yet sealed"):
        await prove(sealed.store, 22)
    for position in (0, 23):
        with pytest.raises(NoEvent, match=f"no event at position {position}"):
            await prove(sealed.store, position)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET data = '{}' WHERE position = 9",
        "UPDATE seals SET leaves = root WHERE number = 2",
        "UPDATE seals SET root = previous WHERE number = 2",
    ],
)
async def test_there_is_no_proof_of_what_is_not_as_it_was_sealed(
    sealed: SealedLog, statement: str, database_url: str, postgres_server: PostgresServer
) -> None:
    tamperer(database_url, postgres_server)(statement)
    with pytest.raises(NoProof, match="not as it was sealed"):
        await prove(sealed.store, 9)


KEY = SealKey(bytes(range(32)))
EVENTS = [ProvenEvent(n, f"s-{n}", 1, "T", 1, f'{{"n":{n}}}', "{}", 1_700_000_000_000_000) for n in range(1, 8)]


def proof_of(position: int) -> Proof:
    leaves = [leaf for event in EVENTS if (leaf := leaf_of(event.stored()))]
    seal = KEY.seal(None, len(EVENTS), root(leaves), 5, b"")
    index = position - 1
    hashes = [sibling.hex() for sibling in path(leaves, index)]
    return Proof(EVENTS[index], leaves[index].hex(), hashes, SealDocument.of(seal), seal.statement().decode())


OTHER: dict[str, Any] = {"event": EVENTS[6], "leaf": "0" * 64, "path": ["0" * 64], "statement": "trivia seal 1\n"}


@pytest.mark.parametrize("field", OTHER)
@given(position=st.integers(1, 6))
def test_a_proof_with_another_part_does_not_hold(field: str, position: int) -> None:
    proof = proof_of(position)
    assert check_proof(proof, KEY.public) == []
    assert check_proof(msgspec.structs.replace(proof, **{field: OTHER[field]}), KEY.public)


@pytest.mark.parametrize(
    "changed",
    [
        {"position": 2},
        {"stream": "s-2"},
        {"version": 2},
        {"type": "U"},
        {"schema": 2},
        {"data": "{}"},
        {"data": "\ud800"},
        {"metadata": ""},
        {"recorded_at": 1},
    ],
    ids=str,
)
def test_a_proof_of_a_changed_event_does_not_hold(changed: dict[str, Any]) -> None:
    proof = proof_of(1)
    event = msgspec.structs.replace(proof.event, **changed)
    assert "the event is not the one whose hash is given" in check_proof(
        msgspec.structs.replace(proof, event=event), KEY.public
    )


@pytest.mark.parametrize("name", ["number", "first", "last", "signed_at"])
def test_a_proof_with_a_changed_seal_does_not_hold(name: str) -> None:
    proof = proof_of(3)
    seal = msgspec.structs.replace(proof.seal, **{name: getattr(proof.seal, name) + 1})
    changed = msgspec.structs.replace(proof, seal=seal, statement=seal.seal().statement().decode())
    assert "the seal has a signature that does not fit what it says" in check_proof(changed, KEY.public)
