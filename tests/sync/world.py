"""A shop and its head office in one process: real ledgers and databases, the network a function that can fail."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event

from store_service.catalogue.commands import publish_register
from store_service.clock import Clock
from store_service.database.engines import Database
from store_service.evidence.keys import Cosigner, SigningKey
from store_service.hub.answers import Answer, problem
from store_service.hub.commands import enrol
from store_service.hub.hub import Hub
from store_service.hub.mirror import add_entries, inflate
from store_service.hub.reads import entries, get_blob, mirrored_checkpoint, missing_blobs, put_blob
from store_service.hub.seconds import notes
from store_service.hub.snapshots import Registry
from store_service.hub.witness import add_checkpoint
from store_service.records.desk import Desk
from store_service.records.events.site import ClockConfirmed
from store_service.records.ledger import Ledger
from store_service.records.tables import metadata
from store_service.rules.catalogue import RuleSet, load
from store_service.rules.dossier import SNAPSHOT_KINDS
from store_service.sync.link import Link
from store_service.sync.pull import Puller
from store_service.sync.push import Pusher
from tests.config.documents import snapshot

CONFIG = Path(__file__).parents[2] / "config"
NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
MIRROR = Cosigner.from_seed("hub.chengrang.example/mirror", b"\x02" * 32)
SNAPSHOTS = SigningKey.from_seed("hub.chengrang.example/snapshots", b"\x04" * 32)
HQ_LOG = SigningKey.from_seed("hub.chengrang.example/log", b"\x05" * 32)
HOURS = {kind: timedelta(hours=72) for kind in SNAPSHOT_KINDS}
Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Dial:
    """The world's clock, turned by hand."""

    seconds: float = 0.0
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Clock(wall=lambda: NOW.timestamp() + self.seconds, mono=lambda: int(self.seconds * 1e9))


@cache
def rules() -> RuleSet:
    return load(CONFIG / "rules", CONFIG / "provinces.toml")


def sqlite_database(path: Path, *, fast: bool = True) -> Database:
    """A fresh SQLite database with every table. `fast` skips the disk's own syncing: nobody cuts the power here."""
    database = Database(f"sqlite:///{path}")
    if fast:

        @event.listens_for(database.writer, "connect")
        def _off(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")

    metadata.create_all(database.writer)
    return database


def make_hub(database: Database, dial: Dial) -> Hub:
    ledger = Ledger(database, "HQ", HQ_LOG, dial.clock, "boot")
    return Hub(Desk(ledger, rules(), None), MIRROR, SNAPSHOTS, HOURS)


def log_key(store_id: str) -> SigningKey:
    return SigningKey.from_seed(f"{store_id.lower()}.chengrang.example/log", store_id.encode().ljust(32, b"\x01"))


def make_ledger(database: Database, dial: Dial, store_id: str = "SH0042") -> Ledger:
    return Ledger(database, store_id, log_key(store_id), dial.clock, "boot")


def enrol_shop(hub: Hub, ledger: Ledger) -> str:
    token = f"token of {ledger.site}"
    enrol(hub, ledger.site, ledger.key.name, [ledger.key.verifier], token)
    return token


def publish_all(hub: Hub) -> None:
    """The demo's registers, put into force by two persons."""
    for name in ("products", "lots", "envelopes", "roster", "staff_register", "rules"):
        publish_register(hub.desk, snapshot(name), by="qa-1", second="qa-2", reason="opening")


def work(ledger: Ledger, events: int, *, seal: bool = True) -> None:
    """Something happens in the shop."""
    with ledger.act("clerk") as act:
        for _ in range(events):
            act.record(ClockConfirmed())
        act.seal = seal


class InProcess:
    """Answers requests as head office's application does, without a server in between."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.registry = hub, Registry(hub)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        found = self._answer(request)
        headers = found.headers | ({"Content-Type": found.media} if found.status not in (204, 304) else {})
        return httpx.Response(found.status, content=found.body, headers=headers)

    def _answer(self, request: httpx.Request) -> Answer:
        shop = self.hub.shop(request.headers.get("Authorization", "").removeprefix("Bearer "))
        path, body = request.url.path.removeprefix("/api/v1/sync"), request.content
        if shop is None:
            return problem(401, "unauthorised", "no token")
        match (request.method, path.split("/")[1:]):
            case "POST", ["add-checkpoint"]:
                return add_checkpoint(self.hub, shop, body)
            case "POST", ["add-entries"]:
                return add_entries(self.hub, shop, inflate(body))
            case "GET", ["checkpoint"]:
                return mirrored_checkpoint(self.hub, shop.store_id)
            case "GET", ["entries"]:
                query = request.url.params
                return entries(self.hub, shop.store_id, int(query["from"]), int(query["limit"]))
            case "GET", ["snapshots"]:
                return self.registry.listing(notes(self.hub, shop))
            case "GET", ["snapshots", kind]:
                return self.registry.one(kind, request.headers.get("If-None-Match"))
            case "POST", ["blobs", "missing"]:
                return missing_blobs(self.hub, body)
            case "PUT", ["blobs", digest]:
                return put_blob(self.hub, digest, request.headers["Content-Type"], body)
            case "GET", ["blobs", digest]:
                return get_blob(self.hub, digest)
        return problem(404, "unknown", path)


def link(handler: Handler, token: str) -> Link:
    client = httpx.Client(
        transport=httpx.MockTransport(handler),
        base_url="https://hub.chengrang.example",
        headers={"Authorization": f"Bearer {token}"},
    )
    return Link(client)


def pusher(ledger: Ledger, to: Link) -> Pusher:
    return Pusher(ledger, to, [MIRROR.verifier])


def puller(ledger: Ledger, to: Link) -> Puller:
    return Puller(Desk(ledger, rules(), None), to, [SNAPSHOTS.verifier])


def truncated_gzip() -> bytes:
    packer = zlib.compressobj(wbits=31)
    return (packer.compress(b"<html>" * 1000) + packer.flush())[:40]
