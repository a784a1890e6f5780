"""Inclusion and consistency proofs (RFC 6962 §2.1.1 and §2.1.2; verification as in RFC 9162 §2.1.3.2 and §2.1.4.2).

Proofs are made from `node(level, i)`: the root of the complete subtree over leaves [i·2^level, (i+1)·2^level).
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from store_service.evidence.errors import ProofFails
from store_service.evidence.merkle import Head, node_hash

Node = Callable[[int, int], bytes]

TILE_LEVEL = 8
"""Subtrees below 256 leaves are hashed again on demand: remembering them costs memory and saves microseconds."""


class Leaves(Protocol):
    """Leaf hashes by slice: a list, or a database reader that fetches `[begin:end]` in one query."""

    def __getitem__(self, part: slice, /) -> Sequence[bytes]: ...


class LeafTree:
    """Subtree roots on demand over append-only leaves.

    Complete subtrees of 256 leaves and more never change, so they are remembered (one hash per 128 leaves); below
    that, one slice of at most 256 leaves is read.
    """

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._known: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, i: int) -> bytes:
        """The root over leaves [i·2^level, (i+1)·2^level); raises ProofFails where leaves are missing."""
        if level < TILE_LEVEL:
            return self._hash(level, i)
        known = self._known.get((level, i))
        if known is None:
            if level == TILE_LEVEL:
                known = self._hash(level, i)
            else:
                known = node_hash(self.node(level - 1, 2 * i), self.node(level - 1, 2 * i + 1))
            self._known[level, i] = known
        return known

    def _hash(self, level: int, i: int) -> bytes:
        begin, end = i << level, (i + 1) << level
        head = Head.empty().extend(self._leaves[begin:end])
        if head.size != end - begin:
            raise ProofFails(f"leaves {begin} to {end - 1} are not all there")
        return head.root()


def range_root(begin: int, end: int, node: Node) -> bytes:
    """The Merkle tree hash over leaves [begin, end), where a split of RFC 6962 made that range."""
    peaks: list[bytes] = []
    at = begin
    for level in reversed(range((end - begin).bit_length())):
        if (end - begin) >> level & 1:
            peaks.append(node(level, at >> level))
            at += 1 << level
    return Head(end - begin, tuple(peaks)).root()


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]): the sibling hashes from the leaf up."""
    if not 0 <= index < size:
        raise ProofFails(f"there is no entry {index} in a tree of {size}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(begin, middle, node))
            begin = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """PROOF(old, D[new]); empty when `old` is 0 or equals `new`."""
    if not 0 <= old <= new:
        raise ProofFails(f"a tree of {new} does not extend one of {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    begin, end = 0, new
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(begin, middle, node))
            begin = middle
    # The verifier holds the old root; he needs its last piece only when that piece is not the whole old tree.
    if begin:
        path.append(range_root(begin, end, node))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 §2.1.3.2; raises ProofFails unless the leaf hash stands at `index` under `root`."""
    if not 0 <= index < size:
        raise ProofFails(f"there is no entry {index} in a tree of {size}")
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofFails("the inclusion proof is too long")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last or found != root:
        raise ProofFails(f"the inclusion proof does not lead from entry {index} to the root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 §2.1.4.2; raises ProofFails unless the new tree only appends to the old one."""
    if not 0 <= old <= new:
        raise ProofFails(f"a tree of {new} does not extend one of {old}")
    if old in (0, new):
        if proof:
            raise ProofFails("this consistency proof must be empty")
        if old_root != (new_root if old == new else Head.empty().root()):
            raise ProofFails(f"the roots at size {old} differ")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofFails("the consistency proof is empty")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofFails("the consistency proof is too long")
        if place & 1 or place == last:
            old_found, new_found = node_hash(sibling, old_found), node_hash(sibling, new_found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_found = node_hash(new_found, sibling)
        place, last = place >> 1, last >> 1
    if last or old_found != old_root or new_found != new_root:
        raise ProofFails(f"the tree of {new} does not extend the tree of {old}")


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
