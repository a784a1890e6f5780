"""The name that a consumer wants on the pack (R-LAB-09, 17): screened when it is asked for, sealed in the vault,
printed while it is clean and the label has room. No event carries it."""

from __future__ import annotations

from dataclasses import replace

from store_service.blending.cases import View
from store_service.blending.commands.shared import unit_in
from store_service.blending.queries import Unit
from store_service.labelling.content import clean
from store_service.labelling.queries import lay, nickname
from store_service.records.desk import Actor, Missing
from store_service.records.events.blending import UnitNamed
from store_service.records.ledger import Act
from store_service.rules.case import PlannedUnit
from store_service.rules.dossier import Envelope
from store_service.settings import BenchSettings

from .commands import Counter
from .offers import as_planned
from .queries import PACK_NAME


def screen(counter: Counter, actor: Actor, service_id: str, envelope: Envelope, text: str) -> str:
    """Ask gate `name` about a name before its unit is planned; returns it as it would be set. Raises Refused."""
    name = clean(text)
    with counter.desk.act(actor.staff_id, keyed=False) as act:
        view = View.at(counter.desk, act.connection)
        if name:
            planned = as_planned(view, envelope, envelope.default_bp, envelope.fills_mg[0])
            _require(counter, act, view, actor, planned, name, service_id, fits=True)  # asked when there is a unit
    return name


def name_unit(
    counter: Counter, actor: Actor, bench: BenchSettings, public_base: str, service_id: str, unit_id: str, text: str
) -> None:
    """Keep the name for a planned unit's pack; "" takes it back. Gate `name`: its words, and room on the label."""
    desk, name = counter.desk, clean(text)
    with desk.act(actor.staff_id, {"service": service_id}) as act:
        unit = unit_in(act, desk, unit_id, "planned")
        if unit.service_id != service_id:
            raise Missing("unit", unit_id)
        if not name:
            counter.vault.erase(unit_id, (PACK_NAME,))
            act.record(UnitNamed(unit_id=unit_id, commitment=None))
            return
        view = View.at(desk, act.connection)
        fits = _fits(counter, view, unit, bench, public_base, name)
        _require(counter, act, view, actor, view.planned(unit), name, unit_id, fits=fits)
        sealed = counter.vault.put(PACK_NAME, unit_id, {"name": name}, desk.now())
        act.record(UnitNamed(unit_id=unit_id, commitment=sealed))


def _require(
    counter: Counter,
    act: Act,
    view: View,
    actor: Actor,
    planned: PlannedUnit,
    name: str,
    subject: str,
    *,
    fits: bool,
) -> None:
    case = replace(view.standing(actor.staff_id), units=(planned,), unit=planned, texts=nickname(name), name_fits=fits)
    counter.desk.require(act, "name", case, subject)


def _fits(counter: Counter, view: View, unit: Unit, bench: BenchSettings, public_base: str, name: str) -> bool:
    laid = lay(
        view,
        counter.desk,
        unit,
        public_base=public_base,
        bench_id=bench.bench_id,
        resolution_mg=bench.scale.resolution_mg,
        dpi=bench.dpi,
        nickname=name,
    )
    return laid is not None and laid[1].nickname == name
