"""The dosing screens of one unit: the gauge, and the decision when a component has landed off its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from kiosk_ui import models as m
from kiosk_ui.formats import grams
from kiosk_ui.models import Words
from kiosk_ui.models.reratio import ReratioRow, ReratioScreen
from kiosk_ui.words import Book
from store_service.blending import commands
from store_service.blending.cases import View
from store_service.blending.commands import SAME_CUP_MG
from store_service.blending.doses import in_dose_order, limits, next_component, over
from store_service.blending.queries import Component, Dose, Unit, components_of, open_dose
from store_service.blending.reratio import Off, Room, propose, room
from store_service.equipment.bench import Gauge
from store_service.evidence.canonical import sha256_hex
from store_service.rules.case import Container
from store_service.shop import Shop
from store_service.stock.queries import find_container


class DoseScreens:
    """Screens between the empty cup and the last dose."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def product(self, product_id: str) -> Words:
        with self.shop.desk.read() as connection:
            found = View.at(self.shop.desk, connection).known.products.get(product_id)
        return Words(found.name_zh, found.name_en) if found else Words(product_id, product_id)

    def dosing(self, unit: Unit, book: Book, language: str) -> m.DosingScreen:
        """The dosing screen of the dose under way, or of the component that comes next."""
        site = self.shop.desk.site_id
        with self.shop.desk.read() as connection:
            parts = in_dose_order(components_of(connection, site, unit.id))
            dose = open_dose(connection, site, unit.id)
            part = next_component(connection, site, unit.id) or parts[-1]
            if dose is not None:
                part = next(one for one in parts if one.product_id == dose.product_id)
            place = find_container(connection, site, part.container_id or "")
            rest = self.rest(connection, unit, parts)
        gauge = gauge_of(part, dose, self.shop.station_of(unit.bench_id).devices.gauge())
        return m.DosingScreen(
            unit_id=unit.id,
            name=self.product(part.product_id),
            lot_no=part.lot_no or "—",
            bench=Words(unit.bench_id or "", unit.bench_id or ""),
            by_hand=part.dose_by == "pour",
            number=parts.index(part) + 1,
            rows=self.rows(parts, part.product_id),
            gauge=gauge,
            live_url=f"/kiosk/live/{unit.id}",
            seconds_left=None,
            begun=dose is not None,
            container=part.container_id or "",
            place=place_of(place) if place else None,
            over_help=rest.help(part, gauge, book, language) if gauge.state == "over" else "",
        )

    def rows(self, parts: Sequence[Component], now: str | None) -> tuple[m.ComponentRow, ...]:
        """Every component in dose order."""
        return tuple(self._row(one, now) for one in in_dose_order(parts))

    def _row(self, part: Component, now: str | None) -> m.ComponentRow:
        under_mg, over_mg = limits(part)
        state: m.DoseState = "now" if part.product_id == now else "waiting"
        if part.lots and part.product_id != now:
            good = not over(part) and part.actual_mg >= part.target_mg - under_mg
            state = "pass" if good else "deviated"
        shown = part.actual_mg if part.lots and part.product_id != now else None
        return m.ComponentRow(
            self.product(part.product_id), part.target_mg, under_mg, state, shown, tuple(part.lots), over_mg
        )

    def rest(self, connection: Connection, unit: Unit, parts: Sequence[Component]) -> Rest:
        """What the rest of the unit could still make up for."""
        view = View.at(self.shop.desk, connection)
        products = view.known.products
        names = {key: Words(one.name_zh, one.name_en) for key, one in products.items()}
        return Rest(tuple(parts), room(view, unit, self.shop.station_of(unit.bench_id).settings), names)

    def reratio(self, unit: Unit, name: Words, staff_id: str) -> ReratioScreen | None:
        """The decision that this unit waits for between two doses; None when it waits for none."""
        settings, base = self.shop.station_of(unit.bench_id).settings, self.shop.settings.public_base
        with self.shop.desk.read() as connection:
            found = commands.offer(self.shop.desk, connection, staff_id, settings, base, unit.id)
            parts = components_of(connection, self.shop.desk.site_id, unit.id)
        if found is None:
            return None
        part, proposal = found.off.part, found.proposal
        would_be = {one.part.product_id: one for one in proposal.changes} if proposal else {}
        rows = []
        for one in in_dose_order(parts):
            new = would_be.get(one.product_id)
            rows.append(
                ReratioRow(
                    name=self.product(one.product_id),
                    was_mg=one.target_mg,
                    to_mg=new.target_mg if new else None,
                    to_add_mg=new.to_add_mg if new else 0,
                    off=one.product_id == part.product_id,
                    landed=bool(one.lots),
                    was_bp=one.share_bp,
                    to_bp=new.share_bp if new else None,
                )
            )
        return ReratioScreen(
            unit_id=unit.id,
            batch=unit.batch or "",
            name=name,
            part=self.product(part.product_id),
            reason=found.off.reason,
            by_hand=part.dose_by == "pour",
            actual_mg=part.actual_mg,
            target_mg=part.target_mg,
            rows=tuple(rows),
            old_fill_mg=unit.target_mg,
            fill_mg=proposal.fill_mg if proposal else None,
            live_url=f"/kiosk/live/{unit.id}",
            findings=found.verdict.refusals if found.verdict else (),
        )


