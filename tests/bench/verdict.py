"""One verdict over a full service with 5,000 products known: every gate, asked of what the commands gather for them."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from store_service.blending.cases import View
from store_service.blending.queries import units_of
from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.labelling.queries import facts, lay
from store_service.rules.case import Case, Cup
from store_service.rules.dossier import ProductRegister
from store_service.rules.gates import GATES, ask
from tests.bench.command import p99
from tests.shops import BLENDER, EMPTY_MG, EXPLAINED, PACK_LOT, PrivateShop, private_shop

PRODUCTS, TIMES = 5_000, 200


def _many(place: PrivateShop) -> None:
    """The demo's products and copies of them under other ids and numbers, published as one register."""
    desk = place.shop.desk
    with desk.read() as connection:
        known = list(registers(connection, desk.site_id, desk.now()).products.values())
    copies = [
        known[n % len(known)].model_copy(update={"product_id": f"X-{n}", "filing_number": f"沪G妆网备字2025{n:06d}"})
        for n in range(PRODUCTS - len(known))
    ]
    register = ProductRegister(
        filer_id=place.shop.settings.filer_id, attested_at=desk.now(), products=(*known, *copies)
    )
    import_register(desk, register, by="import", valid_to=desk.now() + timedelta(days=7))


def _case(place: PrivateShop, service_id: str) -> Case:
    """What the commands gather between the consultation and the release, as one case; reads the database."""
    desk, station = place.shop.desk, place.station
    with desk.read() as connection:
        view = View.at(desk, connection)
        units = units_of(connection, desk.site_id, service_id)
        planned = tuple(view.planned(one) for one in units)
        progress = replace(view.progress(units[0]), use_by=units[0].use_by, computed_use_by=units[0].use_by)
        case = replace(
            view.standing(BLENDER.staff_id),
            units=planned,
            unit=planned[0],
            source=planned[0].sources[0],
            progress=progress,
            cup=Cup(PACK_LOT, "PK-30", own_container=False, gross_mg=EMPTY_MG, visual_ok=True, pack_received=True),
            explained=EXPLAINED,
            recall_by="card",
        )
        return view.used_at(view.knowing(case), station.settings)


def measure() -> dict[str, float]:
    """Milliseconds: reading the case, asking every gate, and both together, by the clock and by the processor. The
    label is laid out before: its text is a fact of the case."""
    with tempfile.TemporaryDirectory() as folder, private_shop(Path(folder)) as place:
        _many(place)
        service_id = place.service()
        unit_ids = [place.planned_unit(one, service_id) for one in ("ENV-LOTION", "ENV-CREAM", "ENV-DECANT")]
        place.cup_unit(unit_ids[0])
        place.dosed_unit(unit_ids[0])
        place.signed_unit(unit_ids[0])
        read, asked, both, busy = [], [], [], []
        laid = _label(place, unit_ids[0])
        for _ in range(TIMES):
            begun, cpu = time.perf_counter(), time.process_time()
            case = replace(_case(place, service_id), label=facts(laid))
            read_at = time.perf_counter()
            for gate in GATES:
                ask(gate, case, place.shop.desk.ruleset)
            ended = time.perf_counter()
            busy.append(time.process_time() - cpu)
            read.append(read_at - begun)
            asked.append(ended - read_at)
            both.append(ended - begun)
    return {
        "verdict_p50_ms": statistics.median(both) * 1e3,
        "verdict_p99_ms": p99(both) * 1e3,
        "case_p50_ms": statistics.median(read) * 1e3,
        "gates_p50_ms": statistics.median(asked) * 1e3,
        "verdict_cpu_p50_ms": statistics.median(busy) * 1e3,
    }


def _label(place: PrivateShop, unit_id: str):  # type: ignore[no-untyped-def]  # LabelSet and content, or None
    desk, station = place.shop.desk, place.station
    with desk.read() as connection:
        return lay(
            View.at(desk, connection),
            desk,
            place.unit(unit_id),
            public_base=place.shop.settings.public_base,
            bench_id=station.settings.bench_id,
            resolution_mg=station.settings.scale.resolution_mg,
        )
