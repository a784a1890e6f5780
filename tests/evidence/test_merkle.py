"""The tree against RFC 6962's own definition, read naively, and against published roots."""

import hashlib
import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.evidence.errors import ProofFails
from store_service.evidence.merkle import EMPTY_ROOT, Head, leaf_hash, rebuild
from store_service.evidence.paths import (
    LeafTree,
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(b"entry %d" % i) for i in range(700)]
TREE = LeafTree(LEAVES)

REFERENCE_INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
REFERENCE_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""The Certificate Transparency reference implementation's test tree."""


@cache
def naive_root(begin: int, end: int) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if end == begin:
        return hashlib.sha256(b"").digest()
    if end - begin == 1:
        return LEAVES[begin]
    k = 1
    while 2 * k < end - begin:
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(begin, begin + k) + naive_root(begin + k, end)).digest()


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


def test_published_roots() -> None:
    for size, root in REFERENCE_ROOTS.items():
        assert rebuild(leaf_hash(data) for data in REFERENCE_INPUTS[:size]).root().hex() == root


def test_roots_of_sizes_0_to_300_appended_one_by_one() -> None:
    head = Head.empty()
    assert head.root() == EMPTY_ROOT
    for size in range(1, 301):
        head = head.append(LEAVES[size - 1])
        assert head.root() == naive_root(0, size)
        assert head == rebuild(LEAVES[:size])
        assert Head.from_bytes(head.to_bytes()) == head


@given(st.integers(0, 700), st.integers(0, 700))
def test_extending_in_two_steps_is_extending_in_one(first: int, second: int) -> None:
    a, b = sorted((first, second))
    assert rebuild(LEAVES[:a]).extend(LEAVES[a:b]) == rebuild(LEAVES[:b])


@pytest.mark.parametrize("data", [b"", b"\0" * 7, b"\0" * 9, b"\0" * 7 + b"\1", b"\0" * 7 + b"\3" + b"x" * 32])
def test_a_damaged_stored_head_is_refused(data: bytes) -> None:
    with pytest.raises(ProofFails):
        Head.from_bytes(data)


def test_every_inclusion_proof_up_to_40_and_some_up_to_700() -> None:
    pairs = [(index, size) for size in range(1, 41) for index in range(size)]
    pairs += [(index, size) for size in (255, 256, 257, 300, 511, 512, 513, 700) for index in range(0, size, 37)]
    for index, size in pairs:
        proof = inclusion_proof(index, size, TREE.node)
        verify_inclusion(LEAVES[index], index, size, proof, naive_root(0, size))


def test_every_consistency_proof_up_to_40_and_some_up_to_700() -> None:
    pairs = [(old, new) for new in range(41) for old in range(new + 1)]
    pairs += [(old, new) for new in (256, 257, 300, 512, 700) for old in range(0, new + 1, 31)]
    for old, new in pairs:
        proof = consistency_proof(old, new, TREE.node)
        verify_consistency(old, naive_root(0, old), new, naive_root(0, new), proof)


@given(st.integers(2, 700), st.data())
def test_any_change_to_an_inclusion_proof_fails(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, TREE.node), naive_root(0, size)
    bit, which = data.draw(st.integers(0, 255)), data.draw(st.integers(0, len(proof) - 1))
    bent = [flip(one, bit) if place == which else one for place, one in enumerate(proof)]
    other = data.draw(st.integers(0, size - 1).filter(lambda value: value != index))
    for leaf, at, of, path, top in (
        (LEAVES[index], index, size, bent, root),
        (flip(LEAVES[index], bit), index, size, proof, root),
        (LEAVES[index], index, size, proof, flip(root, bit)),
        (LEAVES[index], other, size, proof, root),
        (LEAVES[index], index, size, proof[:-1], root),
        (LEAVES[index], index, size, [*proof, root], root),
        (LEAVES[index], size, size, proof, root),
        (LEAVES[index], -1, size, proof, root),
    ):
        with pytest.raises(ProofFails):
            verify_inclusion(leaf, at, of, path, top)


@given(st.integers(2, 700), st.data())
def test_any_change_to_a_consistency_proof_fails(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(old, new, TREE.node)
    before, after = naive_root(0, old), naive_root(0, new)
    bit, which = data.draw(st.integers(0, 255)), data.draw(st.integers(0, len(proof) - 1))
    bent = [flip(one, bit) if place == which else one for place, one in enumerate(proof)]
    for first, last, path in (
        (before, after, bent),
        (flip(before, bit), after, proof),
        (before, flip(after, bit), proof),
        (before, after, proof[:-1]),
        (before, after, [*proof, after]),
        (before, after, []),
    ):
        with pytest.raises(ProofFails):
            verify_consistency(old, first, new, last, path)


def test_a_rewritten_past_is_not_consistent() -> None:
    rng = random.Random(7)
    for _ in range(50):
        old = rng.randrange(1, 300)
        new = rng.randrange(old, 301)
        forged = list(LEAVES[:new])
        forged[rng.randrange(old)] = leaf_hash(b"forged")
        proof = consistency_proof(old, new, LeafTree(forged).node)
        with pytest.raises(ProofFails):
            verify_consistency(old, naive_root(0, old), new, rebuild(forged).root(), proof)


def test_consistency_with_nothing_and_with_itself_needs_no_proof() -> None:
    root = naive_root(0, 5)
    verify_consistency(0, EMPTY_ROOT, 5, root, [])
    verify_consistency(5, root, 5, root, [])
    for old, old_root, new, new_root, proof in (
        (5, root, 5, flip(root, 0), []),
        (0, root, 5, root, []),
        (0, EMPTY_ROOT, 5, root, [root]),
        (6, root, 5, root, []),
        (-1, root, 5, root, []),
    ):
        with pytest.raises(ProofFails):
            verify_consistency(old, old_root, new, new_root, proof)


def test_a_tree_over_a_growing_log_keeps_proving() -> None:
    growing: list[bytes] = []
    tree = LeafTree(growing)
    for size in (1, 255, 256, 300, 512, 700):
        growing.extend(LEAVES[len(growing) : size])
        for index in {0, size // 2, size - 1}:
            verify_inclusion(LEAVES[index], index, size, inclusion_proof(index, size, tree.node), naive_root(0, size))


def test_proofs_beyond_the_leaves_are_refused() -> None:
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(ProofFails):
            inclusion_proof(index, size, TREE.node)
    with pytest.raises(ProofFails, match="not all there"):
        inclusion_proof(0, 701, TREE.node)
    for old, new in ((-1, 3), (4, 3)):
        with pytest.raises(ProofFails):
            consistency_proof(old, new, TREE.node)


def test_a_proof_reads_slices_of_at_most_256_leaves() -> None:
    class Counting(list[bytes]):
        widest = 0

        def __getitem__(self, part):  # type: ignore[no-untyped-def,override]
            found = super().__getitem__(part)
            self.widest = max(self.widest, len(found))
            return found

    leaves = Counting(LEAVES)
    inclusion_proof(3, 700, LeafTree(leaves).node)
    assert 0 < leaves.widest <= 256
