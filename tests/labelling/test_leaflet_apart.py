"""A bench whose second printer holds the leaflets' paper: each part of a small pack's set goes where its paper is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from kiosk_ui.kiosk.finish import FinishScreens
from store_service.equipment.bench import DeviceHealth, DeviceTrouble
from store_service.settings import BenchSettings, PrinterSettings
from store_service.stock.commands import load_label_stock
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop

LEAFLETS = PrinterSettings(url="tcp://127.0.0.1:9", language="escpos", dpi=203, stock="leaflet")


def fitted(settings: BenchSettings, second: PrinterSettings) -> BenchSettings:
    return BenchSettings.model_validate({**settings.model_dump(), "second_printer": second.model_dump()})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """Small labels are loaded, and a unit of 14.5 g is signed (`shop.signed`)."""
    with private_shop(tmp_path_factory.mktemp("apart")) as made:
        settings = fitted(made.station.settings, LEAFLETS)
        for part in (made.station.press, made.station):
            object.__setattr__(part, "settings", settings)
        load_label_stock(made.shop.desk, OFFICER.staff_id, settings.bench_id, "48x40")
        unit_id = made.planned_unit(fill_mg=14_500, pack="PK-15")
        made.cup_unit(unit_id, "P-15-2609", 12_000)
        made.dosed_unit(unit_id)
        made.signed_unit(unit_id)
        made.signed = unit_id  # type: ignore[attr-defined]  # the one unit of these tests
        yield made


def test_a_leaflet_in_trouble_voids_the_set_and_nobody_stands_in(
    shop: PrivateShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit_id = str(shop.signed)  # type: ignore[attr-defined]  # set by the fixture
    sent: list[tuple[bool, list[int]]] = []

    def out_of_paper(bitmaps: list[tuple[int, int, bytes]], second: bool = False) -> None:
        sent.append((second, [width for width, _, _ in bitmaps]))
        if second:
            raise DeviceTrouble("printer-2", "PaperOut", "缺纸。", "Out of paper.")

    monkeypatch.setattr(shop.bench, "print", out_of_paper)
    with pytest.raises(DeviceTrouble):
        shop.printed_unit(unit_id)
    assert sent == [(True, [576])], "no label came out beside a leaflet that did not"
    assert {one.state for one in shop.serials(unit_id)} == {"voided"}
    with pytest.raises(DeviceTrouble) as no:
        shop.station.press.print(BLENDER, unit_id, second=True)
    assert no.value.fault == "absent" and len(sent) == 1

    for faults, told in ((("", "PaperOut"), "paper_out"), (("CoverOpen", ""), "cover_open"), (("", ""), "ready")):
        names = zip(("printer", "printer-2"), faults, strict=True)
        health = [DeviceHealth(name, not fault, "", fault=fault) for name, fault in names]
        monkeypatch.setattr(shop.bench, "health", lambda health=health: health)
        screen = FinishScreens(shop.shop).label(shop.unit(unit_id))
        assert (screen.printer, screen.second) == (told, None)


def test_the_label_goes_to_the_labels_and_the_leaflet_to_its_paper(
    shop: PrivateShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit_id = str(shop.signed)  # type: ignore[attr-defined]  # set by the fixture
    sent: list[tuple[bool, list[int]]] = []
    monkeypatch.setattr(
        shop.bench, "print", lambda bitmaps, second=False: sent.append((second, [width for width, _, _ in bitmaps]))
    )
    shop.printed_unit(unit_id)
    assert sent == [(True, [576]), (False, [384])]
    live = [one for one in shop.serials(unit_id) if one.state == "printed"]
    assert [one.medium for one in live] == ["label", "leaflet"]
    assert shop.scanned_unit(unit_id), "the leaflet need not be scanned"


@pytest.mark.parametrize("changes", [{"stock": "48x40"}, {"dpi": 300}])
def test_a_second_printer_holds_the_same_stock_or_leaflets_at_the_same_dpi(
    shop: PrivateShop, changes: dict[str, object]
) -> None:
    with pytest.raises(ValidationError, match="second_printer"):
        fitted(shop.station.settings, LEAFLETS.model_copy(update=changes))
