"""An export that verifies: a stretch of the log as it was hashed, the checkpoint above it, and how to check it.

`manifest.json` carries the tree's peaks before the first exported entry. Whoever appends the leaves of the exported
entries to those peaks must reach the root that the checkpoint signs; a changed, missing or added entry never does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from store_service.evidence.canonical import parse_entry, sha256_hex
from store_service.evidence.checkpoint import open_checkpoint
from store_service.evidence.errors import ProofFails
from store_service.evidence.keys import VerifierKey
from store_service.evidence.merkle import Head, leaf_hash
from store_service.records.projections.blending import unit
from store_service.records.tables import blob, checkpoint, entry
from store_service.rules.dates import beijing_date
from store_service.trace.proofs import Seal, seal_at

ROWS = 2_000
HOW = (
    "Append SHA-256(0x00 || entry) of every line of entries.jsonl, in order, to the peaks in `before` (RFC 6962, "
    "compact range). The root must be that of checkpoint.txt, which must be signed by the log's key."
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries [first, size): what was asked for, and up to a minute more, until the next checkpoint."""

    first: int
    size: int
    before: Head
    seal: Seal


class NothingThere(ValueError):
    """No sealed entry lies between the two days."""


def export(
    connection: Connection, site: str, day_from: date, day_to: date, out: Path, keys: Sequence[VerifierKey]
) -> dict[str, Any]:
    """Write the entries of some Beijing days, both included, into the new folder `out`; returns the manifest.

    Raises FileExistsError for a folder that is there, NothingThere, and ProofFails when the log does not verify.
    """
    stretch = _stretch(connection, site, day_from, day_to)
    out.mkdir(parents=True)
    files = {
        "entries.jsonl": _entry_lines(connection, site, stretch),
        "records.jsonl": _record_lines(connection, site, stretch),
        "checkpoint.txt": iter([stretch.seal.note]),
        "keys.txt": iter([f"{key}\n" for key in keys]),
    }
    for name, lines in files.items():
        with (out / name).open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
    manifest = {
        "site": site,
        "from": day_from.isoformat(),
        "to": day_to.isoformat(),
        "first": stretch.first,
        "size": stretch.size,
        "entries": stretch.size - stretch.first,
        "before": [base64.b64encode(peak).decode() for peak in stretch.before.peaks],
        "how_to_check": HOW,
        "files": {name: sha256_hex((out / name).read_bytes()) for name in files},
    }
    (out / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8")
    check_export(out, keys)
    return manifest


def check_export(folder: Path, keys: Sequence[VerifierKey]) -> int:
    """Check an export with trusted keys; returns how many entries it holds. Raises EvidenceError or ValueError."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, digest in manifest["files"].items():
        if sha256_hex((folder / name).read_bytes()) != digest:
            raise ProofFails(f"{name} is not the file that was exported")
    tree = Head(manifest["first"], tuple(base64.b64decode(peak) for peak in manifest["before"]))
    with (folder / "entries.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["idx"] != tree.size:
                raise ProofFails(f"entry {tree.size} is missing")
            tree = tree.append(leaf_hash(base64.b64decode(row["entry"])))
    signed = open_checkpoint((folder / "checkpoint.txt").read_text("utf-8"), keys).checkpoint
    if (tree.size, tree.root()) != (signed.size, signed.root):
        raise ProofFails("the exported entries do not lead to the signed root")
    return tree.size - int(manifest["first"])


def _stretch(connection: Connection, site: str, day_from: date, day_to: date) -> Stretch:
    """Order is the index, never the time: from the first entry of those days to the last, whatever lies between."""
    first, last, before, tree = None, None, Head.empty(), Head.empty()
    for idx, body, leaf in _rows(connection, site, 0):
        if day_from <= beijing_date(datetime.fromisoformat(str(parse_entry(body)["at"]))) <= day_to:
            if first is None:
                first, before = idx, tree
            last = idx
        tree = tree.append(leaf)
    above = select(func.min(checkpoint.c.size)).where(checkpoint.c.store_id == site, checkpoint.c.size > (last or 0))
    size = None if last is None else connection.execute(above).scalar()
    seal = None if size is None else seal_at(connection, site, size)
    if first is None or seal is None:
        raise NothingThere(f"no sealed entry from {day_from} to {day_to}")
    return Stretch(first, seal.size, before, seal)


def _rows(connection: Connection, site: str, first: int) -> Iterator[tuple[int, bytes, bytes]]:
    query = (
        select(entry.c.idx, entry.c.body, entry.c.leaf)
        .where(entry.c.store_id == site, entry.c.idx >= first)
        .order_by(entry.c.idx)
    )
    for idx, body, leaf in connection.execute(query, execution_options={"yield_per": ROWS}):
        yield idx, bytes(body), bytes(leaf)


def _entry_lines(connection: Connection, site: str, stretch: Stretch) -> Iterator[str]:
    for idx, body, _ in _rows(connection, site, stretch.first):
        if idx >= stretch.size:
            return
        yield json.dumps({"idx": idx, "entry": base64.b64encode(body).decode()}) + "\n"


def _record_lines(connection: Connection, site: str, stretch: Stretch) -> Iterator[str]:
    """The whole record of every unit released in the stretch, as it was sealed."""
    query = (
        select(unit.c.batch, unit.c.released_idx, unit.c.record_sha256, blob.c.body)
        .join(blob, blob.c.sha256 == unit.c.record_sha256)
        .where(unit.c.store_id == site, unit.c.released_idx >= stretch.first, unit.c.released_idx < stretch.size)
        .order_by(unit.c.released_idx)
    )
    for batch, idx, digest, body in connection.execute(query):
        row = {"batch": batch, "idx": idx, "record_sha256": digest, "record": json.loads(bytes(body))}
        yield json.dumps(row, ensure_ascii=False) + "\n"
