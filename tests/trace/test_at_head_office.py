"""The same page at head office, out of what the shop pushed: the phone of a consumer reaches only there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command

from store_service.blending.queries import Unit
from store_service.database.migrate import configuration
from store_service.hub.commands import hold
from store_service.hub.feed import begin_again, follow
from store_service.hub.hub import Hub
from store_service.sync.outcome import Acked
from store_service.trace.archive import Archive, Archives, mirrored_archive
from store_service.upkeep import bring_up
from tests.records.test_older_shops import rows_of
from tests.shops import NOON, PrivateShop
from tests.sync.world import (
    MIRROR,
    NOW,
    Dial,
    InProcess,
    enrol_shop,
    link,
    make_hub,
    publish_all,
    pusher,
    sqlite_database,
)
from tests.trace.doors import consumer_door, door_of, path_of

ENGLISH = {"accept-language": "en"}
JSON = {"accept": "application/json"}
FILER = "021-0000 0099"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder: Path = tmp_path_factory.mktemp("hub")
    database = sqlite_database(folder / "hub.db")
    found = make_hub(database, Dial((NOON - NOW).total_seconds()))
    publish_all(found)
    yield found
    database.close()


def archives(hub: Hub) -> Archives:
    def make(site: str) -> Archive | None:
        shop = hub.by_store(site)
        return mirrored_archive(hub.desk, site, shop.log_keys, FILER) if shop else None

    return Archives(make)


def push(shop: PrivateShop, hub: Hub, token: str) -> None:
    courier = pusher(shop.shop.desk.ledger, link(InProcess(hub), token))
    while not isinstance(courier.step(), Acked):
        pass
    while follow(hub):
        pass


def test_head_office_shows_what_the_shop_shows_once_it_is_pushed(shop: PrivateShop, unit: Unit, hub: Hub) -> None:
    door = door_of(archives(hub), lambda: 0, FILER)
    unknown = door.get(path_of(unit), headers=ENGLISH)
    assert unknown.status_code == 404 and "Record not found" in unknown.text and FILER in unknown.text
    token = enrol_shop(hub, shop.shop.desk.ledger)
    assert door.get(path_of(unit), headers=ENGLISH).status_code == 404, "known, but nothing was pushed yet"
    push(shop, hub, token)
    here, there = consumer_door(shop).get(path_of(unit), headers=JSON).json(), door.get(path_of(unit), headers=JSON)
    assert there.json()["record"] == here["record"]
    assert there.json()["verdict"] == "intact"
    assert there.json()["log"]["cosigned_by"] == MIRROR.name
    assert "no recall known" in door.get(path_of(unit), headers=ENGLISH).text
    assert door.get(f"{path_of(unit)}.record").content == consumer_door(shop).get(f"{path_of(unit)}.record").content
    hold(hub, "SRC-LOTION", "LB2608A", reason="调查中。", by="hq-01")
    assert door.get(path_of(unit), headers=JSON).json()["verdict"] == "recalled", "at once, before the shop hears of it"


def test_an_upgraded_head_office_fills_its_tables_anew(shop: PrivateShop, unit: Unit, hub: Hub, tmp_path: Path) -> None:
    if hub.by_store(shop.shop.desk.site_id) is None:
        push(shop, hub, enrol_shop(hub, shop.shop.desk.ledger))
    database = hub.desk.ledger.database
    with database.read() as connection:
        before = rows_of(connection)
    assert before["unit"] and before["dose"]
    with database.write() as connection:
        command.stamp(configuration(connection), "head")
        command.downgrade(configuration(connection), "0012")
    bring_up(database, tmp_path, also=begin_again)
    with database.read() as connection:
        assert not rows_of(connection)["unit"]
    while follow(hub):
        pass
    with database.read() as connection:
        assert rows_of(connection) == before
