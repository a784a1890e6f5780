"""The label screen over a real unit: which printer has what, what is void, and labels in their true size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_ui.kiosk.finish import FinishScreens
from kiosk_ui.models import LabelScreen
from store_service.equipment.bench import DeviceHealth, DeviceTrouble
from store_service.settings import PrinterSettings
from tests.kiosk_ui.test_render import render
from tests.shops import BLENDER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """A signed unit on a bench whose first printer is out of paper; the second one has a finer head."""
    folder: Path = tmp_path_factory.mktemp("label")
    with private_shop(folder) as made:
        fine = PrinterSettings(url="tcp://127.0.0.1:9", language="zpl", dpi=300, stock="72x60")
        settings = made.station.settings.model_copy(update={"second_printer": fine})
        for part in (made.station.press, made.station):
            object.__setattr__(part, "settings", settings)
        yield made


def health(*faults: str) -> list[DeviceHealth]:
    names = ("printer", "printer-2")
    return [DeviceHealth(name, not fault, "", fault=fault) for name, fault in zip(names, faults, strict=False)]


def screen_of(shop: PrivateShop, unit_id: str) -> LabelScreen:
    return FinishScreens(shop.shop).label(shop.unit(unit_id))


def test_a_printer_in_trouble_the_second_one_and_what_is_void(
    shop: PrivateShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit_id = shop.planned_unit("ENV-TONER")
    shop.cup_unit(unit_id)
    shop.dosed_unit(unit_id)
    shop.signed_unit(unit_id)
    before = screen_of(shop, unit_id)
    assert (before.printer, before.second, before.void) == ("ready", None, ())
    assert {(part.width_mm, part.height_mm, part.dots_w) for part in before.parts} == {(72, 60, 576)}

    shop.bench.printer_fault = "PaperOut"
    with pytest.raises(DeviceTrouble):
        shop.printed_unit(unit_id)
    for faults, told in (
        (("PaperOut", ""), ("paper_out", "ready")),
        (("RibbonOut", "CoverOpen"), ("ribbon_out", "cover_open")),
        (("PrinterJam", "PrinterPaused"), ("jam", "paused")),
        (("PrinterOffline",), ("away", None)),
    ):
        monkeypatch.setattr(shop.bench, "health", lambda faults=faults: health(*faults))
        screen = screen_of(shop, unit_id)
        assert (screen.printer, screen.second) == told
        assert set(screen.void) == {one.serial for one in shop.serials(unit_id)} != set()
        offered = 'name="on" value="second"' in render("09-label", screen=screen)
        assert offered == (told[1] == "ready")
        assert all(serial in render("09-label", "en", screen=screen) for serial in screen.void)

    shop.station.press.print(BLENDER, unit_id, second=True)
    after = screen_of(shop, unit_id)
    assert after.printed and after.void == ()
    assert {(part.width_mm, part.height_mm, part.dots_w) for part in after.parts} == {(72, 60, 850)}
    assert shop.scanned_unit(unit_id)
