"""JSON routes of a service: from the notice to the hand-over."""

from __future__ import annotations

import base64
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from store_service.blending.cases import View
from store_service.blending.commands import plan_unit
from store_service.blending.queries import units_of
from store_service.http import ONCE, RENDERERS, ActorDep, Body, ShopDep, answer, finding_json
from store_service.people.commands import second_person
from store_service.records.desk import OutOfStep
from store_service.shop import Shop

from . import naming, wishes
from .pictures import plain_picture
from .queries import explained, find_service
from .texts import propose

router = APIRouter(prefix="/api/v1", tags=["consultation"])


class NoticeIn(Body):
    version: str = Field(max_length=20)


class ConsentsIn(Body):
    purposes: dict[str, bool]


class AnswerIn(Body):
    question: str = Field(max_length=40)
    values: list[str] = Field(max_length=30)
    text: list[str] = Field(default=[], max_length=10)


class UnitIn(Body):
    envelope_id: str = Field(max_length=40)
    shares_bp: list[int] = Field(min_length=1, max_length=12)
    fill_mg: int = Field(gt=0, le=1_000_000)
    pack_sku: str = Field(max_length=40)
    instead_of: str | None = None


class NameIn(Body):
    """What the consumer wants on the pack; empty takes it back."""

    name: str = Field(max_length=40)


class ExplainIn(Body):
    """What was told to the consumer: items of the parameter `explained_items`."""

    items: list[str] = Field(max_length=20)


class ReasonsIn(Body):
    reasons: dict[str, str] = Field(default={})


class AllergenIn(Body):
    allergen: str = Field(min_length=1, max_length=80)
    decision: Literal["allow", "refuse"]
    badge: str = Field(max_length=40)
    pin: str = Field(max_length=12)


class HandOverIn(Body):
    """`recall_card`: who left no contact was given a card with the batch numbers."""

    contact: str | None = Field(default=None, max_length=40)
    recall_card: bool = False


class CancelIn(Body):
    reason: str = Field(min_length=1, max_length=200)


class WithdrawIn(Body):
    purpose: str = Field(max_length=40)


class ReviewIn(Body):
    decision: Literal["kept", "changed", "declined"]
    badge: str = Field(max_length=40)
    pin: str = Field(max_length=12)


class ImageIn(Body):
    """`body` is the picture (JPEG, PNG or WebP) in base64; what the camera wrote beside it is left out."""

    body: str = Field(max_length=2_800_000)
    purpose: str = Field(default="skin_analysis", max_length=20)
    template: bool = False


def service_json(shop: Shop, service_id: str) -> dict[str, Any]:
    """A service without anything personal; the answers are asked for separately."""
    with shop.desk.read() as connection:
        found = find_service(connection, shop.desk.site_id, service_id)
        units = units_of(connection, shop.desk.site_id, service_id)
    return {
        "service_id": found.service_id,
        "state": found.state,
        "opened_at": found.opened_at.isoformat(),
        "notice_version": found.notice_version,
        "consents": {key: value["given"] for key, value in found.consents.items()},
        "consulted_at": found.consulted_at.isoformat() if found.consulted_at else None,
        "allowed": found.allowed,
        "verdict": dict(found.verdict) if found.verdict else None,
        "explained": list(explained(found, units)),
        "units": [
            {
                "unit_id": one.id,
                "state": one.state,
                "batch": one.batch,
                "kind": one.kind,
                "named": one.pack_name is not None,
            }
            for one in units
        ],
    }


RENDERERS["service"] = service_json


@router.get("/texts")
def texts(shop: ShopDep) -> dict[str, Any]:
    """The notice, the purposes and the questions in force."""
    found = shop.counter.texts
    return found.model_dump(include={"notice", "purposes", "consultation_version", "questions"})


@router.post("/services", status_code=201, dependencies=ONCE)
def open_service(shop: ShopDep, actor: ActorDep, body: ReasonsIn | None = None) -> dict[str, Any]:
    """Standing warnings are answered here with the shift's first service, if they were not at its opening."""
    return answer(shop, "service", shop.counter.open(actor, reasons=body.reasons if body else None))


