"""Re-hash the whole log on start and compare it with what was signed (RECORD.md §1)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from store_service.evidence.checkpoint import Checkpoint, open_checkpoint, verify_cosignatures
from store_service.evidence.errors import EvidenceError
from store_service.evidence.keys import VerifierKey
from store_service.evidence.merkle import Head, leaf_hash
from store_service.evidence.note import parse_note, parse_signatures
from store_service.records.ledger import Ledger
from store_service.records.tables import checkpoint, cosignature, entry, head

ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Verified:
    """Every entry hashes to its leaf and every seal to its root; `sealed` of `size` are under a signature."""

    size: int
    sealed: int


@dataclass(frozen=True, slots=True)
class Broken:
    """The log is not what was signed. `detail` is for QA; the clerk's words stand in `ledger.frozen`."""

    detail: str


def verify_log(ledger: Ledger, cosigners: tuple[VerifierKey, ...] = ()) -> Verified | Broken:
    """Check entries, leaves, head, every checkpoint's text, the newest signature and cosignature; freeze if broken."""
    try:
        with ledger.read() as connection:
            return _verify(connection, ledger, cosigners)
    except (EvidenceError, _Wrong) as wrong:
        ledger.frozen = (
            f"记录簿校验不通过（{wrong}），为保护消费者和门店，现在不能调配。请不要自行处理，请立即联系总部质量部门。",
            f"The records do not agree with their seal ({wrong}). Nothing can be blended; call head office quality.",
        )
        return Broken(str(wrong))


class _Wrong(Exception):
    pass


def _verify(connection: Connection, ledger: Ledger, cosigners: tuple[VerifierKey, ...]) -> Verified:
    site, origin = ledger.site, ledger.key.name
    notes: list[tuple[int, str]] = [
        (row.size, row.note)
        for row in connection.execute(
            select(checkpoint.c.size, checkpoint.c.note)
            .where(checkpoint.c.store_id == site)
            .order_by(checkpoint.c.size)
        )
    ]
    seals = iter(notes)
    seal = next(seals, None)
    tree = Head.empty()
    query = select(entry.c.idx, entry.c.body, entry.c.leaf).where(entry.c.store_id == site).order_by(entry.c.idx)
    with connection.execute(query, execution_options={"yield_per": ROWS}) as found:
        for rows in found.partitions():
            leaves = []
            for offset, (idx, body, leaf) in enumerate(rows):
                if idx != tree.size + offset:
                    raise _Wrong(f"entry {tree.size + offset}")
                computed = leaf_hash(body)
                if computed != leaf:
                    raise _Wrong(f"entry {idx}")
                leaves.append(computed)
            start = tree.size
            while seal is not None and seal[0] <= start + len(leaves):
                tree = tree.extend(leaves[tree.size - start : seal[0] - start])
                _same_text(origin, seal, tree)
                seal = next(seals, None)
            tree = tree.extend(leaves[tree.size - start :])
    if seal is not None and seal[0] == tree.size == 0:
        _same_text(origin, seal, tree)
        seal = next(seals, None)
    if seal is not None:
        raise _Wrong(f"entries {tree.size} … {seal[0] - 1}")
    _same_head(connection, site, tree)
    if notes:
        open_checkpoint(notes[-1][1], [ledger.key.verifier])
    _cosigned(connection, site, dict(notes), cosigners)
    return Verified(tree.size, notes[-1][0] if notes else 0)


def _same_text(origin: str, seal: tuple[int, str], tree: Head) -> None:
    # A size below the one reached would have been passed: primary keys come in order, so the slice is never negative.
    size, note = seal
    if tree.size != size or not note.startswith(Checkpoint.of(origin, tree).text() + "\n"):
        raise _Wrong(f"seal {size}")


def _same_head(connection: Connection, site: str, tree: Head) -> None:
    row = connection.execute(select(head.c.size, head.c.peaks).where(head.c.store_id == site)).one_or_none()
    size, peaks = (row.size, bytes(row.peaks)) if row else (0, Head.empty().to_bytes())
    if size != tree.size or peaks != tree.to_bytes():
        raise _Wrong(f"head {size}, {tree.size}")


def _cosigned(connection: Connection, site: str, notes: dict[int, str], cosigners: tuple[VerifierKey, ...]) -> None:
    query = select(cosignature.c.size, cosignature.c.line).where(cosignature.c.store_id == site)
    row = connection.execute(query.order_by(cosignature.c.size.desc()).limit(1)).one_or_none()
    if row is None:
        return
    if row.size not in notes:
        raise _Wrong(f"cosigned {row.size}")
    verify_cosignatures(parse_note(notes[row.size]).text, parse_signatures(row.line), cosigners)
