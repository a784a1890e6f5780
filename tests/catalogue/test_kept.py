"""Registers in memory: as many as are of use, and no more."""

from __future__ import annotations

from pathlib import Path

from store_service.catalogue import queries
from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import KEPT, registers
from tests.shops import private_shop


def test_a_shop_that_runs_for_months_does_not_keep_every_register_it_ever_had(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        desk = shop.shop.desk
        for _ in range(KEPT + 5):
            shop.dial.seconds += 60
            with desk.read() as connection:
                known = registers(connection, desk.site_id, desk.now())
            roster = known.roster
            assert roster is not None and known.products and known.staff
            fresh = roster.model_copy(update={"fetched_at": desk.now()})
            import_register(desk, fresh, by="s-02", valid_to=known.standing["roster"].valid_to or desk.now())
        assert len(queries._parsed) <= KEPT
