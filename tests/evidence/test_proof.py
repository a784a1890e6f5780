"""Proof files: the golden vector byte for byte, and tampering."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.evidence.checkpoint import Checkpoint
from store_service.evidence.errors import EvidenceError, NoteRefused, ProofFails
from store_service.evidence.keys import VerifierKey
from store_service.evidence.merkle import leaf_hash, rebuild
from store_service.evidence.paths import LeafTree, consistency_proof
from store_service.evidence.proof import TlogProof, hash_lines, parse_hashes
from tests.evidence.samples import COSIGNED_AT, LOG, MIRROR, sealed

GOLDEN = Path("tests/golden/tlog_entry_3.tlog-proof").read_text()
GOLDEN_KEYS = [VerifierKey.parse(line) for line in Path("tests/golden/tlog_keys.txt").read_text().splitlines()]
ENTRIES = [b"entry %d" % i for i in range(5)]


def test_the_golden_vector_is_reproduced_byte_for_byte() -> None:
    assert [LOG.verifier, MIRROR.verifier] == GOLDEN_KEYS
    assert str(sealed(ENTRIES, 3)) == GOLDEN
    assert str(TlogProof.parse(GOLDEN)) == GOLDEN


def test_the_golden_root_and_consistency_proof() -> None:
    leaves = [leaf_hash(entry) for entry in ENTRIES]
    root = Checkpoint.of(LOG.name, rebuild(leaves[:3])).text().split("\n")[2]
    assert root == "lPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk="
    assert hash_lines(consistency_proof(3, 5, LeafTree(leaves).node)).split() == [
        "V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=",
        "YcoROfaBWEHVuvLQ0tm9nf7pfImN1ve6DAqpQe5sAes=",
        "WkdmL9ijF9lgSaP59HxV3GfKZgUbqjaD27GbL+CaB7A=",
        "SFM123z+yWXxX/dF/GJcQdXqJkaTaTAWWCj3PdS2iFQ=",
    ]


def test_the_golden_proof_verifies() -> None:
    signed = TlogProof.parse(GOLDEN).verify(b"entry 3", GOLDEN_KEYS, GOLDEN_KEYS)
    assert signed.checkpoint.size == 5
    assert [one.time for one in signed.cosignatures] == [COSIGNED_AT]


def test_the_only_entry_of_a_log_needs_no_hashes() -> None:
    text = str(sealed([b"first"], 0))
    assert TlogProof.parse(text).verify(b"first", [LOG.verifier]).checkpoint.size == 1


def test_another_entry_does_not_verify() -> None:
    with pytest.raises(ProofFails):
        TlogProof.parse(GOLDEN).verify(b"entry 2", GOLDEN_KEYS)


@given(st.integers(0, 8 * len(GOLDEN.encode()) - 1))
def test_a_flipped_bit_is_noticed(bit: int) -> None:
    bent = bytearray(GOLDEN.encode())
    bent[bit // 8] ^= 1 << bit % 8
    try:
        text = bytes(bent).decode()
    except UnicodeDecodeError:
        return
    try:
        signed = TlogProof.parse(text).verify(b"entry 3", GOLDEN_KEYS, GOLDEN_KEYS)
    except EvidenceError:
        return
    assert signed.cosignatures == (), "only a line that became an unknown key's may pass, and it must not count"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("index 3", "index 03"),
        ("index 3", "index -3"),
        ("index 3", "entry 3"),
        ("index 3", "extra AAAA\nindex 3"),
        ("V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n", "V8ef\n"),
        ("V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n", "!\n"),
        ("V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n", "V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n" * 64),
        ("\n\n", "\n"),
    ],
)
def test_malformed_proof_files_are_refused(old: str, new: str) -> None:
    assert old in GOLDEN
    with pytest.raises((ProofFails, NoteRefused)):
        TlogProof.parse(GOLDEN.replace(old, new, 1 if old != "\n\n" else -1))


def test_hash_lines_survive_the_round_trip() -> None:
    hashes = tuple(leaf_hash(entry) for entry in ENTRIES)
    assert parse_hashes(hash_lines(hashes).splitlines()) == hashes
