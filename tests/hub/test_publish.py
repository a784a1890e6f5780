"""What head office publishes is looked over as a shop's import would: whole, in words, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from store_service.catalogue.queries import LAST_KNOWN, registers, render
from store_service.hub.hub import Hub, token_digest
from store_service.hub.registers_api import registers_router
from tests.config.documents import snapshot
from tests.sync.world import NOW, Dial, make_hub, sqlite_database

BOTH = {"Authorization": "Bearer admin-1", "Second-Authorization": "Bearer admin-2"}
PRODUCTS, ROSTER = snapshot("products"), snapshot("roster")
Publish = Callable[..., tuple[int, str]]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    database = sqlite_database(tmp_path / "hub.db")
    made = make_hub(database, Dial())
    made.admins = {token_digest("admin-1"): "qa-1", token_digest("admin-2"): "qa-2"}
    yield made
    database.close()


@pytest.fixture
def publish(hub: Hub) -> Publish:
    app = FastAPI()
    app.include_router(registers_router(hub))
    door = TestClient(app)

    def post(kind: str, document: Any, **headers: str) -> tuple[int, str]:
        body = document if isinstance(document, bytes) else render(document)
        answer = door.post(f"/api/v1/hub/registers/{kind}?reason=test", content=body, headers=BOTH | headers)
        return answer.status_code, answer.text

    return post


def products(**changes: Any) -> Any:
    return PRODUCTS.model_copy(update={"attested_at": NOW - timedelta(hours=1), **changes})


def roster(**changes: Any) -> Any:
    return ROSTER.model_copy(update={"fetched_at": NOW - timedelta(hours=1), **changes})


def first_of(rows: tuple[Any, ...], **changes: Any) -> tuple[Any, ...]:
    return (rows[0].model_copy(update=changes), *rows[1:])


def test_a_register_that_is_sound_is_published(publish: Publish, hub: Hub) -> None:
    assert publish("products", products()) == (201, '{"kind":"products","version":1}')
    assert publish("roster", roster())[0] == 201
    with hub.desk.read() as connection:
        assert set(registers(connection, "HQ", LAST_KNOWN).documents) == {"products", "roster"}
    assert publish("products", products(), **{"Second-Authorization": "Bearer admin-1"})[0] == 409
    assert publish("nothing", products())[0] == 404
    assert publish("products", b"{}")[0] == 422


@pytest.mark.parametrize(
    ("kind", "document", "told"),
    [
        ("products", products(attested_at=NOW + timedelta(minutes=1)), "attested_at"),
        ("products", products(attested_at=NOW - timedelta(days=8)), "attested_at"),
        ("products", products(products=()), "products"),
        ("products", products(products=(*PRODUCTS.products, PRODUCTS.products[0])), "product_id"),
        ("products", products(products=first_of(PRODUCTS.products, filing_number="国妆特字20263800")), "filing_number"),
        ("roster", roster(fetched_at=NOW + timedelta(minutes=1)), "fetched_at"),
        ("roster", roster(rows=first_of(ROSTER.rows, province="XX")), "province"),
        ("roster", roster(rows=(*ROSTER.rows, ROSTER.rows[0])), "store_id"),
        ("roster", roster(rows=first_of(ROSTER.rows, valid_to=NOW.date() - timedelta(days=4000))), "valid_to"),
    ],
)
def test_what_no_shop_would_import_is_not_published(
    publish: Publish, hub: Hub, kind: str, document: Any, told: str
) -> None:
    status, said = publish(kind, document)
    assert (status, told in said) == (422, True), said
    with hub.desk.read() as connection:
        assert registers(connection, "HQ", LAST_KNOWN).documents == {}


def test_another_filers_products_are_not_published(publish: Publish) -> None:
    publish("products", products())
    status, said = publish("products", products(filer_id="SOMEBODY"))
    assert (status, "filer_id" in said) == (422, True)
