"""What the opening of a shift plays: containers, deliveries, codes and lots that agree with the registers."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import cast

from store_service.rules.dossier import EnvelopeRegister, LotRegister, ProductRegister
from store_service.trace.identifiers import read_scan

from .documents import CONFIG, NOW, document, raw, snapshot

BY_ID = {p.product_id: p for p in cast(ProductRegister, snapshot("products")).products}
ENVELOPES = cast(EnvelopeRegister, snapshot("envelopes")).envelopes


def test_pumped_components_stand_on_channels_and_poured_ones_do_not() -> None:
    containers = raw("opening")["containers"]
    positions = {c["position"]: c["product_id"] for c in containers if "position" in c}
    dose_by = {part.product_id: part.dose_by for envelope in ENVELOPES for part in envelope.components}
    assert set(positions) == {1, 2, 3, 4}
    assert set(positions.values()) == {product for product, how in dose_by.items() if how == "pump"}
    assert all("opened" in c for c in containers if "position" in c)
    opened = {c["product_id"] for c in containers if "opened" in c}
    assert opened == set(BY_ID), "a service of any kind can start at once"
    assert all("filled_on" in c for c in containers if c["kind"] == "cartridge")


def test_every_code_scans_as_what_it_is() -> None:
    opening = raw("opening")
    assert {read_scan(c["container_id"]).kind for c in opening["containers"]} == {"container"}
    assert {read_scan(p["pack_lot"]).kind for p in opening["packs"]} == {"pack"}
    badges = [row["badge"] for row in raw("staff")["staff"]]
    assert {read_scan(badge).kind for badge in badges} == {"badge"}
    for codes in (
        [c["container_id"] for c in opening["containers"]],
        [p["pack_lot"] for p in opening["packs"]],
        badges,
    ):
        assert len(set(codes)) == len(codes)


def test_deliveries_agree_with_the_dossiers() -> None:
    lots = {(lot.product_id, lot.lot_no): lot for lot in LotRegister.model_validate(document("lots")).lots}
    wanted = set(document_params()["receipt_fields"])
    for row in document("opening")["deliveries"]:
        assert set(row["fields"]) == wanted
        assert all(str(value).strip() for value in row["fields"].values())
        product = BY_ID[row["product_id"]]
        assert (row["fields"]["product_name"], row["fields"]["filing_number"]) == (
            product.name_zh,
            product.filing_number,
        )
        assert row["expiry"] == row["fields"]["use_period"] == lots[row["product_id"], row["lot_no"]].expiry


def document_params() -> dict[str, list[str]]:
    defaults: dict[str, list[str]] = tomllib.loads((CONFIG / "provinces.toml").read_text("utf-8"))["defaults"]
    return defaults


def test_lots_are_young_enough_and_old_enough() -> None:
    lots = snapshot("lots")
    assert isinstance(lots, LotRegister)
    today = NOW.date()
    for lot in lots.lots:
        months = BY_ID[lot.product_id].shelf_life_months
        assert lot.produced < today < lot.expiry
        assert lot.expiry - lot.produced <= timedelta(days=months * 31)
        assert (lot.expiry - today).days > 90 and lot.status == "released" and lot.sample_ref
    filled = [c["filled_on"] for c in document("opening")["containers"] if "filled_on" in c]
    assert filled and all(max(lot.produced for lot in lots.lots) < day <= today for day in filled)
