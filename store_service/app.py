"""Composition roots: the shop's two doors (kiosk and phones) and the hub, built out of what the nouns offer."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from kiosk_ui.kiosk.face import add_kiosk, new_key
from kiosk_ui.kiosk.ready import may_work_screen
from kiosk_ui.models import Words
from kiosk_ui.render import Faces
from kiosk_ui.routes_fleet import FleetDoor, fleet_face
from kiosk_ui.routes_law import law_face
from kiosk_ui.routes_qa import QaDoor, qa_face
from kiosk_ui.routes_seconds import NotYours, seconds_face
from kiosk_ui.routes_trace import add_trace
from store_service import http
from store_service.blending import api as blending
from store_service.clock import Clock
from store_service.consultation import api as consultation
from store_service.database.engines import Database
from store_service.equipment import api as equipment
from store_service.evidence.keys import Cosigner, SigningKey, VerifierKey, load_or_create
from store_service.hub import seconds, seconds_queue
from store_service.hub.api import routers
from store_service.hub.board import shops
from store_service.hub.commands import enrol
from store_service.hub.doors import token_of
from store_service.hub.feed import Follower, begin_again
from store_service.hub.hub import Hub, Signer, token_digest
from store_service.inspections import api as inspections
from store_service.labelling import api as labelling
from store_service.line import Line
from store_service.people import api as people
from store_service.privacy import api as privacy
from store_service.quality.api import qa_router
from store_service.quality.units_api import units_router
from store_service.reactions import api as reactions
from store_service.reactions.intake import own_intake
from store_service.readiness import api as readiness
from store_service.records.desk import Desk
from store_service.records.ledger import Ledger
from store_service.rules.catalogue import load
from store_service.samples import api as samples
from store_service.settings import HubSettings, database_url
from store_service.shop import BUILD, Shop, require_space
from store_service.stock import api as stock
from store_service.sync import api as sync
from store_service.trace.archive import Archive, Archives, mirrored_archive, own_archive
from store_service.upkeep import bring_up

NOUNS = (
    people, stock, equipment, consultation, blending, labelling, sync, readiness, privacy, reactions, samples,
    inspections,
)  # fmt: skip
HUB_SITE = "HQ"


def shop_app(shop: Shop, line: Line, archives: Archives | None = None) -> FastAPI:
    """The kiosk's and the API's door, for this machine. `archives` is shared with the phones' door."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        line.start()
        yield
        line.stop.set()

    app = FastAPI(title="Store service", version=BUILD, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.shop, app.state.line = shop, line
    for noun in NOUNS:
        app.include_router(noun.router)
    http.install(app)
    faces = Faces(new_key)
    app.include_router(faces.assets.router(), include_in_schema=False)
    add_kiosk(app, shop, line, faces)
    token = token_file(shop.data / "qa.token")
    app.include_router(qa_router(shop.desk, token))
    door = QaDoor(shop.desk, faces, token)
    app.include_router(qa_face(shop.desk, faces, door))
    app.include_router(law_face(shop.desk, faces, door, lambda: may_work_screen(shop)))
    _add_trace(app, shop, faces, archives or own_archives(shop))
    return app


def phones_app(shop: Shop, archives: Archives | None = None) -> FastAPI:
    """The only door that is reachable from outside this machine: `/01` and nothing else."""
    app = FastAPI(title="Consumer page", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.shop = shop
    _add_trace(app, shop, Faces(new_key), archives or own_archives(shop))
    return app


def own_archives(shop: Shop) -> Archives:
    """A shop answers for its own labels only."""
    return Archives(lambda site: own_archive(shop.desk) if site == shop.desk.site_id else None)


def _add_trace(app: FastAPI, shop: Shop, faces: Faces, archives: Archives) -> None:
    add_trace(
        app,
        faces,
        archives.find,
        mono_ns=shop.desk.ledger.clock.mono_ns,
        base=shop.settings.public_base,
        phone=shop.settings.shop.phone,
        intake=own_intake(shop.desk, shop.vault),
    )


def open_hub(settings: HubSettings, config: Path, data: Path, clock: Clock) -> Hub:
    """Open head office: its log, its keys, the shops that hub.toml enrols, and its tokens in `data`."""
    data.mkdir(parents=True, exist_ok=True)
    require_space(data)
    database = Database(database_url(settings.database, data))
    bring_up(database, data, also=begin_again)
    mirror, registers = hub_keys(settings, data)
    own = load_or_create(data / "keys" / "log.key", f"{settings.witness_name.partition('/')[0]}/log", SigningKey)
    ledger = Ledger(database, HUB_SITE, own, clock, secrets.token_hex(6))
    tokens = {one.staff_id: token_digest(token_file(data / one.token_file)) for one in settings.people}
    hub = Hub(
        Desk(ledger, load(config / "rules", config / "provinces.toml"), None),
        mirror,
        registers,
        {kind: timedelta(hours=hours) for kind, hours in settings.validity_hours.items()},
        readers={token_digest(token_file(data / "qa.token")): "qa"},
        admins={tokens[one.staff_id]: one.staff_id for one in settings.people if "admin" in one.roles},
        signers={
            tokens[one.staff_id]: Signer(one.staff_id, one.name_zh, one.name_en)
            for one in settings.people
            if "quality" in one.roles
        },
    )
    for one in settings.stores:
        if hub.by_store(one.store_id) is None:
            key = VerifierKey.parse((data / one.log_key_file).read_text("utf-8").strip())
            enrol(hub, one.store_id, one.log_origin, [key], token_file(data / one.token_file))
    return hub


def hub_keys(settings: HubSettings, data: Path) -> tuple[Cosigner, SigningKey]:
    """The mirror's key and the registers' key; two names, two keys (C2SP tlog-mirror)."""
    (data / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    return (
        load_or_create(data / "keys" / "mirror.key", settings.witness_name, Cosigner),
        load_or_create(data / "keys" / "snapshots.key", settings.key_name, SigningKey),
    )


def hub_app(hub: Hub, *, public_base: str = "", phone: str = "") -> FastAPI:
    """Head office's door: sync, QA pull, holds, the fleet, and the consumer's page of every shop."""
    stop = threading.Event()
    follower = Follower(hub, stop)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        follower.start()
        yield
        stop.set()
        follower.join()

    app = FastAPI(title="Hub", version=BUILD, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.hub = hub
    for router in routers(hub):
        app.include_router(router)
    readers = {**hub.readers, **hub.admins, **{digest: one.staff_id for digest, one in hub.signers.items()}}
    app.include_router(units_router(hub.desk.read, _asked_shop(hub, readers)), prefix="/api/v1/qa")
    faces = Faces(new_key)
    app.include_router(faces.assets.router(), include_in_schema=False)
    fleet = FleetDoor(faces, readers)
    app.include_router(fleet_face(faces, lambda: shops(hub), fleet))
    app.include_router(seconds_face(faces, fleet, OfficeDesk(hub), hub.desk.ruleset, stop.is_set))

    def archive(site: str) -> Archive | None:
        shop = hub.by_store(site)
        return mirrored_archive(hub.desk, site, shop.log_keys, phone) if shop else None

    add_trace(app, faces, Archives(archive).find, mono_ns=hub.desk.ledger.clock.mono_ns, base=public_base, phone=phone)

    @app.get("/healthz")
    def healthy() -> dict[str, bool]:
        return {"ok": True}

    return app


class OfficeDesk:
    """Head office's queue of second signatures, as its pages ask for it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def queue(self) -> Sequence[seconds_queue.Request]:
        return seconds_queue.queue(self._hub)

    def given(self) -> Sequence[seconds_queue.Given]:
        return seconds_queue.given(self._hub)

    def find(self, store_id: str, idx: int) -> seconds_queue.Request:
        return seconds_queue.find(self._hub, store_id, idx)

    def people(self) -> Mapping[str, Words]:
        return {one.staff_id: Words(one.name_zh, one.name_en) for one in self._hub.signers.values()}

    def answer(self, store_id: str, idx: int, sha256: str, who: str, token: str, agreed: bool, reason: str) -> None:
        by = seconds.signer(self._hub, token, who)
        if by is None:
            raise NotYours
        seconds.answer(self._hub, store_id, idx, sha256, by=by, agreed=agreed, reason=reason)


def _asked_shop(hub: Hub, readers: Mapping[str, str]) -> Callable[[str, str | None], str | Response]:
    """Which shop a program reads at head office: it names it, and brings a reader's token."""

    def asked(authorization: str, store: str | None) -> str | Response:
        if token_digest(token_of(authorization)) not in readers:
            return JSONResponse({"title": "no token, or an unknown one"}, 401)
        if store is None or hub.by_store(store) is None:
            return JSONResponse({"title": "store: name one of the shops"}, 422 if store is None else 404)
        return store

    return asked


def token_file(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(24)) -> str:
    """The token in a 0600 file, made on first use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(make() + "\n")
    return path.read_text("utf-8").strip()
