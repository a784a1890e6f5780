"""How long a shop takes to check a store-year of entries before it serves, beside hashing the same bytes."""

from __future__ import annotations

import hashlib
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from store_service.clock import Clock
from store_service.database.engines import Database
from store_service.database.migrate import migrate
from store_service.evidence.keys import SigningKey
from store_service.evidence.merkle import Head, leaf_hash
from store_service.records.event import encode
from store_service.records.events.blending import ContainerScanned
from store_service.records.ledger import Ledger
from store_service.records.projection import upsert
from store_service.records.tables import entry, head
from store_service.sync.startup import Verified, verify_log

ENTRIES, PAGE = 330_000, 5_000


def fill(database: Database, ledger: Ledger, entries: int) -> int:
    """A log of scans, appended in pages without projections; returns its bytes."""
    peaks, size, now = Head.empty(), 0, ledger.clock.now()
    payload = ContainerScanned(unit_id="u-bench", product_id="SRC-A", container_id="C-1", lot_no="L1", manual=False)
    with database.write() as connection:
        for start in range(0, entries, PAGE):
            rows = []
            for idx in range(start, min(start + PAGE, entries)):
                body = encode(
                    payload, site=ledger.site, idx=idx, at=now, boot_id="bench", mono_ns=idx, clock_offset_ms=0,
                    actor="s-01",
                )  # fmt: skip
                leaf = leaf_hash(body)
                peaks, size = peaks.append(leaf), size + len(body)
                rows.append({"store_id": ledger.site, "idx": idx, "body": body, "leaf": leaf})
            connection.execute(insert(entry), rows)
        row = {"store_id": ledger.site, "size": peaks.size, "peaks": peaks.to_bytes(), "last_at": now}
        upsert(connection, head, [row])
        ledger.sign(connection)
    return size


def measure(entries: int = ENTRIES) -> dict[str, float]:
    """Seconds to verify the log, seconds to hash as many bytes, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'store.db'}")
        migrate(database)
        key = SigningKey.from_seed("bench.example/log", b"\1" * 32)
        ledger = Ledger(database, "SH0042", key, Clock(), "bench")
        size = fill(database, ledger, entries)
        begun = time.perf_counter()
        found = verify_log(ledger)
        verified = time.perf_counter() - begun
        if not isinstance(found, Verified):
            raise AssertionError(found)
        chunk = b"x" * (size // entries)
        begun = time.perf_counter()
        for _ in range(entries):
            hashlib.sha256(chunk).digest()
        hashing = time.perf_counter() - begun
        database.close()
    return {"entries": entries, "verify_s": verified, "hash_only_s": hashing, "ratio": verified / hashing}
