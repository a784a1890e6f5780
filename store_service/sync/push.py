"""Shop → head office: offer the newest checkpoint, send the entries below it, keep the cosignature (protocol §4).

No cursor is kept on disk: how far head office has come is what head office says.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence

from store_service.evidence.checkpoint import add_cosignatures, parse_decimal
from store_service.evidence.errors import EvidenceError
from store_service.evidence.keys import VerifierKey
from store_service.evidence.note import parse_signatures
from store_service.evidence.paths import LeafTree, consistency_proof
from store_service.evidence.wire import AddCheckpoint, AddEntries, MirrorInfo, packages
from store_service.records.ledger import Ledger
from store_service.records.projection import upsert
from store_service.records.tables import cosignature

from .blobs import BlobPusher
from .link import Link
from .log import DbLeaves, Seal, entries_of, newest_ack, newest_seal
from .outcome import Acked, Halted, Nonsense, Outcome, Refused, Sending

PACKAGES_A_CALL = 16
BYTES_A_CALL = 2**20
CALLS_A_STEP = 8
OFFERS = 4
"""The first says an old size, the second is answered twice by a proxy that repeated it; one to spare."""


class Pusher:
    """One shop's log on its way to the mirror whose keys are `mirror_keys`."""

    def __init__(self, ledger: Ledger, link: Link, mirror_keys: Sequence[VerifierKey]) -> None:
        self._ledger, self._link, self._mirror_keys = ledger, link, tuple(mirror_keys)
        self._origin = ledger.key.name
        self._tree = LeafTree(DbLeaves(ledger))
        self._blobs = BlobPusher(ledger, link)
        self._told = 0

    def step(self) -> Outcome:
        """One round, bounded in calls. Never raises for what a hub or a network does."""
        try:
            return self._round()
        except Halted as halted:
            return halted.outcome
        except EvidenceError as error:
            return Nonsense(str(error))

    def _round(self) -> Outcome:
        with self._ledger.read() as connection:
            seal, acked = newest_seal(connection, self._ledger.site), newest_ack(connection, self._ledger.site).size
        if seal is not None and seal.size > acked:
            self._offer(seal, acked)
            outcome = self._deliver(seal, max(acked, min(self._told, seal.size)))
            if isinstance(outcome, Sending):
                return outcome
            acked = seal.size
        self._blobs.push(below=acked)
        return Acked(acked)

    def _offer(self, seal: Seal, old: int) -> None:
        for _ in range(OFFERS):
            proof = tuple(consistency_proof(old, seal.size, self._tree.node))
            body = AddCheckpoint(old, proof, seal.note).body()
            reply = self._link.ask(
                "POST", "/api/v1/sync/add-checkpoint", body, {"Content-Type": "text/plain; charset=utf-8"}
            )
            if reply.status == 200:
                return
            if reply.status != 409 or reply.media != "text/x.tlog.size":
                raise reply.no()
            old = parse_decimal(reply.text().removesuffix("\n"))
            if old > seal.size:
                raise Halted(Refused("ahead", f"head office knows a checkpoint of {old}, this log ends at {seal.size}"))
        raise Halted(Nonsense("head office names another size each time"))

    def _deliver(self, seal: Seal, start: int) -> Acked | Sending:
        for _ in range(CALLS_A_STEP):
            upload = AddEntries(self._origin, start, seal.size, self._whole_packages(start, seal.size))
            headers = {"Content-Type": "application/octet-stream", "Content-Encoding": "gzip"}
            body = gzip.compress(upload.body(), compresslevel=6, mtime=0)
            reply = self._link.ask("POST", "/api/v1/sync/add-entries", body, headers)
            if reply.status == 200:
                self._keep(seal, reply.text())
                return Acked(seal.size)
            if reply.status not in (202, 409) or reply.media != "text/x.tlog.mirror-info":
                raise reply.no()
            info = MirrorInfo.parse(reply.body)
            forward = reply.status == 202 and start < info.next_entry < seal.size
            back = reply.status == 409 and info.next_entry < start
            if info.size != seal.size or not (forward or back):
                raise Halted(Nonsense(f"after entries from {start} of {seal.size} came {info}"))
            self._told = start = info.next_entry
        return Sending(start, seal.size)

    def _whole_packages(self, start: int, end: int) -> tuple[bytes, ...]:
        chosen: list[bytes] = []
        for count, package in enumerate(self._read(start, end), start=1):
            chosen += package
            if count == PACKAGES_A_CALL or sum(map(len, chosen)) >= BYTES_A_CALL:
                break
        return tuple(chosen)

    def _read(self, start: int, end: int) -> Iterator[list[bytes]]:
        for begin, after in packages(start, end):
            with self._ledger.read() as connection:
                yield entries_of(connection, self._ledger.site, begin, after)

    def _keep(self, seal: Seal, lines: str) -> None:
        signed = add_cosignatures(seal.note, lines, self._mirror_keys)
        if signed is None:
            raise Halted(Nonsense("head office answered without its cosignature"))
        keep_cosignatures(self._ledger, seal.size, lines, self._mirror_keys)


def keep_cosignatures(ledger: Ledger, size: int, lines: str, keys: Sequence[VerifierKey]) -> None:
    """Store those verified lines, one for each known key, that stand by the checkpoint of `size`."""
    rows = [
        {"store_id": ledger.site, "size": size, "signer": key.name, "at": ledger.clock.now(), "line": line.line()}
        for line in parse_signatures(lines)
        for key in keys
        if key.made(line)
    ]
    with ledger.database.write() as connection:
        upsert(connection, cosignature, rows)
