"""JSON routes of inspections, duties, yearly totals and the inspector's copy."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from store_service.http import ONCE, ActorDep, Body, OnDay, ShopDep
from store_service.quality.export import NothingThere
from store_service.quality.tables import row_json
from store_service.records.desk import Missing
from store_service.rules.dates import beijing_date
from store_service.rules.matters import Sending

from . import commands, duty_acts, queries, rounds
from .take_away import take_away

router = APIRouter(prefix="/api/v1", tags=["inspections"])
Line = Field(default="", max_length=300)


class VisitIn(Body):
    authority: str = Field(min_length=1, max_length=120)
    persons: list[str] = Field(min_length=1, max_length=20)
    ids_shown: bool
    scope: str = Line


class NoteIn(Body):
    kind: str = Field(max_length=20)
    ref: str = Field(default="", max_length=80)
    detail: str = Line
    due: OnDay | None = None


class WordsIn(Body):
    words: str = Field(min_length=1, max_length=300)


class DutyIn(Body):
    kind: str = Field(max_length=30)
    subject: str = Field(default="", max_length=80)
    detail: str = Line
    due: OnDay | None = None


class StepIn(Body):
    step: str = Field(max_length=20)
    ref: str = Field(default="", max_length=80)
    detail: str = Line
    on: OnDay | None = None


class ReportIn(Body):
    product_id: str = Field(max_length=40)
    year: int = Field(ge=2020, le=2100)
    receipt: str = Field(max_length=80)
    on: OnDay | None = None


class PartIn(Body):
    part: str = Field(max_length=30)
    ref: str = Field(max_length=80)


class DecisionIn(Body):
    decided_by: str = Field(max_length=40)
    decision: str = Line
    ref: str = Field(max_length=80)


class CorrectionIn(Body):
    subject: str = Field(max_length=80)
    field: str = Field(max_length=80)
    value: str = Line
    reason: str = Line


class ExportIn(Body):
    day_from: OnDay
    day_to: OnDay
    recipient: str = Field(default="authority", max_length=20)
    country: str = Field(default="CN", min_length=2, max_length=2)
    personal: bool = False
    request_ref: str = Field(default="", max_length=80)
    inspection: str = Field(default="", max_length=40)


@router.get("/inspections")
def inspections(shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    with shop.desk.read() as connection:
        visits = [row_json(one) for one in queries.inspections(connection, shop.desk.site_id)]
        return {"visits": visits, "notes": [row_json(one) for one in queries.notes(connection, shop.desk.site_id)]}


@router.post("/inspections", status_code=201, dependencies=ONCE)
def open_inspection(body: VisitIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    visit = commands.open_inspection(
        shop.desk, shop.vault, actor, body.authority, body.persons, ids_shown=body.ids_shown, scope=body.scope
    )
    return {"inspection": visit}


@router.post("/inspections/{inspection_id}/notes", status_code=201, dependencies=ONCE)
def note(inspection_id: str, body: NoteIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.note(shop.desk, actor, inspection_id, body.kind, body.ref, body.detail, body.due)
    return {"inspection": inspection_id}


@router.post("/inspection-notes/{note_id}/close", dependencies=ONCE)
def close_finding(note_id: str, body: WordsIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.close_finding(shop.desk, actor, note_id, body.words)
    return {"note": note_id}


@router.post("/inspections/{inspection_id}/close", dependencies=ONCE)
def close_inspection(inspection_id: str, body: WordsIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.close_inspection(shop.desk, actor, inspection_id, body.words)
    return {"inspection": inspection_id}


@router.get("/duties")
def duties(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    with shop.desk.read() as connection:
        return [row_json(one) for one in queries.duties(connection, shop.desk.site_id)]


@router.post("/duties", status_code=201, dependencies=ONCE)
def open_duty(body: DutyIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    return {"duty": commands.open_duty(shop.desk, actor, body.kind, body.subject, body.detail, body.due)}


@router.post("/duties/{duty_id}/steps", dependencies=ONCE)
def step_duty(duty_id: str, body: StepIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.step_duty(shop.desk, actor, duty_id, body.step, body.ref, body.detail, body.on)
    return {"duty": duty_id}


@router.post("/duties/{duty_id}/parts", dependencies=ONCE)
def add_part(duty_id: str, body: PartIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """A part of an application's package (R-ANN-07)."""
    duty_acts.add_part(shop.desk, actor, duty_id, body.part, body.ref)
    return {"duty": duty_id}


@router.post("/duties/{duty_id}/decision", dependencies=ONCE)
def decide(duty_id: str, body: DecisionIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """What the head of quality decided of a major issue (R-ANN-08). Gate `duty`."""
    duty_acts.decide(shop.desk, actor, duty_id, body.decided_by, body.decision, body.ref)
    return {"duty": duty_id}


@router.get("/duty-rounds")
def duty_rounds(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    """What comes round by itself and is open, with its day."""
    with shop.desk.read() as connection:
        return [asdict(one) for one in rounds.open_rounds(connection, shop.desk)]


@router.post("/annual-reports", status_code=201, dependencies=ONCE)
def report_annual(body: ReportIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """A product's annual report went out, with its receipt (R-ANN-10). Gate `duty`."""
    duty_acts.report_annual(shop.desk, actor, body.product_id, body.year, body.receipt, body.on)
    return {"report": f"{body.product_id}/{body.year}"}


@router.get("/annual/{year}")
def annual(year: int, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """The year's totals by source product, and where last year's reports stand."""
    if not 2020 <= year <= 2100:
        raise ValueError("year: lies outside the pilot")
    desk = shop.desk
    with desk.read() as connection:
        totals = queries.totals(connection, desk.site_id, year)
        standing = queries.reports(connection, desk, beijing_date(desk.now()))
    return {"year": year, "totals": [asdict(one) for one in totals], "reports": [asdict(one) for one in standing]}


@router.post("/corrections", status_code=201, dependencies=ONCE)
def correct(body: CorrectionIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """A correction beside what stands. Gate `correct`."""
    commands.correct(shop.desk, actor, body.subject, body.field, body.value, body.reason)
    return {"subject": body.subject}


@router.get("/exports")
def exports(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    """What left the shop as an export: when, by whom, for which inspection, the digest of the file."""
    with shop.desk.read() as connection:
        return [row_json(one) for one in queries.sendings(connection, shop.desk.site_id)]


@router.post("/exports", responses={200: {"content": {"application/zip": {}}}})
def export(body: ExportIn, shop: ShopDep, actor: ActorDep) -> Response:
    """The sealed entries and records of some days as one zip that verifies, for an inspector. Gate `send`."""
    wish = Sending(body.recipient, body.personal, body.country, body.request_ref)
    try:
        name, packed = take_away(shop.desk, shop.vault, actor, body.day_from, body.day_to, wish, body.inspection)
    except NothingThere as nothing:
        raise Missing("entries", f"{body.day_from} {body.day_to}") from nothing
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(packed, media_type="application/zip", headers=headers)
