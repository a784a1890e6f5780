"""R-ADM through the commands that ask it: planning, receiving, scanning. Each rule passes once and refuses once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store_service.blending import commands as blending
from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.demo import play as demo
from store_service.demo.dates import patch
from store_service.records.desk import Missing, NeedsReason, OutOfStep
from store_service.rules.dossier import SNAPSHOT_KINDS
from store_service.rules.refusal import Refused
from store_service.stock import commands as stock
from store_service.stock.filings import follow_filings
from store_service.stock.queries import find_container
from tests.shops import BLENDER, CONFIG, OFFICER, PrivateShop, private_shop

OIL = "products[product_id=SRC-OILCTL]"
LOT = "lots[lot_no=OC2609A]"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("admission")) as made:
        yield made


@pytest.fixture(scope="module")
def service(shop: PrivateShop) -> str:
    return shop.unit(shop.planned_unit("ENV-TONER")).service_id


@pytest.fixture(scope="module")
def cupped(shop: PrivateShop) -> str:
    """A unit on the bench, its containers scanned, its cup empty; a decant waits beside it (R-SCP-06)."""
    unit_id = shop.planned_unit("ENV-TONER")
    shop.cup_unit(unit_id)
    return unit_id


@contextmanager
def published(shop: PrivateShop, changes: dict[str, dict[str, Any]]) -> Iterator[None]:
    """Registers as head office changes them: kind → path → value; as they were afterwards."""
    desk = shop.shop.desk
    with desk.read() as connection:
        before = registers(connection, desk.site_id, desk.now()).documents
    until = desk.now() + 7 * DAY
    for kind, paths in changes.items():
        content = patch(before[kind].model_dump(mode="json"), paths)
        import_register(desk, SNAPSHOT_KINDS[kind].model_validate(content), by="import", valid_to=until)
    try:
        yield
    finally:
        for kind in changes:
            import_register(desk, before[kind], by="import", valid_to=until)


def verdict(shop: PrivateShop, service_id: str) -> tuple[set[str], set[str]]:
    """Rules that refuse and rules that warn."""
    base, settings = shop.shop.settings.public_base, shop.station.settings
    try:
        found = shop.shop.counter.verdict(BLENDER, settings, base, service_id)
    except Refused as no:
        found = no.verdict
    except NeedsReason as no:
        found = no.verdict
    return {one.rule for one in found.refusals}, {one.rule for one in found.warnings}


def receive(shop: PrivateShop, *containers: stock.NewContainer, expiry: str | None = None, **typed: str) -> set[str]:
    """Type a delivery of the oil-control serum; the rules that refuse it."""
    opening = demo.read(CONFIG / "demo", "opening.toml", shop.shop.desk.now())
    row = next(one for one in opening["deliveries"] if one["lot_no"] == "OC2609A")
    fields = {key: str(value) for key, value in row["fields"].items()} | typed
    read = row["expiry"] + DAY if expiry == "other" else row["expiry"]
    try:
        stock.receive_lot(shop.shop.desk, OFFICER.staff_id, "SRC-OILCTL", "OC2609A", read, fields, containers)
    except Refused as no:
        return {one.rule for one in no.verdict.refusals}
    return set()


def scan(shop: PrivateShop, unit_id: str, code: str = "C-107") -> set[str]:
    try:
        blending.scan_container(shop.shop.desk, BLENDER, shop.station.settings, unit_id, code)
    except Refused as no:
        return {one.rule for one in no.verdict.refusals}
    return set()


def test_a_service_with_nothing_wrong_passes(shop: PrivateShop) -> None:
    assert verdict(shop, shop.unit(shop.planned_unit("ENV-LOTION")).service_id) == (set(), set())


REFUSED_AT_VERDICT: list[tuple[str, dict[str, dict[str, Any]]]] = [
    ("R-ADM-01", {"products": {f"{OIL}.filing_status": "unknown"}}),
    ("R-ADM-01", {"products": {"attested_at": "2026-11-14T00:00:00Z"}}),
    ("R-ADM-02", {"products": {f"{OIL}.filer_id": "FILER-XX"}}),
    ("R-ADM-03", {"products": {f"{OIL}.filing_number": "国妆特字20259999"}}),
    ("R-ADM-04", {"products": {f"{OIL}.legacy_type": "健美"}}),
    ("R-ADM-05", {"products": {f"{OIL}.claims": ["美白", "仅具物理遮盖作用"]}}),
    ("R-ADM-06", {"products": {f"{OIL}.class_code": "11-05-02/03-02-02"}}),
    ("R-ADM-07", {"products": {f"{OIL}.class_code": "11-05/06-03-02-02"}}),
    ("R-ADM-08", {"products": {f"{OIL}.ingredients[0].history": [{"since": "2026-11-22", "status": "new"}]}}),
    ("R-ADM-09", {"products": {f"{OIL}.class_code": "11-05/07-03-02-02"}}),
    ("R-ADM-10", {"products": {f"{OIL}.class_code": "11-05-03-02-01", f"{OIL}.use": "rinse_off"}}),
    ("R-ADM-11", {"products": {f"{OIL}.class_code": "A-05-03-02-02"}}),
    ("R-ADM-12", {"products": {f"{OIL}.class_code": "11-01-03-02-02"}}),
    ("R-ADM-16", {"products": {f"{OIL}.ph_min_x100": 300}, "envelopes": {"envelopes[2].ph_min_x100": None}}),
    ("R-ADM-18", {"products": {f"{OIL}.formula_version": "F2"}}),
    (
        "R-ADM-19",
        {
            "products": {f"{OIL}.filing_number": "新G妆网备字2025999997"},
            "roster": {"rows[0].approved_products": ["SRC-TONER"]},
        },
    ),
    ("R-ADM-20", {"products": {f"{OIL}.form": "mask"}}),
    ("R-ADM-21", {"products": {f"{OIL}.summary_due": "2026-11-21"}}),
    ("R-ADM-22", {"products": {f"{OIL}.kit_part": True}}),
    ("R-ADM-23", {"products": {f"{OIL}.filing_status": "deregistered"}}),
    ("R-ADM-24", {"products": {f"{OIL}.filing_number": "国妆原备字20210001"}}),
    (
        "R-ADM-25",
        {
            "products": {f"{OIL}.filing_number": "琼G妆网备字2025999997", f"{OIL}.statement_due": "2026-11-21"},
            "rules": {"overrides": {"沪": {"statement_refuses": True}}},
        },
    ),
]


@pytest.mark.parametrize(("rule", "changes"), REFUSED_AT_VERDICT, ids=[row[0] for row in REFUSED_AT_VERDICT])
def test_a_planned_service_is_refused(
    shop: PrivateShop, service: str, rule: str, changes: dict[str, dict[str, Any]]
) -> None:
    with published(shop, changes):
        assert rule in verdict(shop, service)[0]


def test_only_what_was_changed_stood_in_the_way(shop: PrivateShop, service: str) -> None:
    assert verdict(shop, service)[0] == set()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("R-ADM-16", {"products": {f"{OIL}.ethanol_ppm": 1}}),
        ("R-ADM-17", {"products": {f"{OIL}.filed_on": "2024-01-10", f"{OIL}.annual_report_on": "2025-03-01"}}),
        (
            "R-ADM-25",
            {"products": {f"{OIL}.filing_number": "琼G妆网备字2025999997", f"{OIL}.statement_due": "2026-12-31"}},
        ),
    ],
)
def test_a_warning_wants_a_reason(
    shop: PrivateShop, service: str, rule: str, changes: dict[str, dict[str, Any]]
) -> None:
    with published(shop, changes):
        assert verdict(shop, service) == (set(), {rule})


def test_a_delivery_is_taken_in_with_its_papers(shop: PrivateShop) -> None:
    cartridge = stock.NewContainer("C-301", "cartridge", 100_000, filled_on=shop.shop.desk.now().date())
    assert receive(shop, cartridge, stock.NewContainer("C-302", "retail_pack", 100_000)) == set()
    with shop.shop.desk.read() as connection:
        assert find_container(connection, shop.shop.desk.site_id, "C-301") is not None


@pytest.mark.parametrize("field", stock.RECEIPT_FIELDS)
def test_a_delivery_lacking_any_field_is_refused(shop: PrivateShop, field: str) -> None:
    assert receive(shop, **{field: " "}) == {"R-ADM-13"}


@pytest.mark.parametrize(
    ("rule", "typed"),
    [
        ("R-ADM-13", {"purchase_date": "2026-02-30"}),
        ("R-ADM-13", {"purchase_date": "2026-11-23"}),
        ("R-ADM-13", {"expiry": "other"}),
        ("R-ADM-13", {"filing_number": "沪G妆网备字2025999991"}),
        ("R-ADM-24", {"filing_number": "预备案号 沪2025999997"}),
    ],
)
def test_a_delivery_whose_papers_do_not_agree_is_refused(shop: PrivateShop, rule: str, typed: dict[str, str]) -> None:
    assert rule in receive(shop, **typed)


@pytest.mark.parametrize("status", ["returned", "recalled", "quarantined", "damaged"])
def test_dead_stock_does_not_come_in(shop: PrivateShop, status: str) -> None:
    with published(shop, {"lots": {f"{LOT}.status": status}}):
        assert "R-ADM-14" in receive(shop)


def test_neither_a_pail_nor_a_cartridge_of_unknown_filling_comes_in(shop: PrivateShop) -> None:
    tomorrow = shop.shop.desk.now().date() + DAY
    for one in (
        stock.NewContainer("C-310", "bulk", 20_000_000),
        stock.NewContainer("C-311", "cartridge", 100_000),
        stock.NewContainer("C-312", "cartridge", 100_000, filled_on=tomorrow),
    ):
        assert receive(shop, one) == {"R-ADM-15"}
        with shop.shop.desk.read() as connection:
            assert find_container(connection, shop.shop.desk.site_id, one.container_id) is None


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("R-ADM-01", {"products": {f"{OIL}.filing_status": "unknown"}}),
        ("R-ADM-08", {"products": {f"{OIL}.ingredients[0].status": "new"}}),
        ("R-ADM-14", {"lots": {f"{LOT}.status": "returned"}}),
        ("R-ADM-14", {"lots": {f"{LOT}.expiry": "2026-11-21"}}),
        ("R-ADM-18", {"products": {f"{OIL}.changed_since_filing": ["maker"]}}),
        ("R-ADM-22", {"products": {f"{OIL}.kit_part": True}}),
        ("R-ADM-23", {"products": {f"{OIL}.filing_status": "revoked"}}),
    ],
)
def test_what_changed_since_the_verdict_stops_at_the_scan(
    shop: PrivateShop, cupped: str, rule: str, changes: dict[str, dict[str, Any]]
) -> None:
    with published(shop, changes):
        assert rule in scan(shop, cupped)
    assert scan(shop, cupped) == set()


def test_a_filled_unit_is_no_container(shop: PrivateShop, cupped: str) -> None:
    with pytest.raises(Missing, match="batch"):
        scan(shop, cupped, str(shop.unit(cupped).batch))


def test_what_was_set_apart_does_not_come_back(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    assert receive(shop, stock.NewContainer("C-320", "retail_pack", 100_000)) == set()
    stock.quarantine_container(desk, OFFICER.staff_id, "C-320", "returned by a consumer")
    with pytest.raises(OutOfStep):
        stock.open_container(desk, OFFICER.staff_id, "C-320")
    with pytest.raises(OutOfStep):
        stock.mount_container(desk, OFFICER.staff_id, "C-320", shop.station.settings.bench_id, 1)
    with pytest.raises(OutOfStep):
        receive(shop, stock.NewContainer("C-320", "retail_pack", 100_000))


def test_the_shelf_follows_a_filing_that_ends(tmp_path: Path) -> None:
    with private_shop(tmp_path) as one:
        desk = one.shop.desk

        def states() -> dict[str, str]:
            with desk.read() as connection:
                found = {code: find_container(connection, desk.site_id, code) for code in ("C-107", "C-108", "C-106")}
            return {code: container.state for code, container in found.items() if container}

        assert follow_filings(desk) == [] and states() == {"C-107": "opened", "C-108": "closed", "C-106": "opened"}
        with published(one, {"products": {f"{OIL}.filing_status": "deregistered"}}):
            assert follow_filings(desk) == ["C-107"] and follow_filings(desk) == []
            assert states()["C-108"] == "closed", "closed retail packs may sell to their expiry"
            with published(one, {"lots": {"lots[lot_no=OC2610B].disposition": "return"}}):
                assert follow_filings(desk) == ["C-108"]
        with published(one, {"products": {"products[product_id=SRC-TONER].filing_status": "revoked"}}):
            assert sorted(follow_filings(desk)) == ["C-106", "C-111"]
        assert states() == {"C-107": "quarantined", "C-108": "quarantined", "C-106": "quarantined"}
