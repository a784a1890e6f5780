"""How long the law takes over a full service, every gate asked once, with 5,000 products known."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from store_service.blending.cases import View
from store_service.catalogue.commands import import_register
from store_service.rules.case import Case
from store_service.rules.dossier import ProductRegister
from store_service.rules.gates import GATES, ask
from tests.rules.cases import passing
from tests.shops import BLENDER, PrivateShop, private_shop

PRODUCTS, TIMES = 5_000, 60


def _known(private: PrivateShop) -> None:
    """The demo's products, and copies under other ids up to 5,000."""
    desk = private.shop.desk
    with desk.read() as connection:
        register: Any = View.at(desk, connection).known.documents["products"]
    first = register.products[0]
    copies = [
        first.model_copy(update={"product_id": f"SRC-{n:05d}", "filing_number": f"沪G妆网备字2026{n:06d}"})
        for n in range(PRODUCTS - len(register.products))
    ]
    whole = ProductRegister(
        filer_id=register.filer_id, attested_at=register.attested_at, products=(*register.products, *copies)
    )
    import_register(desk, whole, by="bench", valid_to=desk.now() + timedelta(days=1))


def _service(private: PrivateShop, units: tuple[str, ...]) -> dict[str, Case]:
    """What the commands of one service hand to each gate: standing, plan and sources read from the shop as they do."""
    desk = private.shop.desk
    with desk.read() as connection:
        view = View.at(desk, connection)
        standing = view.at_bench(view.standing(BLENDER.staff_id), private.station.settings)
        planned = tuple(view.planned(private.unit(one)) for one in units)
    cases = {}
    for gate in GATES:
        good = passing(gate)
        changes = {"units": planned} if good.units else {}
        changes |= {"unit": planned[0]} if good.unit is not None else {}
        changes |= {"source": planned[0].sources[0]} if good.source is not None else {}
        kept = {name: getattr(good, name) for name in ("consumer", "cup", "progress", "label", "receipt", "record")}
        cases[gate] = replace(standing, **kept, **changes, explained=True)
    return cases


def measure() -> dict[str, float]:
    """Milliseconds for all gates of one service of three units: median, and the part that reads the shop."""
    with tempfile.TemporaryDirectory() as folder, private_shop(Path(folder)) as private:
        service_id = private.service()
        names = ("ENV-LOTION", "ENV-TONER", "ENV-DECANT")
        units = tuple(private.planned_unit(one, service_id) for one in names)
        _known(private)
        whole, asking = [], []
        for _ in range(TIMES):
            begun = time.perf_counter()
            cases = _service(private, units)
            asked = time.perf_counter()
            for gate, case in cases.items():
                ask(gate, case, private.shop.desk.ruleset)
            whole.append(time.perf_counter() - begun)
            asking.append(time.perf_counter() - asked)
    return {
        "verdict_all_gates_ms": statistics.median(asking) * 1e3,
        "with_reading_ms": statistics.median(whole) * 1e3,
        "products": PRODUCTS,
    }
