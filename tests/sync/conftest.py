"""One shop and its head office, on SQLite, with a network that each test may replace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from store_service.hub.hub import Hub
from store_service.records.ledger import Ledger
from store_service.sync.link import Link
from store_service.sync.pull import Puller
from store_service.sync.push import Pusher
from tests.sync.world import Dial, Handler, InProcess, enrol_shop, link, make_hub, make_ledger, puller, pusher
from tests.sync.world import sqlite_database as new_database


@dataclass
class Pair:
    dial: Dial
    hub: Hub
    shop: Ledger
    token: str
    answers: InProcess

    def link(self, handler: Handler | None = None) -> Link:
        return link(handler or self.answers, self.token)

    def pusher(self, handler: Handler | None = None) -> Pusher:
        return pusher(self.shop, self.link(handler))

    def puller(self, handler: Handler | None = None) -> Puller:
        return puller(self.shop, self.link(handler))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    dial = Dial()
    hub = make_hub(new_database(tmp_path / "hub.db"), dial)
    shop = make_ledger(new_database(tmp_path / "shop.db"), dial)
    yield Pair(dial, hub, shop, enrol_shop(hub, shop), InProcess(hub))
    shop.database.close()
    hub.database.close()
