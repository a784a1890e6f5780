"""JSON routes of reactions, complaints, returned units and recalls."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from store_service.catalogue.queries import last_params
from store_service.http import ONCE, ActorDep, Body, ShopDep, When
from store_service.people.commands import second_person
from store_service.quality.tables import row_json
from store_service.rules.dates import beijing_date
from store_service.rules.params import Parameters
from store_service.shop import Shop

from . import back, holds, queries, recalls
from .commands import Reactions, Told

router = APIRouter(prefix="/api/v1", tags=["after the sale"])
Line = Field(default="", max_length=200)


class MoreIn(Body):
    symptoms: list[str] = Field(default=[], max_length=20)
    places: list[str] = Field(default=[], max_length=20)
    began: str = Field(default="", max_length=20)
    words: str = Field(default="", max_length=600)


class ReactionIn(MoreIn):
    unit_id: str = Field(default="", max_length=40)
    channel: str = Field(default="counter", max_length=20)
    aware_at: When | None = None
    contact: str = Field(default="", max_length=80)
    reasons: dict[str, Annotated[str, Field(max_length=200)]] = Field(default={}, max_length=20)


class BottleIn(Body):
    unit_id: str = Field(max_length=40)


class AwareIn(Body):
    aware_at: When


class ClassIn(Body):
    severity: str = Field(max_length=20)
    reason: str = Line


class SubmitIn(Body):
    kind: str = Field(default="report", max_length=20)
    receipt: str = Line
    filing_numbers: list[str] | None = Field(default=None, max_length=50)
    lots: list[str] | None = Field(default=None, max_length=50)


class WordsIn(Body):
    words: str = Field(min_length=1, max_length=200)


class LotHoldIn(Body):
    product_id: str = Field(max_length=40)
    lot_no: str = Field(max_length=20)
    cases: list[str] = Field(default=[], max_length=100)
    reason: str = Line


class EnvelopeHoldIn(Body):
    reason: str = Line


class EnvelopeFreeIn(Body):
    reason: str = Line
    badge: str = Field(max_length=40)
    pin: str = Field(max_length=12)


class LotFreeIn(Body):
    product_id: str = Field(max_length=40)
    lot_no: str = Field(max_length=20)
    reason: str = Line
    badge: str = Field(max_length=40)
    pin: str = Field(max_length=12)


class ComplaintIn(Body):
    kind: str = Field(max_length=20)
    unit_id: str = Field(default="", max_length=40)
    words: str = Field(default="", max_length=600)
    contact: str = Field(default="", max_length=80)
    photo: str = Field(default="", max_length=80)
    """The number under which a photo is kept."""


class ReturnIn(Body):
    unit_id: str = Field(max_length=40)
    reason: str = Field(max_length=20)
    gross_mg: int = Field(ge=0, le=50_000_000)
    """Weighed as it comes back: what was not weighed then can never be destroyed (R-ADR-14)."""
    place: str = Line


class DestroyIn(Body):
    method: str = Line
    outcome: str = Field(default="destroyed", max_length=20)
    badge: str = Field(default="", max_length=40)
    pin: str = Field(default="", max_length=12)


class RecallIn(Body):
    product_id: str = Field(max_length=40)
    lot_no: str = Field(max_length=20)
    reason: str = Line
    drill: bool = False


class CallIn(Body):
    consumer_ref: str = Field(max_length=40)
    channel: str = Field(max_length=20)
    outcome: str = Field(max_length=20)


class RecallStepIn(Body):
    step: str = Field(max_length=20)
    ref: str = Field(default="", max_length=80)
    detail: str = Line


def reactions_of(shop: Shop) -> Reactions:
    return Reactions(shop.desk, shop.vault)


def params_of(shop: Shop) -> Parameters:
    with shop.desk.read() as connection:
        return last_params(connection, shop.desk)


def _case(one: queries.Reaction, params: Parameters, shop: Shop) -> dict[str, Any]:
    clock = queries.clock_of(one, params, beijing_date(shop.desk.now()))
    return {
        **{key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in one._asdict().items()},
        "report_due": clock.report_due.isoformat(),
        "selfcheck_due": clock.selfcheck_due.isoformat() if clock.selfcheck_due else None,
        "overdue": clock.overdue,
    }


@router.get("/reactions")
def reactions(shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """Every case with its days, and the lots and envelopes that several of them point at. What was told stays in the
    vault."""
    params, desk = params_of(shop), shop.desk
    with desk.read() as connection:
        found = queries.cases(connection, desk.site_id)
        pointed = queries.signals(connection, desk.site_id, params, desk.now())
    return {"cases": [_case(one, params, shop) for one in found], "signals": [asdict(one) for one in pointed]}


@router.post("/reactions", status_code=201, dependencies=ONCE)
def report(body: ReactionIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    told = Told(tuple(body.symptoms), tuple(body.places), body.began, body.words)
    case_id = reactions_of(shop).report(
        actor.staff_id,
        told,
        unit_id=body.unit_id,
        channel=body.channel,
        aware_at=body.aware_at,
        contact=body.contact,
        reasons=body.reasons,
    )
    return {"reaction": case_id}


@router.post("/reactions/{case_id}/facts", dependencies=ONCE)
def add(case_id: str, body: MoreIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """More was told: it joins the sealed record, and the case is open again (R-ADR-03)."""
    told = Told(tuple(body.symptoms), tuple(body.places), body.began, body.words)
    reactions_of(shop).add(actor.staff_id, case_id, told)
    return {"reaction": case_id}


@router.post("/reactions/{case_id}/unit", dependencies=ONCE)
def link(case_id: str, body: BottleIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """The bottle was found: the case is of this unit from now on."""
    reactions_of(shop).link(actor, case_id, body.unit_id)
    return {"reaction": case_id}


@router.post("/reactions/{case_id}/known-earlier", dependencies=ONCE)
def known_earlier(case_id: str, body: AwareIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    reactions_of(shop).known_earlier(actor, case_id, body.aware_at)
    return {"reaction": case_id}


@router.post("/reactions/{case_id}/class", dependencies=ONCE)
def classify(case_id: str, body: ClassIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    reactions_of(shop).classify(actor, case_id, body.severity, body.reason)
    return {"reaction": case_id}


@router.post("/reactions/{case_id}/report", dependencies=ONCE)
def submit(case_id: str, body: SubmitIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """A report went out; left to itself it names every source and lot (R-ADR-05)."""
    reactions_of(shop).submit(actor, case_id, body.kind, body.receipt, body.filing_numbers, body.lots)
    return {"reaction": case_id}


@router.post("/reactions/{case_id}/close", dependencies=ONCE)
def close(case_id: str, body: WordsIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    reactions_of(shop).close(actor, case_id, body.words)
    return {"reaction": case_id}


@router.post("/lot-holds", status_code=201, dependencies=ONCE)
def hold_lot(body: LotHoldIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """An officer's word holds a lot here and now. Gate `hold`."""
    reactions_of(shop).hold_lot(actor, body.product_id, body.lot_no, body.cases, body.reason)
    return {"lot": f"{body.product_id}/{body.lot_no}"}


