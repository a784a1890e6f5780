"""What head office says of a lot, and what happened to the record, reaches the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from store_service.blending.queries import Unit
from store_service.catalogue.commands import free_lot, hold_lot, import_register
from store_service.catalogue.queries import registers
from store_service.evidence.canonical import canonical
from store_service.records.projection import upsert
from store_service.records.projections.blending import unit as unit_table
from store_service.records.tables import blob, entry
from store_service.rules.dossier import LotRegister
from tests.shops import PrivateShop
from tests.trace.doors import consumer_door, path_of

INTACT = "no recall known"
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def as_before(shop: PrivateShop, unit: Unit) -> Iterator[None]:
    """What a test did to the shop's registers, clock and tables is undone."""
    desk = shop.shop.desk
    with desk.read() as connection:
        lots = registers(connection, desk.site_id, desk.now()).documents["lots"]
        entries = connection.execute(entry.select()).mappings().all()
        record = connection.execute(select(blob.c.body).where(blob.c.sha256 == unit.public_sha256)).scalar_one()
    yield
    shop.dial.seconds = 0
    with desk.ledger.database.write() as connection:
        connection.execute(update(blob).where(blob.c.sha256 == unit.public_sha256).values(body=record))
        connection.execute(update(unit_table).where(unit_table.c.id == unit.id).values(batch=unit.batch))
        upsert(connection, entry, [dict(row) for row in entries])
    import_register(desk, lots, by="import", valid_to=desk.now() + timedelta(days=7))


def recall(shop: PrivateShop, lot_no: str, reason: str) -> None:
    desk = shop.shop.desk
    with desk.read() as connection:
        known = registers(connection, desk.site_id, desk.now()).lots.values()
    changed = [
        one.model_copy(update={"status": "recalled", "hold": reason} if one.lot_no == lot_no else {}) for one in known
    ]
    register = LotRegister(lots=tuple(changed))
    import_register(desk, register, by="import", valid_to=desk.now() + timedelta(days=3))


def test_a_recalled_lot_reaches_every_bottle(shop: PrivateShop, unit: Unit) -> None:
    door = consumer_door(shop)
    recall(shop, "HS2609A", "微生物复检不合格。")
    page = door.get(path_of(unit), headers=ENGLISH).text
    assert 'role="alert"' in page and "HS2609A" in page and "微生物复检不合格" in page and INTACT not in page
    assert page.index('role="alert"') < page.index("<main>")
    shop.dial.seconds += 30 * 86_400
    assert 'role="alert"' in door.get(path_of(unit)).text, "a recall stays known when the register is stale"


def test_another_lot_is_not_the_consumers_concern(shop: PrivateShop, unit: Unit) -> None:
    recall(shop, "CREAM-NOT-IN-IT", "")
    assert INTACT in consumer_door(shop).get(path_of(unit), headers=ENGLISH).text


def test_a_hold_reaches_the_bottle_too(shop: PrivateShop, unit: Unit) -> None:
    hold_lot(shop.shop.desk, "SRC-LOTION", "LB2608A", reason="调查中。", by="qa-1")
    found = consumer_door(shop).get(path_of(unit), headers={"accept": "application/json"}).json()
    assert found["verdict"] == "recalled"
    assert [(one["lot"], one["status"]) for one in found["notices"]] == [("LB2608A", "hold")]
    free_lot(shop.shop.desk, "SRC-LOTION", "LB2608A", reason="无异常。", by="qa-1", second="qa-2")
    assert INTACT in consumer_door(shop).get(path_of(unit), headers=ENGLISH).text


@pytest.mark.parametrize("what", ["record", "release", "table", "earlier entry"])
def test_what_was_altered_is_never_called_unaltered(shop: PrivateShop, unit: Unit, what: str) -> None:
    """Somebody with the database's password writes past the program."""
    door = consumer_door(shop)
    with shop.shop.desk.ledger.database.write() as connection:
        if what == "record":
            forged = canonical({"batch": unit.batch, "name": "forged"})
            connection.execute(update(blob).where(blob.c.sha256 == unit.public_sha256).values(body=forged))
        elif what == "table":
            connection.execute(update(unit_table).where(unit_table.c.id == unit.id).values(batch="SH0042-261122-00022"))
        else:
            idx = unit.released_idx if what == "release" else 3
            row = connection.execute(entry.select().where(entry.c.idx == idx)).one()
            change = {"body": bytes(row.body).replace(b'"s-0', b'"s-9')} if what == "release" else {"leaf": b"\0" * 32}
            connection.execute(update(entry).where(entry.c.idx == idx).values(**change))
    page = door.get(path_of(unit), headers=ENGLISH)
    assert page.status_code == 404 and INTACT not in page.text
