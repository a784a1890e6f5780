"""What a consumer may ask of a visit: take a consent back, have a person decide, allow a picture."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

from store_service.blending.cases import View
from store_service.privacy.holds import hold_of
from store_service.privacy.retention import forget, taken_along
from store_service.records.desk import Actor, OutOfStep
from store_service.records.events.privacy import (
    ConsentWithdrawn,
    ImageKept,
    ReviewDecided,
    ReviewRequested,
)
from store_service.rules.dates import beijing_date
from store_service.rules.matters import ImageRequest

from .commands import Counter
from .proposals import review_open
from .queries import find_service
from .visit import on_open

REVIEWS = ("kept", "changed", "declined")
IMAGE_BYTES = 2_000_000


def withdraw(counter: Counter, actor: Actor, service_id: str, purpose: str) -> tuple[str, ...]:
    """Take one consent back (R-CON-06), before or after the hand-over; returns the kinds of records that went.

    A recall contact stays sealed for its statutory time (R-ADR-10), and everything while a legal hold stands.
    Raises OutOfStep for a consent that is not given.
    """
    desk = counter.desk
    with desk.act(actor.staff_id, {"service": service_id}) as act:
        found = find_service(act.connection, desk.site_id, service_id)
        if not found.given(purpose):
            raise OutOfStep("not given", "given")
        kept = hold_of(act.connection, desk.site_id, consumer_ref=found.consumer_ref) is not None
        going = [] if kept else taken_along(counter.vault, service_id, (purpose,), counter.texts.purpose_of)
        kinds = tuple(one.kind for one in going)
        act.record(ConsentWithdrawn(service_id=service_id, purpose=purpose, erased=kinds))
    forget(counter.vault, going, desk.now())  # the next sweep makes up for what ends in between
    return kinds


def request_review(counter: Counter, actor: Actor, service_id: str) -> None:
    """The consumer wants a person to decide on the proposal (R-CON-07)."""
    with on_open(counter.desk, actor, service_id) as (act, _):
        act.record(ReviewRequested(service_id=service_id))


def decide_review(counter: Counter, actor: Actor, service_id: str, decision: str, officer_id: str) -> None:
    """A person has looked at proposal and reasons; the PIN was checked before. Raises OutOfStep when nobody asked."""
    if decision not in REVIEWS:
        raise ValueError(f"decision: one of {', '.join(REVIEWS)}")
    with counter.desk.act(actor.staff_id, {"service": service_id}) as act:
        if not review_open(act.connection, counter.desk.site_id, service_id):
            raise OutOfStep("not asked", "asked for")
        act.record(ReviewDecided(service_id=service_id, decision=decision, officer_id=officer_id))


def keep_image(
    counter: Counter, actor: Actor, service_id: str, body: bytes, purpose: str, *, template: bool = False
) -> None:
    """Seal a picture of the skin for some days. Gate `image`. It identifies nobody, and no face template is made."""
    desk = counter.desk
    if not 0 < len(body) <= IMAGE_BYTES:
        raise ValueError(f"image: at most {IMAGE_BYTES} bytes")
    with desk.act(actor.staff_id, {"service": service_id}) as act:
        found = find_service(act.connection, desk.site_id, service_id)
        view = View.at(desk, act.connection)
        wish = ImageRequest(found.given("skin_image"), purpose, template)
        desk.require(act, "image", replace(view.standing(actor.staff_id), matter=wish), service_id)
        params = desk.ruleset.fill(view.known.params(desk))
        sealed = {"picture": base64.b64encode(body).decode(), "purpose": purpose}
        act.record(
            ImageKept(
                service_id=service_id,
                pia_ref=params.pia_ref or "",
                keep_until=beijing_date(desk.now()) + timedelta(days=params.image_days),
                commitment=counter.vault.put("image", service_id, sealed, desk.now()),
            )
        )
