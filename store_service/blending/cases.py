"""What the gates look at, gathered from every noun that knows a part of it. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import Connection, select

from store_service.catalogue.directory import directory
from store_service.catalogue.queries import Registers, registers
from store_service.equipment.queries import bench_facts
from store_service.inspections.rounds import done_of
from store_service.people.queries import acting, officers_on_duty
from store_service.records.desk import Desk
from store_service.records.ledger import stepped_back
from store_service.records.projections.site import SITE, site_state
from store_service.rules.case import Case, Container, Dosed, PlannedUnit, Progress, Source, Used
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Envelope
from store_service.rules.merge import UseBy, UsePart, add_months, use_by
from store_service.rules.restricted import restrictions_of
from store_service.settings import BenchSettings
from store_service.stock.queries import containers_of, find_container, on_the_shelf
from store_service.sync.behind import sync_facts

from .queries import Component, Unit, components_of, dosed_since, last_day, next_seq, restart_checked_on


@dataclass(frozen=True)
class View:
    """One consistent look, inside one transaction and before anything is recorded in it."""

    desk: Desk
    connection: Connection
    known: Registers
    now: datetime
    _shelves: dict[str, list[Container]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def at(cls, desk: Desk, connection: Connection) -> View:
        now = desk.now()
        return cls(desk, connection, registers(connection, desk.site_id, now), now)

    def standing(self, staff_id: str) -> Case:
        """The standing conditions: shop, roster, person, officers, clock."""
        site_id = self.desk.site_id
        clock_ok = self.connection.execute(
            select(site_state.c.clock_ok).where(site_state.c.store_id == site_id, site_state.c.id == SITE)
        ).scalar()
        if stepped_back(self.connection, site_id, self.now):
            clock_ok = False
        return Case(
            now=self.now,
            site=self.desk.site,
            params=self.known.params(self.desk),
            roster=self.known.roster,
            shelf=tuple(
                self.known.products[one] for one in on_the_shelf(self.connection, site_id) if one in self.known.products
            ),
            person=acting(self.connection, site_id, self.known, staff_id, self.now),
            officers_on_duty=officers_on_duty(self.connection, site_id, self.known, self.desk.site, self.now),
            allergen_groups=self.known.parameters.allergen_groups,
            clock_ok=clock_ok,
            readiness=self.known.readiness,
            sync=sync_facts(self.connection, self.desk),
            started_today=next_seq(self.connection, site_id, beijing_date(self.now)) - 1,
            last_blend_on=last_day(self.connection, site_id),
            restart_checked_on=restart_checked_on(self.connection, site_id),
            done=done_of(self.connection, site_id),
        )

    def planned(self, unit: Unit, components: Sequence[Component] | None = None) -> PlannedUnit:
        """A unit with its sources: the scanned containers where there are some, else the first usable ones."""
        parts = components_of(self.connection, self.desk.site_id, unit.id) if components is None else components
        self._look_at([part.product_id for part in parts])
        return PlannedUnit(
            unit_id=unit.id,
            kind=unit.kind,
            envelope=self._envelope(unit),
            envelope_id=unit.envelope_id,
            target_mg=unit.target_mg,
            sources=tuple(self.source(part) for part in parts),
            pack=self.known.packs.get(unit.pack_sku),
            ordered_mg=unit.ordered_mg,
            used=tuple(self._used(parts)),
            use_by=unit.use_by,
        )

    def _used(self, parts: Sequence[Component]) -> Iterator[Source]:
        """What is in the cup: a source for each container that a dose came from."""
        for part in parts:
            for container_id in part.containers:
                one = self._find(part.product_id, container_id)
                yield Source(
                    product_id=part.product_id,
                    product=self.known.products.get(part.product_id),
                    lot=self.known.lots.get((part.product_id, one.lot_no)) if one else None,
                    container=one,
                    register_attested_at=self.known.attested_at,
                )

    def _envelope(self, unit: Unit) -> Envelope | None:
        found = self.known.envelopes.get(unit.envelope_id)
        return found if found is not None and found.version == unit.envelope_version else None

    def source(self, part: Component, container: Container | None = None) -> Source:
        """One component with its product, lot and container; `container` is the one in hand, if any."""
        shelf = self._usable(part)
        if container is None and part.container_id is not None:
            container = self._find(part.product_id, part.container_id)
        if container is None:
            container = shelf[0] if shelf else None
        before = self._find(part.product_id, part.containers[0]) if part.containers else None
        return Source(
            product_id=part.product_id,
            product=self.known.products.get(part.product_id),
            share_bp=part.share_bp,
            target_mg=part.target_mg,
            lot=self.known.lots.get((container.product_id, container.lot_no)) if container else None,
            container=container,
            register_attested_at=self.known.attested_at,
            spare_mg=sum(
                max(0, one.remaining_mg - one.heel_mg)
                for one in shelf
                if container is None or one.container_id != container.container_id
            ),
            before=before if before and container and before.container_id != container.container_id else None,
        )

    def _usable(self, part: Component) -> list[Container]:
        """Containers that a clerk may take: in date, released, and on a channel when the component is pumped; those
        whose label has changed since (R-LAB-12) come last."""
        today = beijing_date(self.now)
        self._look_at([part.product_id])
        found = [
            one
            for one in self._shelves[part.product_id]
            if (part.dose_by == "pour" or one.position is not None or one.kind == "cartridge")
            and (lot := self.known.lots.get((one.product_id, one.lot_no))) is not None
            and lot.status == "released"
            and not lot.hold
            and lot.expiry >= today
            and self._within_period_after_opening(one, today)
        ]
        return sorted(found, key=lambda one: not self._label_holds(one))

    def used_up(self, part: Component) -> bool:
        """No container that a clerk may take holds more of this component than its heel."""
        return all(one.remaining_mg <= one.heel_mg for one in self._usable(part))

    def _label_holds(self, one: Container) -> bool:
        product, lot = self.known.products.get(one.product_id), self.known.lots.get((one.product_id, one.lot_no))
        if product is None or lot is None:
            return False
        return lot.label_version in (product.label_version, *product.label_versions_in_force)

    def _look_at(self, product_ids: Sequence[str]) -> None:
        """Usable containers of these products, read at once."""
        new = [one for one in product_ids if one not in self._shelves]
        if new:
            self._shelves.update({one: [] for one in new})
            for container in containers_of(self.connection, self.desk.site_id, new):
                self._shelves[container.product_id].append(container)

    def _find(self, product_id: str, container_id: str) -> Container | None:
        shelf = self._shelves.get(product_id, ())
        on_shelf = next((one for one in shelf if one.container_id == container_id), None)
        return on_shelf or find_container(self.connection, self.desk.site_id, container_id)

    def _within_period_after_opening(self, one: Container, today: date) -> bool:
        product = self.known.products.get(one.product_id)
        if one.opened_at is None or product is None or product.pao_months is None:
            return True
        return today <= add_months(beijing_date(one.opened_at), product.pao_months)

    def progress(self, unit: Unit, components: Sequence[Component] | None = None) -> Progress:
        parts = components or components_of(self.connection, self.desk.site_id, unit.id)
        seen = unit.inspection or {}
        return Progress(
            unit_id=unit.id,
            state=unit.state,
            batch=unit.batch,
            started_at=unit.started_at,
            stopped_at=unit.stopped_at if unit.state == "stopped" else None,
            dosed=tuple(dosed(part) for part in parts if part.lots),
            net_mg=unit.net_mg,
            appearance_ok=seen.get("appearance_ok"),
            odour_ok=seen.get("odour_ok"),
            homogeneous_ok=seen.get("homogeneous_ok"),
            mixed=seen.get("mixed"),
            blender_id=unit.blender_id,
            releaser_id=unit.releaser_id,
            signed_at=unit.signed_at,
            manual_mass=any(part.manual for part in parts),
            open_deviations=unit.open_deviations,
            use_by=unit.use_by,
            cup_expected=unit.pack_lot,
        )

    def use_by(self, unit: Unit, components: Sequence[Component]) -> UseBy | None:
        """The use-by date out of every lot and container that went in; None while a part of it is unknown."""
        envelope, parts = self._envelope(unit), list[UsePart]()
        for part in components:
            product = self.known.products.get(part.product_id)
            for container_id in part.containers:
                one = find_container(self.connection, self.desk.site_id, container_id)
                lot = self.known.lots.get((part.product_id, one.lot_no)) if one else None
                if one is None or lot is None or product is None:
                    return None
                parts.append(UsePart(part.product_id, lot.expiry, one.opened_at, product.pao_months))
        if envelope is None or not parts or unit.started_at is None:
            return None
        ceiling = self.desk.ruleset.fill(self.known.params(self.desk)).max_blend_days
        return use_by(unit.started_at, parts, in_use_days=envelope.in_use_days, max_days=ceiling)

    def at_bench(self, case: Case, bench: BenchSettings) -> Case:
        return replace(case, bench=bench_facts(self.connection, self.desk.site_id, bench))

    def knowing(self, case: Case) -> Case:
        """The case with what the imported lists know of its ingredients and of the allergens that were declared."""
        known = directory(self.connection, self.desk.site_id)
        units = (*case.units, *((case.unit,) if case.unit is not None else ()))
        formula = [(s.product, s.share_bp) for unit in units for s in unit.sources if s.product is not None]
        declared = case.consumer.allergies if case.consumer else ()
        return replace(
            case,
            restrictions=restrictions_of(formula, known) if formula else (),
            names={text: tuple(known.find(text)) for text in declared},
        )

    def used_at(self, case: Case, bench: BenchSettings) -> Case:
        """The case at its bench, with every product that went over it since it was cleaned last (R-BLD-23)."""
        case = self.at_bench(case, bench)
        since = case.bench.cleaned_at if case.bench else None
        if case.bench is None:
            return case
        used = tuple(
            Used(product_id, self.known.products.get(product_id), channel)
            for product_id, channel in dosed_since(self.connection, self.desk.site_id, bench.bench_id, since)
        )
        return replace(case, bench=replace(case.bench, used=used))


def dosed(part: Component) -> Dosed:
    return Dosed(
        product_id=part.product_id,
        target_mg=part.target_mg,
        actual_mg=part.actual_mg,
        abs_tol_mg=part.abs_tol_mg,
        rel_tol_bp=part.rel_tol_bp,
        one_sided=part.one_sided,
        lots=tuple(part.lots),
        containers=tuple(part.containers),
        manual=part.manual,
    )
