"""Proof files (`.tlog-proof`, C2SP tlog-proof): one entry, its path, the checkpoint it leads to."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store_service.evidence.checkpoint import SignedCheckpoint, open_checkpoint, parse_decimal
from store_service.evidence.errors import ProofFails
from store_service.evidence.keys import VerifierKey
from store_service.evidence.merkle import HASH_BYTES, leaf_hash
from store_service.evidence.note import decode_base64
from store_service.evidence.paths import verify_inclusion

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The entry's index, the sibling hashes from the leaf up, and the signed checkpoint note."""

    index: int
    hashes: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        return f"{FIRST_LINE}\nindex {self.index}\n{hash_lines(self.hashes)}\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> "TlogProof":
        """The proof in a file; raises ProofFails or NoteRefused.

        An `extra` line is refused: nothing authenticates it, so nothing of ours writes one.
        """
        head, gap, note = text.partition("\n\n")
        first, *rest = head.split("\n")
        if not gap or first != FIRST_LINE or not rest or not rest[0].startswith("index "):
            raise ProofFails(f"not a proof file: {FIRST_LINE!r}, then the index, then the hashes, are expected")
        return cls(parse_decimal(rest[0].removeprefix("index ")), parse_hashes(rest[1:]), note)

    def verify(
        self, entry: bytes, log_keys: Sequence[VerifierKey], cosigners: Iterable[VerifierKey] = ()
    ) -> SignedCheckpoint:
        """The checkpoint under which `entry` stands at `index`; raises ProofFails or NoteRefused.

        Cosignatures are reported, not required: how many are wanted, and whose, is the asker's policy.
        """
        signed = open_checkpoint(self.note, log_keys, cosigners)
        checkpoint = signed.checkpoint
        verify_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.hashes, checkpoint.root)
        return signed


def hash_lines(hashes: Iterable[bytes]) -> str:
    """One base64 hash a line, as proof files and `add-checkpoint` carry them."""
    return "".join(f"{base64.b64encode(one).decode()}\n" for one in hashes)


def parse_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """At most 63 base64 hashes of 32 bytes; raises ProofFails."""
    if len(lines) > MAX_HASHES:
        raise ProofFails(f"a proof has at most {MAX_HASHES} hashes")
    try:
        hashes = tuple(decode_base64(line) for line in lines)
    except ValueError as error:
        raise ProofFails(f"a hash is not base64: {error}") from error
    if any(len(one) != HASH_BYTES for one in hashes):
        raise ProofFails(f"a hash has {HASH_BYTES} bytes")
    return hashes
