"""The contract suite runs on both engines: a file of SQLite and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from store_service.database.engines import Database
from store_service.hub.api import routers
from store_service.hub.hub import Signer, token_digest
from tests.hub.postgres import fresh_database, running_server
from tests.hub.world import World
from tests.sync.world import Dial, enrol_shop, make_hub, make_ledger, sqlite_database

TWIN = Signer("s-01", "店员甲", "Clerk A")
"""Works in the shop and at head office: one person, one id."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_server(safe=False) as uri:
        yield uri


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Head office's database, empty, on either engine."""
    if request.param == "sqlite":
        found = sqlite_database(tmp_path / "hub.db")
    else:
        found = fresh_database(request.getfixturevalue("postgres_server"))
    yield found
    found.close()


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    dial = Dial()
    hub = make_hub(database, dial)
    hub.readers = {token_digest("reader"): "qa system"}
    hub.admins = {token_digest("admin-1"): "qa-1", token_digest("admin-2"): "qa-2"}
    hub.signers = {token_digest("admin-1"): Signer("qa-1", "质量甲", "Quality A"), token_digest("twin"): TWIN}
    own = sqlite_database(tmp_path / "shop.db")
    shop = make_ledger(own, dial)
    app = FastAPI()
    for router in routers(hub):
        app.include_router(router)
    with TestClient(app) as http:
        yield World(dial, hub, shop, enrol_shop(hub, shop), http)
    own.close()
