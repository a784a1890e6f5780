"""Keep, pull, move and dispose of samples (R-SMP-02 to 04); weigh what a finished container still held (R-REC-06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from store_service.blending.queries import find_unit
from store_service.catalogue.queries import last_params, registers
from store_service.privacy.commands import case_of
from store_service.privacy.holds import hold_of
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.after import (
    BalanceStruck,
    SampleDisposed,
    SampleKept,
    SampleMoved,
    SamplePulled,
)
from store_service.records.events.catalogue import LotHeld
from store_service.records.events.quality import DeviationRecorded
from store_service.records.ledger import Act
from store_service.records.projections.after import flow
from store_service.rules.case import Container
from store_service.rules.duties import Balance, sample_due
from store_service.rules.matters import PULLED, Disposal
from store_service.stock.queries import find_container

from . import queries

PULLS = ("test", "authority", "complaint", "other")
GAIN = "mass balance: more came out than was in"


@dataclass(frozen=True, slots=True)
class NewSample:
    """A sample for the cabinet. A source's comes out of a container, a blend's is dosed in addition for its unit.
    Mass mg; `temp_c10` of the place in 0.1 °C."""

    mass_mg: int
    place: str
    container_id: str = ""
    unit_id: str = ""
    temp_c10: int | None = None


def keep(desk: Desk, actor: Actor, wanted: NewSample) -> str:
    """Put a sample away; returns its id. Its due date follows from the expiry (R-SMP-03).

    Raises Missing, ValueError for a sample of nothing or of more than the container holds, OutOfStep for a container
    that is used up and for a unit without a use-by date.
    """
    if wanted.mass_mg <= 0 or bool(wanted.container_id) == bool(wanted.unit_id):
        raise ValueError("sample: of one container or one unit, with a mass")
    sample_id = desk.new_id("s")
    with desk.act(actor.staff_id, {"sample": sample_id}) as act:
        known = registers(act.connection, desk.site_id, desk.now())
        product_id = lot_no = envelope_id = ""
        if wanted.container_id:
            container = find_container(act.connection, desk.site_id, wanted.container_id)
            if container is None:
                raise Missing("container", wanted.container_id)
            if container.state in ("empty", "discarded"):
                raise OutOfStep(container.state, "opened")
            if wanted.mass_mg > container.remaining_mg:
                raise ValueError(f"mass_mg: {container.remaining_mg} are left")
            product_id, lot_no = container.product_id, container.lot_no
            lot = known.lots.get((product_id, lot_no))
            if lot is None:
                raise Missing("lot", lot_no)
            expiry: date = lot.expiry
        else:
            unit = find_unit(act.connection, desk.site_id, wanted.unit_id)
            if unit.use_by is None:
                raise OutOfStep(unit.state, "signed")
            envelope_id, expiry = unit.envelope_id, unit.use_by
        act.record(
            SampleKept(
                sample_id=sample_id,
                kind="source" if wanted.container_id else "blend",
                product_id=product_id,
                lot_no=lot_no,
                envelope_id=envelope_id,
                unit_id=wanted.unit_id,
                container_id=wanted.container_id,
                mass_mg=wanted.mass_mg,
                expiry=expiry,
                due=sample_due(expiry, last_params(act.connection, desk)),
                place=wanted.place.strip(),
                temp_c10=wanted.temp_c10,
                by=actor.staff_id,
            )
        )
    return sample_id


def pull(desk: Desk, actor: Actor, sample_id: str, mass_mg: int, purpose: str, receipt: str = "") -> None:
    """Take some out; an authority's sampling names its receipt. Raises ValueError for more than is left.

    To take the last of it for no stated purpose is to dispose of it, which two persons do. Gate `dispose`: what a
    legal hold keeps goes to the authority alone.
    """
    if purpose not in PULLS:
        raise ValueError("purpose: is not offered")
    if purpose == "authority" and not receipt.strip():
        raise ValueError("receipt: the authority's receipt number is needed")
    with desk.act(actor.staff_id, {"sample": sample_id}) as act:
        found = queries.find_sample(act.connection, desk.site_id, sample_id)
        if found.disposed_at is not None:
            raise OutOfStep("disposed", "kept")
        if not 0 < mass_mg <= found.left_mg:
            raise ValueError(f"mass_mg: {found.left_mg} are left")
        if purpose != "authority":
            gone = purpose == "other" and mass_mg == found.left_mg
            _may_go(act, desk, actor, found, "destroyed" if gone else PULLED, None)
        act.record(
            SamplePulled(
                sample_id=sample_id, mass_mg=mass_mg, purpose=purpose, receipt=receipt.strip(), by=actor.staff_id
            )
        )


def move(desk: Desk, actor: Actor, sample_id: str, place: str, temp_c10: int | None) -> None:
    """Another place, or its temperature read again."""
    with desk.act(actor.staff_id, {"sample": sample_id}) as act:
        found = queries.find_sample(act.connection, desk.site_id, sample_id)
        if found.disposed_at is not None:
            raise OutOfStep("disposed", "kept")
        act.record(SampleMoved(sample_id=sample_id, place=place.strip(), temp_c10=temp_c10, by=actor.staff_id))


def dispose(desk: Desk, actor: Actor, sample_id: str, method: str, second: str | None) -> None:
    """Two persons dispose of a sample after its day; the second one's PIN was checked before. Gate `dispose`."""
    with desk.act(actor.staff_id, {"sample": sample_id}) as act:
        found = queries.find_sample(act.connection, desk.site_id, sample_id)
        if found.disposed_at is not None:
            raise OutOfStep("disposed", "kept")
        _may_go(act, desk, actor, found, "destroyed", second)
        act.record(SampleDisposed(sample_id=sample_id, method=method.strip(), by=actor.staff_id, second=second or ""))


