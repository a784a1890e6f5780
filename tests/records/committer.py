"""A process that commits acts as fast as it can and says each index once it is committed: to be killed.

`python -m tests.records.committer PATH`
"""

from __future__ import annotations

import sys
from itertools import count

from store_service.clock import Clock
from store_service.database.engines import Database
from store_service.evidence.keys import SigningKey
from store_service.records import projections
from store_service.records.events.site import ActRefused
from store_service.records.events.stock import PackReceived
from store_service.records.ledger import Ledger
from store_service.records.tables import head, metadata

_registered = projections
KEY = SigningKey.from_seed("sh0042.example/log", b"\x01" * 32)


def open_ledger(path: str) -> Ledger:
    return Ledger(Database(f"sqlite:///{path}"), "SH0042", KEY, Clock(), "boot")


if __name__ == "__main__":
    ledger = open_ledger(sys.argv[1])
    metadata.create_all(ledger.database.writer)
    with ledger.read() as connection:
        found = connection.execute(head.select()).one_or_none()
    for number in count(found.size if found else 0):
        with ledger.act("s-01") as act:
            act.record(
                PackReceived(pack_lot=f"P-{number}", sku="PK-15", quantity=1, supplier="甲", certificate="COC-1")
            )
            last = act.record(ActRefused(gate="start", subject=f"u-{number}", rules=()))
            act.seal = number % 7 == 0
        sys.stdout.write(f"{last}\n")
        sys.stdout.flush()
