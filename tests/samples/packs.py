"""New packs of a lot that is on the shelf, with the papers of its product."""

from __future__ import annotations

from store_service.catalogue.queries import registers
from store_service.demo import play as demo
from store_service.records.desk import Desk
from store_service.stock import commands as stock
from store_service.stock.queries import all_containers
from tests.benches import CONFIG
from tests.shops import PrivateShop


def a_pack(shop: PrivateShop, net_mg: int = 100_000, product_id: str = "") -> str:
    """A new pack of a lot that is on the shelf."""
    desk = shop.shop.desk
    with desk.read() as connection:
        known = registers(connection, desk.site_id, desk.now())
        here = all_containers(connection, desk.site_id)
    shelf = next(one for one in here if one.product_id == product_id or not product_id)
    lot = known.lots[shelf.product_id, shelf.lot_no]
    fields = receipt(desk, lot.product_id)
    new = stock.NewContainer(f"C-T{len(here)}", "retail_pack", net_mg)
    stock.receive_lot(desk, "s-01", lot.product_id, lot.lot_no, lot.expiry, fields, (new,))
    stock.open_container(desk, "s-01", new.container_id)
    return new.container_id


def receipt(desk: Desk, product_id: str) -> dict[str, str]:
    """The papers that came with this product at the opening of the demo."""
    opening = demo.read(CONFIG / "demo", "opening.toml", desk.now())
    row = next(one for one in opening["deliveries"] if one["product_id"] == product_id)
    return {key: str(value) for key, value in row["fields"].items()}
