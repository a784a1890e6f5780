"""One unit on the screen: line, containers, cup, dosing; stopped, held elsewhere and parked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from kiosk_ui import models as m
from kiosk_ui.models import Words
from kiosk_ui.models.reratio import ReratioScreen
from kiosk_ui.words import language_of
from store_service.blending.cases import View
from store_service.blending.doses import in_dose_order, next_component
from store_service.blending.lease import holder
from store_service.blending.queries import Component, Unit, channel_of, components_of, find_unit, open_dose
from store_service.equipment.bench import Gauge
from store_service.equipment.words import fault_words
from store_service.people import credentials
from store_service.rules.gates import ask
from store_service.stock.queries import containers_of

from .door import Kiosk
from .finish import FinishScreens
from .stop_words import EMPTYING, happened, remedy
from .unit_dose import DoseScreens, expected_mg, mark_of, place_of, same_mass
from .unit_words import CLEARANCE, VISUAL


class UnitScreens:
    """What a unit's URL shows, by its state."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk, self.shop = kiosk, kiosk.shop
        self.finish = FinishScreens(kiosk.shop)
        self.doses = DoseScreens(kiosk.shop)
        self.product = self.doses.product

    def show(self, request: Request, place: str) -> Response:
        unit_id = place.split("/")[3]
        self.kiosk.signed(request)
        with self.shop.desk.read() as connection:
            unit = find_unit(connection, self.shop.desk.site_id, unit_id)
        if unit.state in ("released", "handed_over", "discarded", "dropped"):
            return RedirectResponse(f"/kiosk/service/{unit.service_id}", 303)
        template, screen, frame = self.render(request, unit)
        return self.kiosk.page(request, template, screen=screen, frame=frame)

    def render(self, request: Request, unit: Unit) -> tuple[str, object, m.Frame]:
        """Template, model and frame of the unit's screen as it stands. What the live stream compares with is read
        before the screen, so that a change in between is drawn rather than missed."""
        with self.shop.desk.read() as connection:
            site = self.shop.desk.site_id
            parts, dose = components_of(connection, site, unit.id), open_dose(connection, site, unit.id)
        mark = mark_of(unit, parts, dose, self._gauge(unit))
        template, screen, frame = self._rendered(request, unit)
        if isinstance(
            screen, m.DosingScreen | m.ResumeScreen | m.WeighScreen | m.CupScreen | m.HeldScreen | ReratioScreen
        ):
            screen = replace(screen, live_url=f"/kiosk/live/{unit.id}?at={mark}")
        return template, screen, frame

    def _rendered(self, request: Request, unit: Unit) -> tuple[str, object, m.Frame]:
        held = self._held(request, unit)
        if held is not None:
            return "held", held, self.kiosk.frame(request, busy=True)
        if unit.tag is not None:
            screen = m.ParkedScreen(unit.id, self._name(unit), unit.tag, unit.state)
            return "parked", screen, self._frame(request, unit, 9, scan=f"/kiosk/unit/{unit.id}/unpark")
        if unit.state == "planned":
            return "lots", self._lots(unit, begun=False), self._frame(request, unit, 6)
        if unit.state == "started":
            lots = self._lots(unit, begun=True)
            scan = f"/kiosk/unit/{unit.id}/scan"
            if not lots.complete:
                return "lots", lots, self._frame(request, unit, 6, scan=scan)
            return "cup", self._cup(unit), self._frame(request, unit, 6, scan=scan)
        if unit.state in ("cup", "dosing"):
            frame = self._frame(request, unit, 7, busy=True, scan=f"/kiosk/unit/{unit.id}/scan")
            decision = self.doses.reratio(unit, self._name(unit), self.kiosk.signed(request).staff_id)
            if decision is not None:
                return "reratio", decision, frame
            return "dosing", self.doses.dosing(unit, self.kiosk.faces.book, language_of(request)), frame
        if unit.state == "stopped":
            scan = f"/kiosk/unit/{unit.id}/scan"
            return "resume", self._resume(unit), self._frame(request, unit, 7, busy=True, scan=scan)
        if unit.state in ("dosed", "checked"):
            return (
                "weigh",
                self.finish.weigh(unit, self._name(unit)),
                self._frame(request, unit, 8, busy=unit.state == "dosed"),
            )
        return "label", self.finish.label(unit), self._frame(request, unit, 9, scan=f"/kiosk/unit/{unit.id}/scan-back")

    def _frame(
        self, request: Request, unit: Unit, step: int, *, busy: bool = False, scan: str | None = None
    ) -> m.Frame:
        return self.kiosk.frame(request, step=step, busy=busy, scan_url=scan)

    def _held(self, request: Request, unit: Unit) -> m.HeldScreen | None:
        """Another kiosk has this unit on its bench: here one looks, or takes it over with a PIN."""
        if unit.bench_id is None or unit.tag is not None:
            return None
        with self.shop.desk.read() as connection:
            lease = holder(connection, self.shop.desk.site_id, unit.bench_id)
        me, gauge = self.kiosk.signed(request), self._gauge(unit)
        if lease is None or lease[0] != unit.id or lease[2] == me.kiosk:
            return None
        chinese = language_of(request) == "zh-CN"
        return m.HeldScreen(
            unit_id=unit.id,
            name=self._name(unit),
            batch=unit.batch or "",
            holder=credentials.name_of(self.shop.vault, lease[1])[0 if chinese else 1],
            kiosk=lease[2],
            state=unit.state,
            live_url=f"/kiosk/live/{unit.id}",
            live_mg=gauge.mg,
            stable=gauge.stable,
            person=me.name_zh if chinese else me.name_en,
        )

    def _name(self, unit: Unit) -> Words:
        with self.shop.desk.read() as connection:
            envelope = View.at(self.shop.desk, connection).known.envelopes.get(unit.envelope_id)
        return Words(unit.name_zh, envelope.name_en if envelope else unit.name_zh)

    def _lots(self, unit: Unit, *, begun: bool) -> m.LotsScreen:
        with self.shop.desk.read() as connection:
            view = View.at(self.shop.desk, connection)
            parts = components_of(connection, self.shop.desk.site_id, unit.id)
            now = next((one.product_id for one in parts if one.container_id is None), None)
            cards = tuple(self._card(view, one, now, begun=begun) for one in parts)
        return m.LotsScreen(unit.id, self._name(unit), cards, CLEARANCE, begun)

    def _card(self, view: View, part: Component, now: str | None, *, begun: bool) -> m.LotCard:
        scanned = part.container_id is not None
        source = view.source(part)
        one = source.container
        place = Words("", "")
        if one is not None:
            place = place_of(one)
        product = source.product
        return m.LotCard(
            product_id=part.product_id,
            name=Words(product.name_zh, product.name_en) if product else Words(part.product_id, part.product_id),
            needed_mg=part.target_mg,
            state="ok" if scanned and begun else "now" if part.product_id == now and begun else "waiting",
            lot_no=one.lot_no if one else None,
            expiry=source.lot.expiry if source.lot else None,
            opened=one.opened_at.date() if one and one.opened_at else None,
            left_mg=one.remaining_mg if one else None,
            place=place if one else None,
            by_hand=part.dose_by == "pour",
        )

    def _cup(self, unit: Unit) -> m.CupScreen:
        with self.shop.desk.read() as connection:
            pack = View.at(self.shop.desk, connection).known.packs.get(unit.pack_sku)
        gauge = self._gauge(unit)
        return m.CupScreen(
            unit_id=unit.id,
            pack=Words(pack.name_zh, pack.name_en) if pack else Words(unit.pack_sku, unit.pack_sku),
            pack_lot=self.kiosk.scans.get((unit.id, "cup")),
            tare_min_mg=pack.tare_min_mg if pack else 0,
            tare_max_mg=pack.tare_max_mg if pack else 0,
            live_url=f"/kiosk/live/{unit.id}",
            live_mg=gauge.mg,
            stable=gauge.stable,
            inspections=VISUAL,
        )

    def _gauge(self, unit: Unit) -> Gauge:
        return self.shop.station_of(unit.bench_id).devices.gauge()

    def offers(self, unit_id: str, product_id: str | None = None, *, but: str = "") -> tuple[m.Offer, ...]:
        """Other containers that would pass the scan, at most three: for one component, or for what comes next."""
        site = self.shop.desk.site_id
        with self.shop.desk.read() as connection:
            view = View.at(self.shop.desk, connection)
            unit, parts = find_unit(connection, site, unit_id), components_of(connection, site, unit_id)
            waiting = next((one for one in parts if one.container_id is None), None)
            part = next((one for one in parts if one.product_id == product_id), waiting)
            part = part or next_component(connection, site, unit_id)
            if part is None:
                return ()
            channel = channel_of(connection, site, unit_id, part.product_id)
            found = []
            for one in containers_of(connection, site, [part.product_id]):
                source = view.source(part, one)
                case = replace(
                    view.standing(unit.blender_id or "-"),
                    unit=view.planned(unit, parts),
                    source=source,
                    progress=view.progress(unit, parts),
                )
                fits = one.kind == "cartridge" and channel is not None
                onwards = one.position is not None or part.dose_by == "pour" or fits
                if one.container_id != but and onwards and ask("scan", case, self.shop.desk.ruleset).allowed:
                    found.append(one)
        name = self.product(part.product_id)
        into = channel if part.dose_by == "pump" else None
        return tuple(m.Offer(one.container_id, name, place_of(one, into), one.remaining_mg) for one in found[:3])

    def _resume(self, unit: Unit) -> m.ResumeScreen:
        site = self.shop.desk.site_id
        with self.shop.desk.read() as connection:
            parts = components_of(connection, site, unit.id)
            dose = open_dose(connection, site, unit.id)
            part = next_component(connection, site, unit.id) or in_dose_order(parts)[-1]
            params = self.shop.desk.ruleset.fill(View.at(self.shop.desk, connection).known.params(self.shop.desk))
        gauge, stopped = self._gauge(unit), unit.stopped_at or self.shop.desk.now()
        landed = part.actual_mg
        if dose is not None and gauge.mg is not None:
            landed = max(landed, part.actual_mg + gauge.mg - dose.gross_before_mg)
        scanned, same = self.kiosk.scans.get((unit.id, "resume")), same_mass(unit, dose, gauge)
        if scanned is None:
            same = None
        reason = unit.stop_reason or ""
        told = fault_words(reason)
        words = happened(reason) or (Words(*told) if told else None)
        may_be_empty = reason in EMPTYING and bool(part.lots or landed or dose is None)
        offers = self.offers(unit.id, part.product_id, but=part.container_id or "") if may_be_empty else ()
        return m.ResumeScreen(
            unit_id=unit.id,
            batch=unit.batch or "",
            name=self._name(unit),
            component=self.product(part.product_id),
            number=[one.id for one in in_dose_order(parts)].index(part.id) + 1,
            rows=self.doses.rows(parts, part.product_id),
            dosed_mg=landed,
            target_mg=part.target_mg,
            stopped_at=stopped,
            usable_until=stopped + timedelta(minutes=params.half_made_max_minutes),
            expected_mg=expected_mg(unit, dose, gauge),
            gross_now_mg=gauge.mg if gauge.state == "ok" else None,
            same_cup=same,
            live_url=f"/kiosk/live/{unit.id}",
            why=words,
            remedy=remedy(reason),
            cup_code=unit.pack_lot or "",
            scanned=scanned is not None,
            container=part.container_id or "",
            may_be_empty=may_be_empty,
            next_container=offers[0] if offers else None,
        )
