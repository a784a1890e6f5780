"""Composition roots: the shop's two doors (kiosk and phones) and the hub, built out of what the nouns offer."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from kiosk_ui.kiosk.face import add_kiosk, new_key
from kiosk_ui.render import Faces
from store_service import http
from store_service.blending import api as blending
from store_service.clock import Clock
from store_service.consultation import api as consultation
from store_service.database.engines import Database
from store_service.database.migrate import migrate
from store_service.equipment import api as equipment
from store_service.evidence.keys import Cosigner, SigningKey, VerifierKey, load_or_create
from store_service.hub.api import routers
from store_service.hub.commands import enrol
from store_service.hub.hub import Hub, token_digest
from store_service.labelling import api as labelling
from store_service.line import Line
from store_service.people import api as people
from store_service.records.desk import Desk
from store_service.records.ledger import Ledger
from store_service.rules.catalogue import load
from store_service.settings import HubSettings, database_url
from store_service.shop import BUILD, Shop, require_space
from store_service.stock import api as stock
from store_service.sync import api as sync

NOUNS = (people, stock, equipment, consultation, blending, labelling, sync)
HUB_SITE = "HQ"


def shop_app(shop: Shop, line: Line) -> FastAPI:
    """The kiosk's and the API's door, for this machine and enrolled kiosks."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if line.courier is not None:
            line.courier.start()
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
    return app


def phones_app(shop: Shop) -> FastAPI:
    """The only door that is reachable from outside this machine: `/01` and nothing else."""
    app = FastAPI(title="Consumer page", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.shop = shop
    return app


def open_hub(settings: HubSettings, config: Path, data: Path, clock: Clock) -> Hub:
    """Open head office: its log, its keys, the shops that hub.toml enrols, and its tokens in `data`."""
    data.mkdir(parents=True, exist_ok=True)
    require_space(data)
    database = Database(database_url(settings.database, data))
    migrate(database)
    mirror, registers = hub_keys(settings, data)
    own = load_or_create(data / "keys" / "log.key", f"{settings.witness_name.partition('/')[0]}/log", SigningKey)
    ledger = Ledger(database, HUB_SITE, own, clock, secrets.token_hex(6))
    hub = Hub(
        Desk(ledger, load(config / "rules", config / "provinces.toml"), None),
        mirror,
        registers,
        {kind: timedelta(hours=hours) for kind, hours in settings.validity_hours.items()},
        readers={token_digest(token_file(data / "qa.token")): "qa"},
        admins={
            token_digest(token_file(data / "admin-1.token")): "hq-01",
            token_digest(token_file(data / "admin-2.token")): "hq-02",
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


def hub_app(hub: Hub) -> FastAPI:
    """Head office's door: sync, QA pull, holds."""
    app = FastAPI(title="Hub", version=BUILD, docs_url=None, redoc_url=None)
    app.state.hub = hub
    for router in routers(hub):
        app.include_router(router)

    @app.get("/healthz")
    def healthy() -> dict[str, bool]:
        return {"ok": True}

    return app


def token_file(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(24)) -> str:
    """The token in a 0600 file, made on first use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(make() + "\n")
    return path.read_text("utf-8").strip()
