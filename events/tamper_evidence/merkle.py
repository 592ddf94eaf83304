"""Merkle trees as in RFC 6962, section 2.1, and their inclusion proofs (RFC 9162, section 2.1.3).

A leaf is SHA-256(0x00 || bytes), a node SHA-256(0x01 || left || right). The two prefixes keep a node from passing for a leaf.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of what is above two hashes."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in order; the hash of nothing, for none."""
    if not leaves:
        return sha256().digest()
    level = leaves
    while len(level) > 1:
        level = _above(level)
    return level[0]


def _above(level: Sequence[bytes]) -> list[bytes]:
    # Level by level, an odd last hash going up as it is: the same tree as the RFC's recursion, without its calls.
    nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
    if len(level) % 2:
        nodes.append(level[-1])
    return nodes


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from the leaf at `index` to the root, lowest first. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    found = []
    level = leaves
    while len(level) > 1:
        if (sibling := index ^ 1) < len(level):
            found.append(level[sibling])
        level = _above(level)
        index //= 2
    return found


def root_of_path(leaf: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads from the leaf at `index` of a tree of `size` leaves; None for a path that fits no such tree."""
    if not 0 <= index < size:
        return None
    last = size - 1
    reached = leaf
    for sibling in hashes:
        if last == 0:
            return None
        if index % 2 or index == last:
            reached = node_hash(sibling, reached)
            while index and not index % 2:
                index //= 2
                last //= 2
        else:
            reached = node_hash(reached, sibling)
        index //= 2
        last //= 2
    return reached if last == 0 else None
