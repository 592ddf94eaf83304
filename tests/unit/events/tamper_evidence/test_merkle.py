"""Merkle trees against the RFC's own recursion, its test values, and everything that could be passed off as a proof."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.tamper_evidence.merkle import leaf_hash, node_hash, path, root, root_of_path

ENTRIES = st.lists(st.binary(max_size=20), max_size=70)
HASHES = st.binary(min_size=32, max_size=32)


def naive_root(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return sha256(b"\x01" + naive_root(entries[:split]) + naive_root(entries[split:])).digest()


def naive_path(entries: list[bytes], index: int) -> list[bytes]:
    if len(entries) <= 1:
        return []
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if index < split:
        return [*naive_path(entries[:split], index), naive_root(entries[split:])]
    return [*naive_path(entries[split:], index - split), naive_root(entries[:split])]


@given(ENTRIES)
def test_the_root_is_that_of_the_rfc(entries: list[bytes]) -> None:
    assert root([leaf_hash(entry) for entry in entries]) == naive_root(entries)


def test_known_roots() -> None:
    # The tree of Certificate Transparency's own reference implementation: eight entries of its tests.
    entries = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243")]
    entries += [bytes.fromhex("5051525354555657"), bytes.fromhex("606162636465666768696a6b6c6d6e6f")]
    leaves = [leaf_hash(entry) for entry in entries]
    assert root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(ENTRIES.filter(bool), st.data())
def test_every_leaf_has_a_path_to_the_root(entries: list[bytes], data: st.DataObject) -> None:
    leaves = [leaf_hash(entry) for entry in entries]
    index = data.draw(st.integers(0, len(leaves) - 1))
    found = path(leaves, index)
    assert found == naive_path(entries, index)
    assert root_of_path(leaves[index], index, len(leaves), found) == root(leaves)


@given(st.lists(HASHES, min_size=1, max_size=40, unique=True), st.data())
def test_nothing_else_has_that_path(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    found = path(leaves, index)
    other = data.draw(st.integers(-1, len(leaves) + 1).filter(lambda n: n != index))
    assert root_of_path(leaves[index], other, len(leaves), found) != root(leaves)
    assert root_of_path(data.draw(HASHES.filter(lambda h: h != leaves[index])), index, len(leaves), found) != root(
        leaves
    )
    assert root_of_path(leaves[index], index, len(leaves), [*found, leaves[0]]) is None
    if found:
        assert root_of_path(leaves[index], index, len(leaves), found[:-1]) is None


def test_a_node_does_not_pass_for_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_path_from_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        path([leaf_hash(b"")] * 3, index)
