"""Doses: started before anything moves, ended after the drip window; one pumped component follows the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy.exc import DBAPIError

from store_service.blending.cases import View
from store_service.blending.doses import all_dosed, as_they_stand, first_over, limits, next_of
from store_service.blending.lease import Held
from store_service.blending.queries import Component, Dose, Unit, components_of, doses_of, find_unit, open_dose
from store_service.equipment.bench import Bench, DeviceTrouble, DoseOrder, DoseReport
from store_service.records.desk import Actor, Desk, NeedsReason, OutOfStep
from store_service.records.events.blending import DoseEnded, DoseStarted, UnitDosed, UnitStopped
from store_service.records.events.equipment import DeviceFaulted
from store_service.records.ledger import Act
from store_service.rules.refusal import Refused
from store_service.settings import BenchSettings

from .shared import held

log = structlog.get_logger()

SAME_CUP_MG = 200
"""How far the gross mass may have moved since the last reading without anybody having exchanged the cup."""


@dataclass
class Doser:
    """Carries out the doses of one bench. `begin` answers as soon as the dose is on record and under way."""

    desk: Desk
    settings: BenchSettings
    devices: Bench
    spawn: Callable[[Callable[[], None]], None] = lambda work: threading.Thread(target=work, daemon=True).start()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, actor: Actor, unit_id: str, reasons: Mapping[str, str] | None = None) -> str:
        """Start the dose of the next component that lacks mass; returns the dose id. Gate `dose`.

        Raises Refused (R-BLD-07) while a component has more than its band allows and nobody has accepted new targets,
        OutOfStep while a dose is under way or all is dosed, DeviceTrouble when the scale or the pump is not
        there, NeedsReason for a warning that has come up since the start. Another mass on the scale than the record
        says stops the unit (R-BLD-22 is then asked at resume).
        """
        weighed = self.devices.weigh()
        with self.desk.act(actor.staff_id, {"unit": unit_id}) as act:
            unit = held(act, self.desk, actor, self.settings, unit_id, "cup", "dosing")
            if open_dose(act.connection, self.desk.site_id, unit_id) is not None:
                raise OutOfStep("dosing", "between doses")
            parts = as_they_stand(act.connection, self.desk.site_id, unit_id)
            part = first_over(parts) or next_of(parts)  # of one that is over, the gate says why nothing goes on
            if part is None:
                raise OutOfStep("dosed", "dosing")
            if abs(weighed.gross_mg - (unit.gross_mg or 0)) > SAME_CUP_MG:
                act.record(UnitStopped(unit_id=unit_id, reason="cup_changed"))
                order = None
            else:
                order = self._order(act, actor, unit, part, weighed.gross_mg, reasons)
        if order is None:
            raise OutOfStep("stopped: another mass on the scale", "the same cup")
        self._carry_out(actor, unit_id, order)
        return order.dose_id

    def _order(
        self,
        act: Act,
        actor: Actor,
        unit: Unit,
        part: Component,
        gross_mg: int,
        reasons: Mapping[str, str] | None,
    ) -> DoseOrder:
        view = View.at(self.desk, act.connection)
        parts = components_of(act.connection, self.desk.site_id, unit.id)
        source = view.source(part)
        case = replace(
            view.at_bench(view.standing(actor.staff_id), self.settings),
            unit=view.planned(unit, parts),
            source=source,
            progress=view.progress(unit, parts),
        )
        self.desk.require(act, "dose", case, unit.id, reasons)
        container, product = source.container, source.product
        if container is None or product is None:
            raise OutOfStep("without a container", "scanned")
        if part.dose_by == "pump" and container.position is None:
            raise OutOfStep(f"{container.container_id} on the shelf", "mounted on a channel")
        remaining, (under, over) = part.target_mg - part.actual_mg, limits(part)
        bound_ul = (remaining + over) * 1000 * 115 // (product.density_ug_per_ul * 100) + 500
        number = len(doses_of(act.connection, self.desk.site_id, unit.id)) + 1
        order = DoseOrder(
            dose_id=f"{unit.id}/{number}",
            product_id=part.product_id,
            channel=container.position if part.dose_by == "pump" else None,
            target_mg=remaining,
            under_mg=min(under, remaining - 1),
            over_mg=over,
            gross_before_mg=gross_mg,
            max_gross_mg=self.settings.scale.max_gross_mg,
            density_ug_per_ul=product.density_ug_per_ul,
            bound_ul=bound_ul,
            lot_no=container.lot_no,
        )
        act.record(
            DoseStarted(
                dose_id=order.dose_id,
                unit_id=unit.id,
                product_id=part.product_id,
                lot_no=container.lot_no,
                container_id=container.container_id,
                kind="pumped" if order.channel is not None else "poured",
                channel=order.channel,
                target_mg=remaining,
                gross_mg=gross_mg,
                bound_ul=bound_ul,
            )
        )
        return order

    def _carry_out(self, actor: Actor, unit_id: str, order: DoseOrder) -> None:
        def ended(report: DoseReport) -> None:
            self.spawn(lambda: self._ended(actor, unit_id, report))

        try:
            self.devices.begin(order, ended)
        except DeviceTrouble as trouble:
            after: int | None = order.gross_before_mg
            if trouble.uncertain:
                # It may be running all the same: stop it, and let its own report, or the resume, say what landed.
                self.devices.stop()
                after = None
            self.end(
                actor, unit_id, DoseReport(order.dose_id, "fault", trouble.fault, after, "", "", None, 0, 0), trouble
            )
            raise

    def _ended(self, actor: Actor, unit_id: str, report: DoseReport) -> None:
        """What cannot be written stays an open dose: stop and resume read the true grams once there is room again."""
        try:
            self.end(actor, unit_id, report)
        except DBAPIError as error:
            log.error("dose.end_not_recorded", dose=report.dose_id, gross_mg=report.gross_after_mg, why=str(error.orig))
        except Exception:
            log.exception("dose.end_failed", dose=report.dose_id)

    def end(self, actor: Actor, unit_id: str, report: DoseReport, trouble: DeviceTrouble | None = None) -> None:
        """Put the end of a dose on record with what it means for the unit: go on, stop and say why, or all dosed.

        One act, so that no end of this process leaves a unit that waits for nothing. A report that comes after its
        dose was closed (by resume or discard) says nothing new.
        """
        with self._lock:
            follows = None
            with self.desk.act(actor.staff_id) as act:
                unit = find_unit(act.connection, self.desk.site_id, unit_id)
                dose = open_dose(act.connection, self.desk.site_id, unit_id)
                if dose is None or dose.id != report.dose_id:
                    return
                ended = end_dose(act, dose, report) if report.gross_after_mg is not None else None
                if unit.state == "dosing":
                    follows = self._meaning(act, unit, report, ended)
                if report.fault is not None:
                    act.record(
                        DeviceFaulted(
                            bench_id=self.settings.bench_id,
                            device=trouble.device if trouble else "bench",
                            fault=report.fault,
                            detail=trouble.detail[:200] if trouble else "",
                        )
                    )
        # Outside the lock: a dose that cannot begin is ended by this same method.
        if follows is not None and follows.dose_by == "pump" and report.outcome == "done":
            try:
                self.begin(actor, unit_id)
            except (Refused, NeedsReason, DeviceTrouble, OutOfStep, Held) as no:
                log.info("dose.not_begun", unit=unit_id, why=str(no))

    def _meaning(self, act: Act, unit: Unit, report: DoseReport, ended: DoseEnded | None) -> Component | None:
        """Record what the end of a dose makes of its unit; the component that comes next, if the unit goes on. One that
        has landed over its band leaves it where it is, between doses: a person decides."""
        if ended is None or report.outcome not in ("done", "over"):
            act.record(UnitStopped(unit_id=unit.id, reason=report.fault or report.outcome))
            return None
        parts = as_they_stand(act.connection, self.desk.site_id, unit.id, ended)
        if all_dosed(parts):
            act.record(UnitDosed(unit_id=unit.id))
        return next_of(parts)


def end_dose(act: Act, dose: Dose, report: DoseReport) -> DoseEnded:
    """Record the end of an open dose: landed is the difference of two gross readings."""
    landed = None if report.gross_after_mg is None else report.gross_after_mg - dose.gross_before_mg
    ended = DoseEnded(
        dose_id=dose.id,
        unit_id=dose.unit_id,
        product_id=dose.product_id,
        container_id=dose.container_id,
        lot_no=dose.lot_no,
        outcome=report.outcome,
        fault=report.fault,
        gross_before_mg=dose.gross_before_mg,
        gross_after_mg=report.gross_after_mg,
        landed_mg=landed,
        raw_before=report.raw_before,
        raw_after=report.raw_after,
        trace_sha256=act.keep(report.trace, "application/json") if report.trace else None,
        duration_ms=report.duration_ms,
        starts=report.starts,
    )
    act.record(ended)
    return ended
