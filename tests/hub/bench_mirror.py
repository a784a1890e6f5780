"""How many entries head office verifies, stores and cosigns a second: python -m tests.hub.bench_mirror

Each batch is 256 entries, one add-checkpoint and one add-entries with the bodies as they come over the wire, into
PostgreSQL with its default of syncing every commit to disk. Two shops send at once. Projections are measured after.
"""

from __future__ import annotations

import sys
import threading
import time

from store_service.evidence.checkpoint import Checkpoint
from store_service.evidence.merkle import Head, leaf_hash
from store_service.evidence.paths import LeafTree, consistency_proof
from store_service.evidence.wire import AddCheckpoint, AddEntries
from store_service.hub.commands import enrol
from store_service.hub.feed import follow
from store_service.hub.hub import Enrolled, Hub
from store_service.hub.mirror import add_entries
from store_service.hub.witness import add_checkpoint
from store_service.records.event import encode
from store_service.records.events.site import ActRefused
from tests.hub.postgres import fresh_database, running_server
from tests.sync.world import NOW, Dial, log_key, make_hub

BATCH = 256
BATCHES = 200
SHOPS = ("SH0042", "SH0043")


def bodies(store_id: str) -> list[tuple[bytes, bytes]]:
    """The two request bodies of every batch, made before the clock starts."""
    key, leaves, head, found = log_key(store_id), list[bytes](), Head.empty(), []
    tree = LeafTree(leaves)
    for number in range(BATCHES):
        entries = tuple(_entry(store_id, number * BATCH + offset) for offset in range(BATCH))
        leaves += [leaf_hash(entry) for entry in entries]
        head, old = head.extend(leaves[-BATCH:]), number * BATCH
        proof = tuple(consistency_proof(old, head.size, tree.node))
        offer = AddCheckpoint(old, proof, Checkpoint.of(key.name, head).sign(key)).body()
        found.append((offer, AddEntries(key.name, old, head.size, entries).body()))
    return found


def _entry(store_id: str, idx: int) -> bytes:
    payload = ActRefused(gate="dose", subject=f"u-{idx:016d}", rules=("R-BLD-04", "R-BLD-05", "R-ADM-14"))
    return encode(
        payload,
        site=store_id,
        idx=idx,
        at=NOW,
        boot_id="0f6b8c1e-4b8a-4a55-9a53-6d3f6f0b9c11",
        mono_ns=idx * 1000,
        clock_offset_ms=3,
        actor="s-01",
    )


def send(hub: Hub, shop: Enrolled, requests: list[tuple[bytes, bytes]]) -> None:
    for offer, upload in requests:
        assert add_checkpoint(hub, shop, offer).status == 200
        assert add_entries(hub, shop, upload).status == 200


def main() -> None:
    with running_server(safe=True) as server:
        database = fresh_database(server)
        hub = make_hub(database, Dial())
        work = []
        for store_id in SHOPS:
            key = log_key(store_id)
            shop = Enrolled(store_id, key.name, (key.verifier,))
            enrol(hub, store_id, key.name, [key.verifier], store_id)
            work.append((shop, bodies(store_id)))
        threads = [threading.Thread(target=send, args=(hub, *one)) for one in work]
        began, busy = time.perf_counter(), time.process_time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken, busy = time.perf_counter() - began, time.process_time() - busy
        total = BATCH * BATCHES * len(SHOPS)
        size = sum(len(upload) for _, requests in work for _, upload in requests)
        sys.stdout.write(f"cosigned   {total} entries of {size // total} bytes: {total / taken:,.0f}/s, ")
        sys.stdout.write(f"{total / busy:,.0f} per second of this process's own time\n")
        began, moved = time.perf_counter(), 0
        while more := follow(hub):
            moved += more
        taken = time.perf_counter() - began
        sys.stdout.write(f"projected  {moved} entries: {moved / taken:,.0f}/s\n")
        database.close()


if __name__ == "__main__":
    main()
