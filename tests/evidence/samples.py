"""Keys of known seeds, for tests alone, and a small sealed log."""

from store_service.evidence.canonical import canonical, entry_bytes, sha256_hex
from store_service.evidence.checkpoint import Checkpoint, cosign
from store_service.evidence.keys import Cosigner, SigningKey
from store_service.evidence.merkle import leaf_hash, rebuild
from store_service.evidence.paths import LeafTree, inclusion_proof
from store_service.evidence.proof import TlogProof

ORIGIN = "trace.registrant.example/store/SH0042"
LOG = SigningKey.from_seed(ORIGIN, b"\x01" * 32)
MIRROR = Cosigner.from_seed("qa.registrant.example/mirror1", b"\x02" * 32)
COSIGNED_AT = 1_793_686_867


def sealed(entries: list[bytes], index: int, cosigned: bool = True) -> TlogProof:
    """The proof of one entry, under a checkpoint of all of them."""
    leaves = [leaf_hash(entry) for entry in entries]
    note = Checkpoint.of(ORIGIN, rebuild(leaves)).sign(LOG)
    if cosigned:
        note += cosign(note, MIRROR, COSIGNED_AT)
    return TlogProof(index, tuple(inclusion_proof(index, len(leaves), LeafTree(leaves).node)), note)


RECORD: dict[str, object] = {
    "batch": "SH0042-261103-0017K",
    "name": "定制精华液",
    "net_mg": 30_000,
    "sources": ["甲", "乙"],
}
RELEASE = entry_bytes(
    {
        "type": "unit.released",
        "v": 1,
        "site": "SH0042",
        "idx": 3,
        "data": {"record_sha256": "00" * 32, "public_sha256": sha256_hex(canonical(RECORD))},
    }
)
RELEASED_AT_3 = [b"entry 0", b"entry 1", b"entry 2", RELEASE, b"entry 4"]