@router.post("/lot-holds/free", dependencies=ONCE)
def free_lot(body: LotFreeIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Lift a hold that this shop made: an officer, and whose badge and PIN come with it. Gate `hold`."""
    second = second_person(shop.desk, shop.vault, body.badge, body.pin)
    reactions_of(shop).free_lot(actor, body.product_id, body.lot_no, second, body.reason)
    return {"lot": f"{body.product_id}/{body.lot_no}"}


@router.post("/envelopes/{envelope_id}/hold", status_code=201, dependencies=ONCE)
def hold_envelope(envelope_id: str, body: EnvelopeHoldIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """An officer's word holds an envelope here and now. Gate `hold`."""
    holds.hold_envelope(shop.desk, actor, envelope_id, body.reason)
    return {"envelope": envelope_id}


@router.post("/envelopes/{envelope_id}/free", dependencies=ONCE)
def free_envelope(envelope_id: str, body: EnvelopeFreeIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Lift a hold that this shop made: an officer, and whose badge and PIN come with it. Gate `hold`."""
    second = second_person(shop.desk, shop.vault, body.badge, body.pin)
    holds.free_envelope(shop.desk, actor, envelope_id, second, body.reason)
    return {"envelope": envelope_id}


@router.post("/complaints", status_code=201, dependencies=ONCE)
def complain(body: ComplaintIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """What was said, the contact and the photo's number go into the vault (R-ADR-13)."""
    told = back.Grievance(body.words, body.contact, body.photo)
    return {"complaint": back.complain(shop.desk, shop.vault, actor, body.kind, body.unit_id, told)}


@router.post("/complaints/{complaint_id}/close", dependencies=ONCE)
def settle(complaint_id: str, body: WordsIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    back.settle(shop.desk, actor, complaint_id, body.words)
    return {"complaint": complaint_id}


@router.get("/complaints")
def complaints(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    with shop.desk.read() as connection:
        return [row_json(one) for one in queries.complaints(connection, shop.desk.site_id)]


@router.get("/returns")
def returns(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    with shop.desk.read() as connection:
        return [row_json(one) for one in queries.returns(connection, shop.desk.site_id)]


@router.post("/returns", status_code=201, dependencies=ONCE)
def take_back(body: ReturnIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    return {"return": back.take_back(shop.desk, actor, body.unit_id, body.reason, body.gross_mg, body.place)}


@router.post("/returns/{return_id}/destroy", dependencies=ONCE)
def destroy(return_id: str, body: DestroyIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Two persons: who is signed in, and whose badge and PIN come with it. Gate `dispose`."""
    second = second_person(shop.desk, shop.vault, body.badge, body.pin) if body.badge else None
    back.destroy(shop.desk, actor, return_id, body.method, second, body.outcome)
    return {"return": return_id}


@router.get("/recalls")
def all_recalls(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    with shop.desk.read() as connection:
        return [row_json(one) for one in queries.recalls(connection, shop.desk.site_id)]


@router.post("/recalls", status_code=201, dependencies=ONCE)
def draw_up(body: RecallIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    recall_id = recalls.draw_up(shop.desk, actor, body.product_id, body.lot_no, body.reason, drill=body.drill)
    return {"recall": recall_id}


@router.get("/recalls/{recall_id}")
def recall(recall_id: str, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """Whom to call and what came of it; contacts are opened through the rights desk, one by one."""
    with shop.desk.read() as connection:
        people = recalls.callees(connection, shop.desk, shop.vault, recall_id)
    return {"callees": [asdict(one) for one in people], "effect": recalls.effect(people)}


@router.post("/recalls/{recall_id}/calls", dependencies=ONCE)
def called(recall_id: str, body: CallIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    recalls.called(shop.desk, actor, recall_id, body.consumer_ref, body.channel, body.outcome)
    return {"recall": recall_id}


@router.post("/recalls/{recall_id}/steps", dependencies=ONCE)
def tell_of_recall(recall_id: str, body: RecallStepIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """The filer told, its MPA's receipt, what was done with what came back (R-ADR-09)."""
    recalls.tell(shop.desk, actor, recall_id, body.step, body.ref, body.detail)
    return {"recall": recall_id}


@router.post("/recalls/{recall_id}/close", dependencies=ONCE)
def close_recall(recall_id: str, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    recalls.close(shop.desk, shop.vault, actor, recall_id)
    return {"recall": recall_id}
