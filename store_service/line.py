"""The shop's line to head office, opened: whatever runs a shop holds one, and every open stream ends with it."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass

import httpx
import structlog

from store_service.evidence.keys import VerifierKey
from store_service.rules.dates import beijing_date
from store_service.shop import Shop, begin, forget_what_is_over
from store_service.sync.courier import Courier
from store_service.sync.link import Link
from store_service.sync.pull import Puller
from store_service.sync.push import Pusher
from store_service.sync.restore import InStep, restore
from store_service.sync.sealer import Sealer
from store_service.sync.startup import verify_log
from store_service.upkeep import RESTORED

log = structlog.get_logger()
GLANCE_S = 30.0


@dataclass
class Line:
    """The shop's line to head office: its courier, and the event that ends it and every open stream."""

    courier: Courier | None
    stop: threading.Event
    sealer: Sealer | None = None
    forgetter: Forgetter | None = None
    client: httpx.Client | None = None

    def start(self) -> None:
        for one in (self.sealer, self.forgetter, self.courier):
            if one is not None:
                one.start()

    def join(self) -> None:
        """After `stop` was set; the courier last, because it pushes what was sealed."""
        for one in (self.sealer, self.forgetter, self.courier):
            if one is not None:
                one.join()
        if self.client is not None:
            self.client.close()


class Forgetter:
    """A thread that lets go, at the turn of each Beijing day, what has outlived its clock: a shop's machine may run for
    months without a start."""

    def __init__(self, shop: Shop, stop: threading.Event) -> None:
        self._shop, self._stop = shop, stop
        self._day = beijing_date(shop.desk.now())
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._watch, name="forget", daemon=True)
        self._thread.start()

    def join(self, timeout: float = 5.0) -> None:
        """After `stop` was set."""
        if self._thread is not None:
            self._thread.join(timeout)

    def beat(self) -> None:
        """Nothing on the same day, nor while the record is frozen."""
        today = beijing_date(self._shop.desk.now())
        if today != self._day and self._shop.desk.ledger.frozen is None:
            forget_what_is_over(self._shop)
            self._day = today

    def _watch(self) -> None:
        while not self._stop.wait(GLANCE_S):
            try:
                self.beat()
            except Exception:
                log.exception("forget")


def connect(shop: Shop) -> Line:
    """Compare with head office before anything is recorded, then begin, and keep in step. No hub: just begin.

    A record that came out of a backup begins only after head office has answered: what it holds beyond the backup must
    come back first.
    """
    stop = threading.Event()
    hub = shop.settings.hub
    if hub is None:
        begin(shop)
        return Line(None, stop, Sealer(shop.desk.ledger, stop), Forgetter(shop, stop))
    token = (shop.data / hub.token_file).read_text("utf-8").strip()
    keys = [VerifierKey.parse(row) for row in (shop.data / hub.keys_file).read_text("utf-8").split()]
    client = httpx.Client(base_url=hub.url, headers={"authorization": f"Bearer {token}"}, timeout=10, trust_env=False)
    try:
        return _in_step(shop, client, keys, stop)
    except BaseException:
        client.close()
        raise


def _in_step(shop: Shop, client: httpx.Client, keys: list[VerifierKey], stop: threading.Event) -> Line:
    ledger, link = shop.desk.ledger, Link(client)
    answer = restore(ledger, link, keys)
    if isinstance(answer, InStep):
        if answer.fetched:
            verify_log(ledger)
        (shop.data / RESTORED).unlink(missing_ok=True)
    elif (shop.data / RESTORED).exists():
        ledger.frozen = (
            "本机记录刚从备份恢复，须先与总部核对一次。请接通网络后重新启动。",
            "This record came out of a backup; head office must be asked once. Restore the line, then restart.",
        )
    begin(shop)
    courier = Courier(
        Pusher(ledger, link, keys),
        Puller(shop.desk, link, keys),
        ledger,
        stop=stop,
        random=random.SystemRandom().random,
    )
    return Line(courier, stop, Sealer(ledger, stop), Forgetter(shop, stop), client)
