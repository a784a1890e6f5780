"""One pumped component follows the other by itself; a second one that cannot begin stops the unit, never the shop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from store_service.blending.commands import Doser
from store_service.blending.queries import doses_of
from store_service.equipment.bench import DeviceTrouble, DoseOrder, DoseReport
from tests.shops import BLENDER, FakeBench, private_shop


class Refusing(FakeBench):
    """The second dose is not begun; with `uncertain`, nobody heard whether it was."""

    uncertain = False

    def begin(self, order: DoseOrder, ended: Callable[[DoseReport], None]) -> None:
        if self.orders:
            raise DeviceTrouble("dispenser", "silent", "泵没有应答。", "The pump is silent.", uncertain=self.uncertain)
        super().begin(order, ended)


@pytest.mark.parametrize("uncertain", [False, True])
def test_a_following_dose_that_does_not_begin_stops_the_unit(tmp_path: Path, uncertain: bool) -> None:
    with private_shop(tmp_path) as private:
        bench = Refusing()
        bench.uncertain = uncertain
        shop, settings = private.shop, private.station.settings
        doser = Doser(shop.desk, settings, bench, spawn=bench.queue.append)
        unit_id = private.planned_unit()
        private.cup_unit(unit_id)
        bench.gross_mg = private.bench.gross_mg
        doser.begin(BLENDER, unit_id)
        # In a thread: a lock that is waited for by its own holder must fail this test, not hang it.
        worker = threading.Thread(target=bench.run, daemon=True)
        worker.start()
        worker.join(timeout=20)
        assert not worker.is_alive()
        assert private.unit(unit_id).state == "stopped"
        with shop.desk.read() as connection:
            doses = doses_of(connection, shop.desk.site_id, unit_id)
        assert [one.outcome for one in doses] == ["done", None if uncertain else "fault"]
        assert bench.stops == (1 if uncertain else 0)
