"""The end of a unit on the screen: the check weigh, the signature that releases it, and its label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk_ui import models as m
from kiosk_ui.models import Words
from store_service.blending.cases import View
from store_service.blending.commands import SAME_CUP_MG
from store_service.blending.queries import Unit, components_of
from store_service.equipment.bench import DeviceHealth
from store_service.evidence.canonical import canonical, sha256_hex
from store_service.labelling.api import preview
from store_service.labelling.queries import PrintedSize, printed_size
from store_service.labelling.serials import Serial, serials_of
from store_service.records.desk import Missing
from store_service.rules.checks.finishing import UNMIXED
from store_service.shop import Shop
from store_service.trace.record import unit_record

from .home import tiles
from .unit_words import bound_by
from .visit_end import said_content

MIXING = {
    "stir": Words("用一次性刮棒沿瓶壁轻轻搅拌至均匀", "Stir gently along the wall with a single-use rod until even"),
    "shake": Words("盖紧，轻轻上下翻转 20 次", "Close and turn over gently 20 times"),
    "fill": Words("分装，不需混合", "Decanted, nothing to mix"),
    "planetary_mix": Words("放入搅拌机，按设定程序", "Put into the mixer and run its programme"),
}
MEANING = Words("我已核对质量、外观与记录，同意放行。", "I have checked mass, appearance and record, and release it.")
LINTED = ("R-LAB-02", "R-LAB-05", "R-LAB-06", "R-LAB-07", "R-LAB-13", "R-LAB-18", "R-WORD-01", "R-WORD-02", "R-WORD-03")


class FinishScreens:
    """Check weigh, signature and label of the unit on the bench."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def weigh(self, unit: Unit, name: Words) -> m.WeighScreen:
        """A unit that was looked at before it was mixed, as a program may say, is looked at again (R-BLD-17)."""
        site = self.shop.desk.site_id
        with self.shop.desk.read() as connection:
            parts = components_of(connection, site, unit.id)
            view = View.at(self.shop.desk, connection)
            envelope = view.known.envelopes.get(unit.envelope_id)
            tail = ""
            if unit.state == "checked":
                tail = sha256_hex(canonical(unit_record(connection, self.shop.desk, view.known, unit.id)))[-8:]
        gauge = self.shop.station_of(unit.bench_id).devices.gauge()
        weighed = unit.weighed_at is not None
        content = said_content(unit.net_mg, self.shop.station_of(unit.bench_id))
        first = view.known.products.get(parts[0].product_id)
        to_mix = envelope is None or envelope.mixing_step not in UNMIXED
        mixed = not to_mix or (unit.inspection or {}).get("mixed") is True
        looked_at = unit.state == "checked" and mixed
        signing = m.Signing(MEANING, tiles(self.shop, "releaser"), tail) if looked_at else None
        return m.WeighScreen(
            unit_id=unit.id,
            name=name,
            stage="sign" if looked_at else "inspect" if weighed else "weigh",
            live_url=f"/kiosk/live/{unit.id}",
            live_mg=gauge.mg,
            stable=gauge.stable,
            tare_mg=unit.empty_mg or 0,
            doses_mg=sum(one.actual_mg for one in parts),
            tolerance_mg=SAME_CUP_MG,
            gross_mg=unit.gross_mg if weighed else None,
            mixing=self._mixing(envelope.mixing_step) if envelope else None,
            to_mix=to_mix,
            appearance=Words(first.sensory, first.sensory) if first else None,
            content=content,
            signing=signing,
            corrections=tuple(_correction(view, one) for one in unit.reratios or ()),
        )

    def _mixing(self, step: str) -> Words:
        terms = self.shop.desk.ruleset.terms
        return MIXING.get(step) or Words(terms.term(step, "zh"), terms.term(step, "en"))

    def label(self, unit: Unit) -> m.LabelScreen:
        with self.shop.desk.read() as connection:
            products = View.at(self.shop.desk, connection).known.products
            last = [
                one for one in serials_of(connection, self.shop.desk.site_id, unit.id) if one.set_serial == unit.serial
            ]
            printed = [(one, printed_size(connection, one.bitmap_sha256)) for one in last if one.state != "voided"]
        parts = self._printed(unit, printed) if printed and unit.state != "signed" else self._previewed(unit)
        rules = self.shop.desk.ruleset.rules
        said = {one: Words(rules[one].title_zh, rules[one].title_en) for one in LINTED if one in rules}
        why = bound_by(unit.bounded_by, products, self.shop.desk.ruleset.terms)
        if why is not None and unit.use_by is not None:
            said["R-LAB-05"] = Words(f"使用期限 {unit.use_by}，{why.zh}", f"Use-by {unit.use_by}, {why.en}")
        lint = tuple(m.LintLine(rule, words, True) for rule, words in said.items())
        health = {one.device: one for one in self.shop.station_of(unit.bench_id).devices.health()}
        void = tuple(one.serial for one in last if one.state == "voided") if unit.state == "signed" else ()
        first, second = _printer(health.get("printer")), health.get("printer-2")
        if self.shop.station_of(unit.bench_id).settings.leaflets_apart:  # it does not stand in; in trouble both wait
            first, second = (first if first != "ready" else _printer(second)), None
        return m.LabelScreen(unit.id, parts, lint, first, _printer(second) if second else None, void)

    def _printed(self, unit: Unit, printed: list[tuple[Serial, PrintedSize]]) -> tuple[m.LabelPart, ...]:
        alt = Words(f"标签 {unit.batch}", f"Label {unit.batch}")
        return tuple(
            m.LabelPart(
                number=one.number,
                image_url=f"/kiosk/label/{one.bitmap_sha256}.png",
                alt=alt,
                width_mm=size.width_mm,
                height_mm=size.height_mm,
                dots_w=size.width,
                dots_h=size.height,
                serial=one.serial,
                state="scanned" if one.state in ("verified", "applied") or one.medium == "leaflet" else "printed",
            )
            for one, size in printed
        )

    def _previewed(self, unit: Unit) -> tuple[m.LabelPart, ...]:
        try:
            parts = preview(self.shop, unit.id)
        except Missing:
            return ()
        alt = Words(f"标签预览 {unit.batch}", f"Label preview {unit.batch}")
        return tuple(
            m.LabelPart(
                number=one.number,
                image_url=f"/api/v1/units/{unit.id}/label/{one.number}.png",
                alt=alt,
                width_mm=round(one.bitmap.width * 25.4 / one.bitmap.dpi),
                height_mm=round(one.bitmap.height * 25.4 / one.bitmap.dpi),
                dots_w=one.bitmap.width,
                dots_h=one.bitmap.height,
                serial="",
                state="preview",
            )
            for one in parts
        )


def _correction(view: View, told: Mapping[str, Any]) -> m.Correction:
    """One re-ratio out of the unit's record."""
    product = view.known.products.get(told["product_id"])
    part = next(one for one in told["parts"] if one["product_id"] == told["product_id"])
    return m.Correction(
        Words(product.name_zh, product.name_en) if product else Words(told["product_id"], told["product_id"]),
        part["new_target_mg"],
        part["old_target_mg"],
        told["old_fill_mg"],
        told["new_fill_mg"],
    )


PRINTER_STATES: dict[str, m.PrinterState] = {
    "PaperOut": "paper_out",
    "RibbonOut": "ribbon_out",
    "CoverOpen": "cover_open",
    "PrinterJam": "jam",
    "PrinterPaused": "paused",
}


def _printer(one: DeviceHealth | None) -> m.PrinterState:
    return "ready" if one is None or one.ok else PRINTER_STATES.get(one.fault, "away")
