"""The shop's line to head office, opened: whatever runs a shop holds one, and every open stream ends with it."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass

import httpx

from store_service.evidence.keys import VerifierKey
from store_service.shop import Shop
from store_service.sync.courier import Courier
from store_service.sync.link import Link
from store_service.sync.pull import Puller
from store_service.sync.push import Pusher
from store_service.sync.restore import restore


@dataclass
class Line:
    """The shop's line to head office: its courier, and the event that ends it and every open stream."""

    courier: Courier | None
    stop: threading.Event


def connect(shop: Shop) -> Line:
    """Compare with head office before anything is signed, then keep in step with it. No hub: nothing to do."""
    stop = threading.Event()
    hub = shop.settings.hub
    if hub is None:
        return Line(None, stop)
    token = (shop.data / hub.token_file).read_text("utf-8").strip()
    keys = [VerifierKey.parse(row) for row in (shop.data / hub.keys_file).read_text("utf-8").split()]
    client = httpx.Client(base_url=hub.url, headers={"authorization": f"Bearer {token}"}, timeout=10, trust_env=False)
    link = Link(client)
    restore(shop.desk.ledger, link, keys)
    courier = Courier(
        Pusher(shop.desk.ledger, link, keys),
        Puller(shop.desk, link, keys),
        shop.desk.ledger,
        stop=stop,
        random=random.SystemRandom().random,
    )
    return Line(courier, stop)