def _may_go(act: Act, desk: Desk, actor: Actor, found: Row[Any], outcome: str, second: str | None) -> None:
    lot = f"{found.product_id}/{found.lot_no}"
    matter = Disposal(
        what="sample",
        outcome=outcome,
        by=actor.staff_id,
        second=second,
        due=found.due,
        hold=hold_of(act.connection, desk.site_id, found.id, lot, unit_id=found.unit_id),
    )
    desk.require(act, "dispose", case_of(desk, act, actor.staff_id, matter), found.id)


def strike_balance(desk: Desk, actor: str, container_id: str, residue_mg: int) -> str:
    """The residue of a finished container was weighed; returns balanced, loss or gain (R-REC-06 as amended). Raises
    Missing, OutOfStep for a container that is in use or balanced."""
    with desk.act(actor, {"container": container_id}) as act:
        found, flowed = find_container(act.connection, desk.site_id, container_id), find_flow(act, desk, container_id)
        if found is None or flowed is None:
            raise Missing("container", container_id)
        if found.state not in ("empty", "discarded") or flowed.struck_at is not None:
            raise OutOfStep("balanced" if flowed.struck_at is not None else found.state, "empty")
        return strike(act, desk, actor, found, flowed, residue_mg)


def find_flow(act: Act, desk: Desk, container_id: str) -> Row[Any] | None:
    """What went in and out of a container so far."""
    query = select(flow).where(flow.c.store_id == desk.site_id, flow.c.id == container_id)
    return act.connection.execute(query).one_or_none()


def strike(act: Act, desk: Desk, actor: str, found: Container, flowed: Row[Any], residue_mg: int) -> str:
    """A gain holds the lot, a loss beyond the tolerance of that kind of pack is a deviation."""
    if residue_mg < 0:
        raise ValueError("residue_mg: is a mass")
    params = last_params(act.connection, desk)
    balance = Balance(
        flowed.filled_mg, flowed.dosed_mg, flowed.purged_mg, flowed.sampled_mg, residue_mg, flowed.unknown_doses
    )
    tolerance = params.balance_tol_cartridge_bp if found.kind == "cartridge" else params.balance_tol_pack_bp
    outcome = balance.outcome(tolerance, params.balance_floor_mg)
    act.record(
        BalanceStruck(
            container_id=found.container_id,
            product_id=found.product_id,
            lot_no=found.lot_no,
            filled_mg=balance.filled_mg,
            dosed_mg=balance.dosed_mg,
            purged_mg=balance.purged_mg,
            sampled_mg=balance.sampled_mg,
            residue_mg=residue_mg,
            unknown_doses=balance.unknown,
            lost_mg=balance.lost_mg,
            allowed_mg=balance.allowed(tolerance, params.balance_floor_mg),
            outcome=outcome,
        )
    )
    if outcome == "gain":
        act.record(LotHeld(product_id=found.product_id, lot_no=found.lot_no, reason=GAIN, by=actor))
    if outcome == "loss":
        detail = f"{balance.lost_mg} mg of {balance.filled_mg} mg, {balance.unknown} doses without a reading"
        act.record(
            DeviationRecorded(
                deviation_id=desk.new_id("d"), subject=found.container_id, kind="mass_balance", detail=detail, by=actor
            )
        )
    return outcome