@dataclass(frozen=True)
class Rest:
    """The components of a unit and the room that they have, for a word while somebody pours."""

    parts: tuple[Component, ...]
    room: Room
    names: dict[str, Words]

    def help(self, part: Component, gauge: m.Gauge, book: Book, language: str) -> str:
        """What a hand that has poured too much may hope for: the same arithmetic as the decision afterwards."""
        landed = replace(part, actual_mg=gauge.mg, lots=part.lots or ["-"])
        parts = [landed if one.product_id == part.product_id else one for one in self.parts]
        ordered = sorted(parts, key=lambda one: one.position)
        found = propose(ordered, Off(landed, "over"), self.room)
        if found is None:
            return book.text(language, "reratio.help_cannot")
        moved = [one for one in found.changes if one.to_add_mg and one.target_mg != one.part.target_mg]
        fill = grams(found.fill_mg)
        if not moved:
            return book.text(language, "reratio.help_fill", fill=fill)
        chinese = language == "zh-CN"
        names = [self.names.get(one.part.product_id, Words(one.part.product_id, one.part.product_id)) for one in moved]
        return book.text(
            language,
            "reratio.help_can",
            names=("、" if chinese else ", ").join(one.zh if chinese else one.en for one in names),
            masses=("、" if chinese else ", ").join(grams(one.target_mg) for one in moved),
            fill=fill,
        )


def gauge_of(part: Component, dose: Dose | None, gauge: Gauge) -> m.Gauge:
    """The gauge of one component: what landed before, and what the scale says of the dose under way."""
    under_mg, over_mg = limits(part)
    mg = part.actual_mg
    if dose is not None and gauge.mg is not None:
        mg += gauge.mg - dose.gross_before_mg
    low, high = part.target_mg - under_mg, part.target_mg + over_mg
    state: m.GaugeState = "filling" if dose is not None else "idle"
    if gauge.state != "ok":
        state = "lost"
    elif dose is not None and mg > high:
        state = "over"
    elif dose is not None and mg >= low:
        state = "in_band"
    shown = m.Gauge(max(mg, 0), part.target_mg, low, high, state, gauge.stable)
    return replace(shown, age_s=gauge.age_ms // 1000) if state == "lost" else shown


def expected_mg(unit: Unit, dose: Dose | None, gauge: Gauge) -> int:
    """What the scale should show of a half-made unit: the last record, and what an open dose may have added since."""
    expected = unit.gross_mg or 0
    if dose is None or gauge.mg is None:
        return expected
    return max(expected, min(gauge.mg, dose.gross_before_mg + dose.target_mg + SAME_CUP_MG))


def same_mass(unit: Unit, dose: Dose | None, gauge: Gauge) -> bool | None:
    """Whether the half-made unit seems to stand on the scale; None while the scale says nothing."""
    if gauge.state != "ok" or gauge.mg is None:
        return None
    return abs(gauge.mg - expected_mg(unit, dose, gauge)) <= SAME_CUP_MG


def mark_of(unit: Unit, parts: Sequence[Component], dose: Dose | None, gauge: Gauge) -> str:
    """What must change for the screen to be another one, in eight characters. Of a stopped unit also what the scale
    says: its screen lets one go on, or not, without being asked again."""
    of_parts = tuple((one.state, one.container_id, one.target_mg) for one in parts)
    waits = same_mass(unit, dose, gauge) if unit.state == "stopped" else None
    told = (unit.state, unit.tag, dose.id if dose else None, of_parts, waits)
    return sha256_hex(repr(told).encode())[:8]


def place_of(one: Container, into: int | None = None) -> Words:
    """Where a container stands; `into`: the channel that one from the shelf is to be put into."""
    zh, en = ("货架", "shelf")
    if one.position:
        zh, en = f"通道 {one.position}", f"channel {one.position}"
    elif into is not None:
        zh, en = f"装到通道 {into}", f"put into channel {into}"
    return Words(f"{one.container_id} · {zh}", f"{one.container_id} · {en}")
