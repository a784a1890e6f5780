"""The codes on the demo's shelf, for the simulated scanner."""

from __future__ import annotations

from sqlalchemy import Connection

from kiosk_ui.models import SimCode, Words
from store_service.catalogue.queries import registers
from store_service.shop import Shop
from store_service.stock.queries import all_containers, all_packs


def shelf_codes(connection: Connection, shop: Shop) -> tuple[SimCode, ...]:
    """Every container, pack lot, tag and badge that could be scanned in the demo."""
    known = registers(connection, shop.desk.site_id, shop.desk.now())
    codes = []
    for one in all_containers(connection, shop.desk.site_id):
        product = known.products.get(one.product_id)
        zh, en = (product.name_zh, product.name_en) if product else (one.product_id, one.product_id)
        codes.append(SimCode(one.container_id, Words(f"{zh} · {one.lot_no}", f"{en} · {one.lot_no}")))
    for pack in all_packs(connection, shop.desk.site_id):
        spec = known.packs.get(pack.sku)
        codes.append(SimCode(pack.pack_lot, Words(spec.name_zh, spec.name_en) if spec else Words(pack.sku, pack.sku)))
    codes += [SimCode(f"T-{number}", Words(f"{number} 号牌", f"Tag {number}")) for number in range(1, 4)]
    return tuple(codes)
