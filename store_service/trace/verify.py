"""Check a proof and a record file with keys from elsewhere; `tools/verify.py` does the same without this package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from store_service.evidence.canonical import parse_entry
from store_service.evidence.errors import EvidenceError, ProofFails
from store_service.evidence.keys import KeyType, VerifierKey
from store_service.evidence.proof import TlogProof
from store_service.evidence.record_file import RecordFile


@dataclass(frozen=True, slots=True)
class Checked:
    """`failed` says what does not hold; None when everything in `holds` is all there was to check."""

    holds: tuple[str, ...]
    failed: str | None

    def to_json(self) -> dict[str, Any]:
        return {"verified": self.failed is None, "checked": list(self.holds), "failed": self.failed}


def check(proof: str, record: bytes, keys: str) -> Checked:
    """Check what a consumer holds. A cosignature is wanted as soon as `keys` names a cosigner."""
    holds: list[str] = []
    try:
        _check(proof, record, keys, holds)
    except (EvidenceError, ValueError) as broken:
        return Checked(tuple(holds), str(broken))
    return Checked(tuple(holds), None)


def _check(proof: str, record: bytes, keys: str, holds: list[str]) -> None:
    rows = [line.strip() for line in keys.splitlines()]
    trusted = [VerifierKey.parse(row) for row in rows if row and not row.startswith("#")]
    entry = _entry(record, holds)
    parsed = TlogProof.parse(proof)
    said = parse_entry(entry).get("idx")
    if said != parsed.index:
        raise ProofFails(f"the entry calls itself number {said}, the proof says {parsed.index}")
    logs = [key for key in trusted if key.kind is KeyType.ED25519]
    watchers = [key for key in trusted if key.kind is KeyType.COSIGNATURE]
    signed = parsed.verify(entry, logs, watchers)
    size = signed.checkpoint.size
    holds.append(f"the entry is number {parsed.index} of the {size} entries that the log's root covers")
    holds.append(f"the log {signed.checkpoint.origin} signed that root")
    for one in signed.cosignatures:
        holds.append(f"{one.key.name} cosigned it at {datetime.fromtimestamp(one.time, UTC).isoformat()}")
    if watchers and not signed.cosignatures:
        raise ProofFails("no trusted party has cosigned; a fresh entry may need a while")
    if not signed.cosignatures:
        holds.append("nobody but the shop itself vouches for the log yet: it could still have been rewritten")


def _entry(record: bytes, holds: list[str]) -> bytes:
    try:
        file = json.loads(record, object_pairs_hook=_once)
    except RecursionError as deep:
        raise ProofFails("the record is nested too deeply") from deep
    if not isinstance(file, dict) or set(file) != {"entry", "record"}:
        return record
    found = RecordFile.of(file).entry
    holds.append("the record is, to the byte, the one sealed when the unit was released")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers may read a repeated name differently."""
    if len(found := dict(pairs)) != len(pairs):
        raise ProofFails("a name is given twice")
    return found
