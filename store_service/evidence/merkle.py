"""The Merkle tree of RFC 6962 §2: leaf and node hashes, and the head as a compact range.

A head is the tree's size and the roots of its complete subtrees, largest first: one for each 1 bit of the size.
Appending needs nothing else, so a log of any length carries fewer than 64 hashes.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from store_service.evidence.errors import ProofFails

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Head:
    """A tree of `size` leaves as its compact range; `peaks` are 32-byte roots, the largest subtree first."""

    size: int
    peaks: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ProofFails(f"a head of size {self.size} cannot have {len(self.peaks)} peaks")

    @classmethod
    def empty(cls) -> "Head":
        """The tree without leaves."""
        return cls(0, ())

    def append(self, leaf: bytes) -> "Head":
        """The head after one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> "Head":
        """The head after more leaf hashes, in order; memory stays constant however many come."""
        size, peaks = self.size, list(self.peaks)
        sha256 = hashlib.sha256
        for leaf in leaves:
            node, carry = leaf, size
            # Each trailing 1 bit of the size is a complete subtree as large as the node in hand: merge them.
            while carry & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                carry >>= 1
            peaks.append(node)
            size += 1
        return Head(size, tuple(peaks))

    def root(self) -> bytes:
        """The Merkle tree hash over all leaves (RFC 6962 §2.1)."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def to_bytes(self) -> bytes:
        """The size as 8 bytes, big-endian, then the peaks, for storage."""
        return self.size.to_bytes(8, "big") + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Head":
        """The head that `to_bytes` stored; raises ProofFails if the bytes cannot be one."""
        if len(data) < 8 or (len(data) - 8) % HASH_BYTES:
            raise ProofFails(f"a stored head cannot have {len(data)} bytes")
        peaks = tuple(data[at : at + HASH_BYTES] for at in range(8, len(data), HASH_BYTES))
        return cls(int.from_bytes(data[:8], "big"), peaks)


def rebuild(leaves: Iterable[bytes]) -> Head:
    """The head over all leaf hashes from index 0: what start-up compares with the signed head."""
    return Head.empty().extend(leaves)