@router.get("/services/{service_id}")
def service(service_id: str, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/notice", dependencies=ONCE)
def notice(service_id: str, body: NoticeIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    shop.counter.show_notice(actor, service_id, body.version)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/consents", dependencies=ONCE)
def consents(service_id: str, body: ConsentsIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    shop.counter.consent(actor, service_id, body.purposes)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/answers", dependencies=ONCE)
def give_answer(service_id: str, body: AnswerIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    shop.counter.answer(actor, service_id, body.question, body.values, body.text)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/consultation", dependencies=ONCE)
def consultation(service_id: str, shop: ShopDep, actor: ActorDep, body: ReasonsIn | None = None) -> dict[str, Any]:
    """The questions are answered: seal them. Gate `consult`."""
    shop.counter.finish(actor, service_id, body.reasons if body else None)
    return answer(shop, "service", service_id)


@router.get("/services/{service_id}/proposal")
def proposal(service_id: str, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """What the answers propose, with the reasons; every envelope in force beside it. A visit that is over proposes
    nothing: what was told is opened at the rights desk, on record (R-PRV-03). 410 once the answers are erased."""
    with shop.desk.read() as connection:
        found = find_service(connection, shop.desk.site_id, service_id)
        if found.state != "open":
            raise OutOfStep(found.state, "open")
        known = View.at(shop.desk, connection).known
    proposed = propose(shop.counter.texts, known.envelopes, shop.vault.get("answers", service_id) or {})
    return {
        "proposal": proposed.model_dump() if proposed else None,
        "envelopes": [one.model_dump(mode="json") for one in known.envelopes.values() if one.status == "approved"],
    }


@router.post("/services/{service_id}/units", status_code=201, dependencies=ONCE)
def plan(service_id: str, body: UnitIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    plan_unit(
        shop.desk,
        actor,
        service_id,
        body.envelope_id,
        body.shares_bp,
        body.fill_mg,
        body.pack_sku,
        instead_of=body.instead_of,
    )
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/units/{unit_id}/name", dependencies=ONCE)
def name_unit(service_id: str, unit_id: str, body: NameIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """A name for the pack of a planned unit. Gate `name`: its words and the label's room (R-LAB-09, 17)."""
    base = shop.settings.public_base
    naming.name_unit(shop.counter, actor, shop.station.settings, base, service_id, unit_id, body.name)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/verdict", dependencies=ONCE)
def verdict(service_id: str, body: ReasonsIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Judge the planned units. 409 `refused` with every "no", 409 `needs-reason` for open warnings."""
    given = shop.counter.verdict(actor, shop.station.settings, shop.settings.public_base, service_id, body.reasons)
    return {
        **answer(shop, "service", service_id),
        "asked": list(given.asked),
        "warnings": [finding_json(one) for one in given.warnings],
    }


@router.post("/services/{service_id}/allergen", dependencies=ONCE)
def allergen(service_id: str, body: AllergenIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """The officer decides on an allergen that could not be told, with badge and PIN."""
    officer = second_person(shop.desk, shop.vault, body.badge, body.pin)
    shop.counter.decide_allergen(actor, service_id, body.allergen, body.decision, officer)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/withdraw", dependencies=ONCE)
def withdraw(service_id: str, body: WithdrawIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Take one consent back, before or after the hand-over (R-CON-06)."""
    wishes.withdraw(shop.counter, actor, service_id, body.purpose)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/review", dependencies=ONCE)
def review(service_id: str, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """The consumer wants a person's decision on the proposal (R-CON-07)."""
    wishes.request_review(shop.counter, actor, service_id)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/review/decide", dependencies=ONCE)
def decide_review(service_id: str, body: ReviewIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """A person decides, with badge and PIN."""
    officer = second_person(shop.desk, shop.vault, body.badge, body.pin)
    wishes.decide_review(shop.counter, actor, service_id, body.decision, officer)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/image", dependencies=ONCE)
def image(service_id: str, body: ImageIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Seal a picture of the skin for some days. Gate `image`; without an impact assessment it stays closed."""
    try:
        picture = base64.b64decode(body.body, validate=True)
    except ValueError as wrong:
        raise ValueError("body: is not base64") from wrong
    wishes.keep_image(shop.counter, actor, service_id, plain_picture(picture), body.purpose, template=body.template)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/explain", dependencies=ONCE)
def explain(service_id: str, body: ExplainIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    shop.counter.explain(actor, service_id, body.items)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/hand-over", dependencies=ONCE)
def hand_over(service_id: str, body: HandOverIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    shop.counter.hand_over(actor, service_id, contact=body.contact, recall_card=body.recall_card)
    return answer(shop, "service", service_id)


@router.post("/services/{service_id}/cancel", dependencies=ONCE)
def cancel(service_id: str, body: CancelIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    shop.counter.cancel(actor, service_id, body.reason)
    return answer(shop, "service", service_id)
