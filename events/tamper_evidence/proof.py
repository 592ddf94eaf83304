"""Shows that one event is under a seal, to somebody who has nothing but the proof and the public key."""

import struct
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from events.tamper_evidence.merkle import HASH_BYTES, path, root, root_of_path
from events.tamper_evidence.seal import Seal, Signatures, StoredEvent, leaf_of
from events.tamper_evidence.seal_file import SealDocument
from events.tamper_evidence.seal_store import SealStore

MAX_PATH: Final = 64

_Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class ProvenEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The event, as it is stored: `data` and `metadata` are the stored texts, character for character."""

    position: _Int64
    stream: str
    version: _Int64
    type: str
    schema: _Int64
    data: str
    metadata: str
    recorded_at: _Int64

    def stored(self) -> StoredEvent:
        """What its canonical bytes are made from."""
        return StoredEvent(
            self.position,
            self.version,
            self.schema,
            self.recorded_at,
            self.stream.encode(),
            self.type.encode(),
            self.data.encode(),
            self.metadata.encode(),
        )


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event, its leaf hash, the path from there to the root (lowest first), and the seal over that root."""

    event: ProvenEvent
    leaf: _Hash
    path: Annotated[list[_Hash], Meta(max_length=MAX_PATH)]
    seal: SealDocument
    statement: str
    public_key: str | None = None


class NoProof(Exception):
    """There is none, and the message says why."""


class NoEvent(NoProof):
    """There is no event at this position."""


async def prove(store: SealStore, position: int, *, public_key: bytes | None = None) -> Proof:
    """The proof for the event at a position; `public_key` is only put in. Raises NoProof and LogUnavailable."""
    rows = await store.events(position - 1, position, 1)
    if not rows:
        raise NoEvent(f"there is no event at position {position}")
    seal = await store.at(position)
    if seal is None or seal.last < position:
        raise NoProof(f"the event at position {position} is not yet sealed")
    index = position - seal.first
    leaves = [seal.leaves[start : start + HASH_BYTES] for start in range(0, len(seal.leaves), HASH_BYTES)]
    leaf = leaf_of(rows[0])
    if leaf is None or index >= len(leaves) or leaves[index] != leaf or root(leaves) != seal.root:
        raise NoProof(f"the event at position {position} is not as it was sealed; `trivia events verify` says more")
    return Proof(
        event=_readable(StoredEvent(*rows[0])),
        leaf=leaf.hex(),
        path=[sibling.hex() for sibling in path(leaves, index)],
        seal=SealDocument.of(seal),
        statement=seal.statement().decode(),
        public_key=public_key.hex() if public_key else None,
    )


def _readable(event: StoredEvent) -> ProvenEvent:
    try:
        texts = [text.decode() for text in (event.stream, event.type, event.data, event.metadata)]
    except UnicodeDecodeError as error:
        raise NoProof(f"the event at position {event.position} holds text that is no UTF-8") from error
    stream, kind, data, metadata = texts
    return ProvenEvent(event.position, stream, event.version, kind, event.schema, data, metadata, event.recorded_at)


def check_proof(proof: Proof, public_key: bytes) -> list[str]:
    """What is wrong with a proof, in words; nothing, if it holds. Needs no database."""
    seal: Seal = proof.seal.seal()
    faults = []
    try:
        leaf = leaf_of(proof.event.stored())
    except (UnicodeEncodeError, struct.error):
        leaf = None
    if leaf is None or leaf.hex() != proof.leaf:
        faults.append("the event is not the one whose hash is given")
    size = seal.last - seal.first + 1
    siblings = [bytes.fromhex(sibling) for sibling in proof.path]
    reached = root_of_path(bytes.fromhex(proof.leaf), proof.event.position - seal.first, size, siblings)
    if reached != seal.root:
        faults.append("the path does not lead from the event to the root of the seal")
    if proof.statement.encode("utf-8", "replace") != seal.statement():
        faults.append("the statement is not that of the seal")
    if fault := Signatures([public_key]).fault(seal):
        faults.append(f"the seal {fault}")
    return faults
