"""`kill -9` while labels come out, and the second printer standing in for the first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from tests.benches import Place, open_private, shop_on_bench
from tests.clerk import read_picture, until

from .laws import all_hold, kinds


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    printers = {"printer_language": "tspl", "printer_dpi": 300, "second_printer_language": "zpl"}
    with shop_on_bench(tmp_path_factory.mktemp("printers"), apart=True, seed=5, **printers) as place:
        yield place


def test_a_label_out_and_nobody_left_to_hear_of_it(apart: Place) -> None:
    kiosk, tray = apart.kiosk, apart.bench.printer.labels
    unit_id = kiosk.unit("signed")

    def press_print() -> None:
        with suppress(httpx.HTTPError):
            kiosk.ask(f"/units/{unit_id}/print")

    apart.fault("printer_never_done")
    clerk = threading.Thread(target=press_print)
    clerk.start()
    until(lambda: tray, "a label is out")
    assert {one["state"] for one in kiosk.state(unit_id)["labels"]} == {"reserved"}
    apart.kill()
    clerk.join(10)
    apart.fault("printer_never_done", False)

    apart.start()
    told = kiosk.state(unit_id)
    assert (told["state"], {one["state"] for one in told["labels"]}) == ("signed", {"voided"})
    lost = {one["serial"] for one in told["labels"]}
    found = read_picture(tray[0].png)
    assert found.rpartition("/")[2] in lost, "the piece that came out is one of them"
    assert kiosk.ask(f"/units/{unit_id}/scan-back", {"code": found}).status_code == 409

    apart.fault("printer_paper_out")
    trouble = kiosk.ask(f"/units/{unit_id}/print")
    assert (trouble.status_code, trouble.json()["fault"]) == (503, "PaperOut")
    health = {one["device"]: one["ok"] for one in kiosk.get("/benches/bench-1")["devices"]}
    assert (health["printer"], health["printer-2"]) == (False, True)

    kiosk.do(f"/units/{unit_id}/print", {"second": True})
    fresh = [one for one in tray if one.printer == 2]
    assert [(one.language, one.width, one.height) for one in fresh] == [("zpl", 576, 480)] * len(fresh)
    told = kiosk.release(unit_id)
    assert told["state"] == "released"
    assert {one["state"] for one in told["labels"] if one["serial"] not in lost} == {"voided", "applied"}
    read = [read_picture(one.png) for one in tray]
    assert len(set(read)) == len(read), "no serial came out twice"
    apart.stop()

    again = open_private(apart.settings, apart.config, apart.data)
    try:
        all_hold(again.desk)
        seen = [kind for kind in kinds(again.desk, unit_id) if kind.startswith("label.")]
        assert seen[:5] == ["label.reserved", "label.failed"] * 2 + ["label.reserved"]
        assert seen[5:7] == ["label.printed", "label.verified"] and seen[-1] == "label.applied"
    finally:
        again.close()
